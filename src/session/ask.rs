//! What a person can ask of a network: which strokes speak for a label, and to reject a picture of their own.

use super::{EVALUATION_SLICE, Reading, Session};
use crate::dataset::{Images, Shape};
use crate::engine::Pick;
use crate::error::{Error, Result};
use crate::model::LabelPlace;
use crate::recipe::{Given, Opinion, Reader};
use crate::training::Order;
use serde::Serialize;

/// Which strokes speak for a label, found by leaving them out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Evidence {
    /// The label.
    pub label: u8,
    /// For each of 28×28 pixels what the label loses without the strokes around it, on average over the windows that cover
    /// it: above 0 they speak for it, below against it. 0 where there is no stroke.
    pub map: Vec<f32>,
    /// The label's goodness over the mean of the others, in the layers that vote.
    pub lead: f32,
    /// Pictures read for it.
    pub readings: usize,
}

/// What came of a picture that was to be rejected.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Rejection {
    /// How the picture was read before.
    pub before: Reading,
    /// … and after.
    pub after: Reading,
    /// Batches that were learned from, each of real pictures against this one.
    pub lessons: usize,
}

/// Side of the square window that is left blank, and how far it moves, in pixels.
const WINDOW: usize = 4;
const STRIDE: usize = 2;

/// Separates the order of the pictures shown beside a rejected one from the run's own.
const BESIDE: u32 = 0x7265_6a65;

impl Session {
    /// Which strokes of a picture of 28×28 pixels speak for `label` and which against it, by occlusion: a window of 4×4 pixels
    /// is left blank here and there, and the picture read again.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no such label, or no label is shown to this net; [`Error::Shape`] if the picture is of
    /// another size.
    pub async fn evidence(&mut self, image: &[u8], label: u8) -> Result<Evidence> {
        if self.data.shape() != Shape::MNIST {
            let expected = "only strokes on paper can be left out; choose digits, such as strokes or mnist";
            return Err(Error::setting("data", "pictures in colour", expected));
        }
        self.label(label)?;
        // Also refuses what is no picture.
        let whole = self.read_image(image).await?;
        if whole.goodness.is_empty() {
            let expected = "no label is shown to this net, so no stroke can speak for one by goodness";
            return Err(Error::setting("recipe", "this one", expected));
        }
        let Shape { width, height, .. } = Shape::MNIST;
        let inside = |corner: usize, x: usize| (corner..corner + WINDOW).contains(&(x + WINDOW - STRIDE));
        let corners = |size: usize| (0..size + STRIDE).step_by(STRIDE);
        let mut windows = vec![];
        let mut bytes = vec![];
        for (top, left) in corners(height).flat_map(|top| corners(width).map(move |left| (top, left))) {
            let covered: Vec<usize> = (0..width * height)
                .filter(|i| image[*i] > 0 && inside(top, i / width) && inside(left, i % width))
                .collect();
            if !covered.is_empty() {
                let mut blank = image.to_vec();
                for &i in &covered {
                    blank[i] = 0;
                }
                bytes.extend(blank);
                windows.push(covered);
            }
        }
        let mut map = vec![0.0; image.len()];
        let mut times = vec![0_u32; image.len()];
        let lead = lead(&whole.goodness, &whole.votes, label);
        if !windows.is_empty() {
            let dataset = self.engine.dataset(&Images::new(Shape::MNIST, bytes)?)?;
            let network = self.trainer.network();
            let mut reader = Reader::new(&*self.engine, network, EVALUATION_SLICE)?;
            let picks: Vec<Pick> = (0..windows.len()).map(|i| Pick { index: i as u32, ..Pick::default() }).collect();
            for (picks, windows) in picks.chunks(EVALUATION_SLICE).zip(windows.chunks(EVALUATION_SLICE)) {
                let opinions = reader.read(&*self.engine, network, &dataset, picks).await?;
                for (Opinion { goodness, votes, .. }, covered) in opinions.iter().zip(windows) {
                    let lost = lead - self::lead(goodness, votes, label);
                    for &pixel in covered {
                        map[pixel] += lost;
                        times[pixel] += 1;
                    }
                }
            }
        }
        map.iter_mut().zip(times).for_each(|(value, times)| *value /= times.max(1) as f32);
        Ok(Evidence { label, map, lead, readings: windows.len() + 1 })
    }

    /// Teaches the network to reject a picture of 28×28 pixels: `lessons` batches, each of training pictures as positives and
    /// this one, under every label in turn, as negatives. Besides the run: its step does not count them, but its weights keep
    /// them.
    ///
    /// # Errors
    /// [`Error::Setting`] for recipes whose negatives are no labelled pictures; [`Error::Data`] if the data are not ready.
    pub async fn reject(&mut self, image: &[u8], lessons: usize) -> Result<Rejection> {
        if self.settings().recipe.entry().label != LabelPlace::Picture {
            let expected = "choose supervised, whose negatives are pictures with a label in them";
            return Err(Error::setting("recipe", "this one", expected));
        }
        let before = self.read_image(image).await?;
        let (batch, seed) = (self.settings().batch, self.settings().seed);
        let network = self.trainer.network();
        let (inputs, classes) = (network.inputs(), network.classes);
        let labels = &self.data.training_set()?.labels;
        let mut order = Order::new(seed ^ BESIDE, labels.len());
        let mut given = Given::new(&*self.engine, self.trainer.network(), batch)?;
        for _ in 0..lessons {
            let beside = order.batch(self.rejections, batch, 0, labels);
            self.rejections += 1;
            let mut bytes = vec![];
            for pick in beside.picks {
                let (picture, label) = self.data.training_picture(pick)?;
                bytes.extend(labelled(&picture, inputs, classes, label.value()));
            }
            for row in 0..batch {
                bytes.extend(labelled(image, inputs, classes, (row % classes) as u8));
            }
            let rows = Shape { height: 1, width: inputs, channels: 1 };
            let dataset = self.engine.dataset(&Images::new(rows, bytes)?)?;
            self.trainer.learn_given(&*self.engine, &dataset, &mut given);
        }
        let after = self.read_image(image).await?;
        Ok(Rejection { before, after, lessons })
    }
}

/// A row of `inputs` bytes: a picture at its end, and a label of `classes` written into the first of them.
fn labelled(image: &[u8], inputs: usize, classes: usize, label: u8) -> Vec<u8> {
    let mut row = vec![0; inputs - image.len()];
    row.extend(image);
    row[..classes].fill(0);
    row[usize::from(label)] = u8::MAX;
    row
}

/// By how much a label's goodness exceeds the mean of the others', in the layers that vote.
fn lead(goodness: &[Vec<f32>], votes: &[f32], label: u8) -> f32 {
    let total = |layers: &Vec<f32>| -> f32 { layers.iter().zip(votes).map(|(g, vote)| g * vote).sum() };
    let all: f32 = goodness.iter().map(total).sum();
    let own = total(&goodness[usize::from(label)]);
    own - (all - own) / (goodness.len() as f32 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{saved, session, small, steps};
    use super::*;
    use crate::model::Settings;
    use pollster::block_on;

    fn learned() -> Session {
        let mut session = session(Settings { layers: vec![100, 60], epochs: 60, ..small() });
        steps(&mut session, 300);
        session
    }

    #[test]
    fn evidence_is_what_a_label_loses_without_the_strokes() {
        let mut session = learned();
        let image = session.sample(0).unwrap().image;
        let label = session.sample(0).unwrap().label;
        let evidence = block_on(session.evidence(&image, label)).unwrap();
        assert!(evidence.map.iter().zip(&image).all(|(value, ink)| *ink > 0 || *value == 0.0));
        assert!(evidence.map.iter().any(|v| *v > 0.0) && evidence.map.iter().any(|v| *v < 0.0));
        // One pixel, by hand: the mean over the four windows that cover it.
        let pixel = (0..784).find(|&i| image[i] > 0 && evidence.map[i] != 0.0).unwrap();
        let (y, x) = (pixel / 28, pixel % 28);
        let mut lost = vec![];
        for top in [y & !1, (y & !1) + 2].map(|t| t as i64 - 2) {
            for left in [x & !1, (x & !1) + 2].map(|l| l as i64 - 2) {
                let mut without = image.clone();
                for (i, value) in without.iter_mut().enumerate() {
                    let (v, u) = ((i / 28) as i64, (i % 28) as i64);
                    if (top..top + 4).contains(&v) && (left..left + 4).contains(&u) {
                        *value = 0;
                    }
                }
                let reading = block_on(session.read_image(&without)).unwrap();
                lost.push(evidence.lead - lead(&reading.goodness, &reading.votes, label));
            }
        }
        let expected = lost.iter().sum::<f32>() / 4.0;
        let found = evidence.map[pixel];
        assert!((found - expected).abs() <= 1e-3 * expected.abs().max(1.0), "{found} {expected}");
        assert!(block_on(session.evidence(&image, 10)).unwrap_err().to_string().contains("choose 0 to 9"));
    }

    #[test]
    fn a_given_picture_is_rejected_and_digits_still_are_not() {
        let mut session = learned();
        let mut cross = vec![0; 784];
        for i in 4..24 {
            cross[29 * i..29 * i + 2].fill(255);
            cross[27 * (i + 1)..27 * (i + 1) + 2].fill(255);
        }
        let error = |session: &mut Session| {
            session.evaluate_start(60).unwrap();
            block_on(session.evaluate(f64::INFINITY, &|| 0.0)).unwrap().goodness_error.unwrap()
        };
        let (before, step) = (error(&mut session), saved(&mut session).step);
        let rejection = block_on(session.reject(&cross, 40)).unwrap();
        let most = |reading: &Reading, layer: usize| {
            reading.goodness.iter().map(|layers| layers[layer]).fold(f32::MIN, f32::max)
        };
        for layer in 0..2 {
            let (was, is) = (most(&rejection.before, layer), most(&rejection.after, layer));
            assert!(is < 0.8 * was, "layer {layer}: {was} → {is}");
        }
        assert_eq!(saved(&mut session).step, step);
        let after = error(&mut session);
        assert!(after <= before + 10.0, "{before} → {after}");
        // Frozen layers do not learn from it either.
        session.freeze(1, true).unwrap();
        let weights = saved(&mut session).layers[0].weight.clone();
        block_on(session.reject(&cross, 1)).unwrap();
        assert_eq!(saved(&mut session).layers[0].weight, weights);
    }
}
