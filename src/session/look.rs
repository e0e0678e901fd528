//! A look at what a network makes of pictures, without learning from them.
//!
//! A copy of the run learns from one batch and is thrown away. What it saw *before* it learned – goodness, histograms, the
//! negatives it was shown – is what the network is worth as it stands; nothing of it is estimated, and the run is untouched.

use super::{Negative, Session};
use crate::dataset::Shape;
use crate::error::Result;
use crate::model::{Checkpoint, LabelPlace, Settings};
use crate::training::{LayerReport, NewestNegatives, Trainer, TrainingSet};
use serde::Serialize;

/// What a network makes of some pictures that it does not learn from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Look {
    /// Pictures looked at: the first of the training split.
    pub images: usize,
    /// Each layer's goodness of them; empty for the baseline, which has none.
    pub layers: Vec<LayerReport>,
    /// Some of the negatives.
    pub negatives: Vec<Negative>,
    /// Goodness of every positive, `[layer][picture]`.
    pub positive_goodness: Vec<Vec<f32>>,
    /// Goodness of every negative, likewise.
    pub negative_goodness: Vec<Vec<f32>>,
}

/// Pictures looked at.
const IMAGES: usize = 100;
/// … through windows, where each takes some ten times as long.
const LOCAL_IMAGES: usize = 10;

impl Session {
    /// What the network makes of the first hundred training pictures, with `negatives` of their negatives. Works before all
    /// strokes are written.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) if the data have to be brought first; [`Error::Diverged`](crate::Error::Diverged) if
    /// goodness is no number.
    pub async fn look(&mut self, negatives: usize) -> Result<Look> {
        let wanted = if self.settings().window > 0 { LOCAL_IMAGES } else { IMAGES };
        let sample = self.data.first_training_pictures(wanted)?;
        let images = sample.len();
        let set = TrainingSet::new(&*self.engine, &sample)?;
        let run = self.trainer.checkpoint(&*self.engine).await?;
        // Step 0: in a later epoch a recipe whose head learns last would look at nothing.
        let settings = Settings { batch: images, pipelined: false, ..run.settings.clone() };
        let mut copy = Trainer::new(&*self.engine, Checkpoint { settings, step: 0, ..run }, images)?;
        copy.step(&*self.engine, &set)?;
        let layers = copy.report(&*self.engine).await?;
        let newest = copy.newest_negatives(&*self.engine).await?;
        // In colour what lies on the engine is no picture any more, but what it is less its mean.
        let picks = copy.newest_batch().filter(|_| self.data.shape() == Shape::CIFAR);
        let picks = picks.map(|(_, batch)| &batch.picks[..]).unwrap_or_default();
        let originals: Vec<_> = picks.iter().map(|p| sample.images.shifted(p.index as usize, p.dx, p.dy)).collect();
        Ok(Look {
            images,
            layers,
            negatives: newest
                .as_ref()
                .map(|n| self::negatives(copy.settings(), n, sample.images.shape().pixels(), &originals, negatives))
                .unwrap_or_default(),
            positive_goodness: newest.as_ref().map(|n| n.positive_goodness.clone()).unwrap_or_default(),
            negative_goodness: newest.map(|n| n.goodness).unwrap_or_default(),
        })
    }
}

/// The first `count` negatives of `newest` as pictures of so many `pixels`; in colour they look as the `originals`.
pub(super) fn negatives(
    settings: &Settings,
    newest: &NewestNegatives,
    pixels: usize,
    originals: &[Vec<u8>],
    count: usize,
) -> Vec<Negative> {
    let inputs = newest.pixels.len() / newest.truth.len().max(1);
    // Inputs for the label alone, if there are any, come before the picture.
    let front = inputs.saturating_sub(pixels);
    let in_picture = settings.recipe.entry().label == LabelPlace::Picture && front == 0;
    let negatives = newest.truth.iter().zip(&newest.shown).enumerate();
    negatives
        .take(count)
        .map(|(i, (&label, &shown))| {
            let as_seen = || bytes(&newest.pixels[i * inputs + front..(i + 1) * inputs]);
            let mut image = originals.get(i).cloned().unwrap_or_else(as_seen);
            if in_picture {
                image[usize::from(shown)] = u8::MAX;
            }
            let goodness = newest.goodness.iter().map(|layer| layer[i]).collect();
            Negative { image, label, shown, in_picture, goodness, chosen_by: settings.negatives }
        })
        .collect()
}

/// Pixels from 0 to 1 as bytes.
pub(super) fn bytes(pixels: &[f32]) -> Vec<u8> {
    pixels.iter().map(|p| (p * 255.0).round() as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{saved, session, small, steps, strokes};
    use super::*;
    use crate::model::RecipeKind;
    use pollster::block_on;

    #[test]
    fn a_look_changes_nothing_and_sees_what_the_first_step_sees() {
        // A batch of as many pictures as are looked at, and a data set of no more: the look's batch is the run's first.
        let settings = Settings { batch: 100, ..small() };
        let mut session = Session::new(settings).unwrap();
        session.use_data(strokes(100, 20, 1)).unwrap();
        let before = saved(&mut session);
        let look = block_on(session.look(3)).unwrap();
        assert_eq!(saved(&mut session), before);
        while session.prepare(0.0, &|| 0.0).unwrap() < 1.0 {}
        assert_eq!(look, block_on(session.look(3)).unwrap(), "whether the strokes are all written makes no difference");
        let progress = steps(&mut session, 1);
        assert_eq!(look.layers, progress.layers);
        assert_eq!(look.negatives, block_on(session.negatives(3)).unwrap());
        assert_eq!((look.images, look.positive_goodness[1].len(), look.negatives.len()), (100, 100, 3));
        let mean = look.positive_goodness[1].iter().sum::<f32>() / 100.0;
        assert!((mean - look.layers[1].positive_goodness).abs() < 1e-3);
    }

    #[test]
    fn every_recipe_can_be_looked_at() {
        for recipe in [RecipeKind::Supervised, RecipeKind::Unsupervised, RecipeKind::Recurrent, RecipeKind::Backprop] {
            let mut session = session(Settings { layers: vec![30, 20], batch: 20, ..Settings::recommended(recipe) });
            steps(&mut session, 2);
            let before = saved(&mut session);
            let look = block_on(session.look(2)).unwrap();
            assert_eq!(look.layers.len(), if recipe == RecipeKind::Backprop { 0 } else { 2 }, "{recipe:?}");
            assert_eq!(saved(&mut session), before, "{recipe:?}");
        }
    }

    #[test]
    fn begun_again_is_begun_afresh() {
        let settings = small();
        let mut fresh = session(settings.clone());
        let mut other = session(Settings { seed: 9, ..settings.clone() });
        steps(&mut other, 7);
        let beginning = saved(&mut fresh);
        other.begin_again(beginning.clone()).unwrap();
        steps(&mut fresh, 5);
        let progress = steps(&mut other, 5);
        assert_eq!(progress.step, 5);
        assert_eq!(saved(&mut other), saved(&mut fresh));
        let much = Checkpoint { settings: Settings { batch: 1000, ..settings }, ..beginning };
        assert!(other.begin_again(much).is_err());
        assert_eq!(saved(&mut other), saved(&mut fresh), "what cannot begin leaves the run alone");
    }
}
