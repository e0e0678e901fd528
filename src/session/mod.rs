//! One person's laboratory: a network, its data, and everything the page asks of them. Knows no JavaScript, so that it
//! is tested natively.

mod answers;
mod ask;
mod beginning;
mod colour;
mod data;
mod fields;
mod follow;
#[cfg(feature = "gpu")]
mod home;
mod look;
mod profile;
mod questions;
mod workshop;

pub use answers::{Exciting, Hybrid, Measured, Mistake, Negative, Progress, Reading, Sample, Shifted};
pub use ask::{Evidence, Rejection};
pub use colour::Places;
pub use data::{DataInfo, Given};
pub use fields::Field;
pub use follow::{Followed, FollowedLayer, Station};
#[cfg(feature = "gpu")]
pub use home::Home;
pub use look::Look;
pub use profile::Profile;
pub use questions::{Answer, Question};

use crate::dataset::source::DataSource;
use crate::dataset::{Images, Label, Shape};
use crate::drawing::{self, Stroke};
use crate::engine::{Engine, Identity, ImageBytes, Pick};
use crate::error::{Error, Result};
use crate::model::{Checkpoint, Settings};
use crate::negatives::hybrid;
use crate::recipe::Reader;
use crate::recipe::unsupervised::Reader as Glance;
use crate::training::{Evaluation, Evaluator, LayerReport, Trainer};
use beginning::bounded;
use data::Data;
use std::rc::Rc;

/// Test pictures read at once until it is known how long that takes, and at least.
const EVALUATION_SLICE: usize = 20;
/// … and through windows, where one takes about as long.
const LOCAL_SLICE: usize = 2;

/// A network, its data, and a run over them.
#[derive(Debug)]
pub struct Session {
    engine: Rc<dyn Engine>,
    trainer: Trainer,
    data: Data,
    reader: Reader,
    /// Made when first asked for.
    evaluator: Option<Evaluator>,
    /// Lessons given besides the run, see [`Session::reject`].
    rejections: u64,
}

impl Session {
    /// What was chosen.
    pub fn settings(&self) -> &Settings {
        self.trainer.settings()
    }

    /// Where the arithmetic runs.
    pub fn identity(&self) -> Identity {
        self.engine.identity()
    }

    /// Takes on what a run may change on its way.
    ///
    /// # Errors
    /// As [`Trainer::apply`].
    pub fn apply(&mut self, settings: Settings) -> Result<()> {
        self.trainer.apply(settings)
    }

    /// Learns from other data from now on. What is made here is made by [`Session::prepare`].
    ///
    /// # Errors
    /// [`Error::Setting`] if the network reads pictures of another shape, or there are fewer than a batch, or absurdly many;
    /// [`Error::Data`] if this run learned from more of them. The data in use stay in use then.
    pub fn use_data(&mut self, data: impl Into<Given>) -> Result<()> {
        let data = data.into();
        if data.source().shape() != self.data.shape() {
            let expected = match self.data.shape() {
                Shape::CIFAR => "this net reads pictures in colour; choose one without windows",
                _ => "this net reads digits; choose one with windows",
            };
            return Err(Error::setting("data", data.source().title(), expected));
        }
        let data = match data {
            Given::Named(source) => {
                bounded(source.train, source.test)?;
                Data::of(source)
            }
            // A run that waits for its data may have learned from a part of them, or from strokes as well.
            Given::Read(dataset) => Data::given(&*self.engine, dataset, self.data.awaits())?,
        };
        self.change_data(data)
    }

    /// Whether it waits for the files of `source`.
    pub fn awaits(&self, source: &DataSource) -> bool {
        self.data.awaits().is_some_and(|awaited| awaited.takes(source))
    }

    fn change_data(&mut self, data: Data) -> Result<()> {
        // A run goes on over the data it began with, and begins anew over others.
        let goes_on = self.data.source().is_same(&data.source());
        self.trainer.change_data(data.train_count(), goes_on)?;
        self.data = data;
        self.evaluator = None;
        Ok(())
    }

    /// Makes pictures for up to `budget` milliseconds of `clock`; the share done, 0 to 1.
    ///
    /// # Errors
    /// When the engine has no room for the data.
    pub fn prepare(&mut self, budget: f64, clock: &dyn Fn() -> f64) -> Result<f32> {
        self.data.prepare(&*self.engine, budget, clock)
    }

    /// Which data are in use.
    pub fn data(&self) -> DataInfo {
        self.data.info()
    }

    /// Learns from batch after batch until `budget` milliseconds of `clock` are over or the run is; at least one batch,
    /// if the run is not.
    ///
    /// # Errors
    /// [`Error::Diverged`] if goodness is no longer a number; [`Error::Data`] if the data are not ready.
    pub async fn train(&mut self, budget: f64, clock: &dyn Fn() -> f64) -> Result<Progress> {
        let began = clock();
        let first = self.trainer.step_count();
        while !self.trainer.is_finished() {
            self.learn()?;
            self.engine.pace().await?;
            if clock() - began >= budget {
                break;
            }
        }
        let layers = if self.trainer.is_finished() {
            self.trainer.report(&*self.engine).await?
        } else {
            self.trainer.report_soon(&*self.engine).await?
        };
        Ok(self.progress(first, began, clock, layers))
    }

    /// Learns from one batch, if the run is not over.
    ///
    /// # Errors
    /// As [`Session::train`].
    pub async fn step(&mut self, clock: &dyn Fn() -> f64) -> Result<Progress> {
        let began = clock();
        let first = self.trainer.step_count();
        if !self.trainer.is_finished() {
            self.learn()?;
        }
        let layers = self.trainer.report(&*self.engine).await?;
        Ok(self.progress(first, began, clock, layers))
    }

    fn learn(&mut self) -> Result<()> {
        let set = self.data.training_set()?;
        self.trainer.step(&*self.engine, set)
    }

    fn progress(&self, first: u64, began: f64, clock: &dyn Fn() -> f64, layers: Vec<LayerReport>) -> Progress {
        let (step, steps_per_epoch) = (self.trainer.step_count(), self.trainer.steps_per_epoch());
        let batch = self.settings().batch as u64;
        Progress {
            step,
            steps_per_epoch,
            total_steps: self.trainer.total_steps(),
            epoch: step as f64 / steps_per_epoch as f64,
            images_seen: step * batch,
            samples: (step - first) * batch,
            milliseconds: clock() - began,
            gain: self.trainer.gain(),
            finished: self.trainer.is_finished(),
            layers,
        }
    }

    /// Keeps layer `layer` (from 1) from learning, or lets it learn again.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no such layer.
    pub fn freeze(&mut self, layer: usize, frozen: bool) -> Result<()> {
        self.trainer.freeze(self.layer_index(layer)?, frozen);
        Ok(())
    }

    fn layer_index(&self, layer: usize) -> Result<usize> {
        let layers = self.settings().layers.len();
        match layer.checked_sub(1) {
            Some(index) if index < layers => Ok(index),
            _ => Err(Error::setting("layer", layer, format!("choose 1 to {layers}"))),
        }
    }

    /// Reads a person's drawing: `None` if nothing was drawn.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn read_drawing(&mut self, strokes: &[Stroke], pen_width: f32) -> Result<Option<Reading>> {
        match drawing::prepare(strokes, pen_width) {
            Some(image) => self.read_image(&image).await.map(Some),
            None => Ok(None),
        }
    }

    /// Reads a picture: 28×28 pixels, or 32×32 in colour where the data are.
    ///
    /// # Errors
    /// [`Error::Shape`] if it is of another size.
    pub async fn read_image(&mut self, image: &[u8]) -> Result<Reading> {
        let dataset = self.one_picture(image)?;
        self.trainer.settle(&*self.engine);
        let picks = [Pick::default()];
        let opinions = self.reader.read(&*self.engine, self.trainer.network(), &dataset, &picks).await?;
        let opinion = &opinions[0];
        Ok(Reading {
            image: image.to_vec(),
            goodness: opinion.goodness.clone(),
            by_step: opinion.by_step.clone(),
            votes: opinion.votes.clone(),
            softmax: opinion.probabilities().unwrap_or_default(),
            label: opinion.label().map(Label::value),
        })
    }

    /// Picture `index` of the test split, going round at its end.
    ///
    /// # Errors
    /// [`Error::Data`] if the data were not brought yet.
    pub fn sample(&self, index: usize) -> Result<Sample> {
        let (image, label) = self.data.test_picture(index)?;
        Ok(Sample { image, label: label.value() })
    }

    /// The first `count` negatives of the newest batch; none before the first.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn negatives(&mut self, count: usize) -> Result<Vec<Negative>> {
        if !self.trainer.has_learned_here() {
            return Ok(vec![]);
        }
        let Some(newest) = self.trainer.newest_negatives(&*self.engine).await? else { return Ok(vec![]) };
        let in_colour = self.data.shape() == Shape::CIFAR;
        let picks =
            self.trainer.newest_batch().filter(|_| in_colour).map(|(_, batch)| &batch.picks[..]).unwrap_or_default();
        let originals: Result<Vec<_>> =
            picks.iter().take(count).map(|&pick| Ok(self.data.training_picture(pick)?.0)).collect();
        Ok(look::negatives(self.settings(), &newest, self.data.shape().pixels(), &originals?, count))
    }

    /// How the first `count` hybrids of the newest batch were made; none but in the unsupervised recipe, and before the
    /// first batch.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn hybrids(&mut self, count: usize) -> Result<Vec<Hybrid>> {
        if !self.settings().recipe.entry().hybrids() || !self.trainer.layers_learn() {
            return Ok(vec![]);
        }
        let Some((step, batch)) = self.trainer.newest_batch().cloned() else { return Ok(vec![]) };
        let Some(newest) = self.trainer.newest_negatives(&*self.engine).await? else { return Ok(vec![]) };
        let key = hybrid::key(self.settings().seed, step as u32, self.settings().blurs);
        let rows = batch.picks.iter().zip(&batch.partners).take(count).enumerate();
        rows.map(|(row, (a, b))| {
            let goodness = newest.goodness.iter().map(|layer| layer[row]).collect();
            workshop::hybrid(&self.data, [*a, *b], &key, row as u32, goodness)
        })
        .collect()
    }

    /// Each layer's goodness of a picture of 28×28 pixels as it is, without a label but what is painted into it.
    ///
    /// # Errors
    /// [`Error::Shape`] if it is of another size.
    pub async fn goodness_of(&mut self, image: &[u8]) -> Result<Vec<f32>> {
        let dataset = self.one_picture(image)?;
        self.trainer.settle(&*self.engine);
        let network = self.trainer.network();
        let mut glance = Glance::new(&*self.engine, network, 1)?;
        let goodness = glance.goodness(&*self.engine, network, &dataset, &[Pick::default()]).await?;
        Ok(goodness.into_iter().map(|layer| layer[0]).collect())
    }

    /// A picture like those of the data as a data set of one.
    fn one_picture(&self, image: &[u8]) -> Result<ImageBytes> {
        let shape = self.data.shape();
        let images = Images::new(shape, image.to_vec())?;
        if images.len() != 1 {
            return Err(Error::Shape {
                operation: "reading one picture",
                left: format!("{} bytes", image.len()),
                right: format!("{} pixels", shape.pixels()),
            });
        }
        self.engine.dataset(&images)
    }

    /// Test pictures read at once, at first and at least.
    fn slice(&self) -> usize {
        if self.settings().window > 0 { LOCAL_SLICE } else { EVALUATION_SLICE }
    }

    /// Begins to measure on the first `images` of the test split.
    ///
    /// # Errors
    /// [`Error::Data`] if the data are not ready.
    pub fn evaluate_start(&mut self, images: usize) -> Result<()> {
        let images = images.min(self.data.test()?.labels.len());
        self.trainer.settle(&*self.engine);
        if let Some(evaluator) = &mut self.evaluator {
            evaluator.restart(images);
        } else {
            let network = self.trainer.network();
            let slice = self.slice();
            self.evaluator = Some(Evaluator::new(&*self.engine, network, images, slice)?);
        }
        Ok(())
    }

    /// Measures on for up to `budget` milliseconds of `clock`.
    ///
    /// # Errors
    /// [`Error::Data`] if the data are not ready; when the engine was lost.
    pub async fn evaluate(&mut self, budget: f64, clock: &dyn Fn() -> f64) -> Result<Measured> {
        self.trainer.settle(&*self.engine);
        let slice = self.slice();
        let test = self.data.test()?;
        let network = self.trainer.network();
        let evaluator = match &mut self.evaluator {
            Some(evaluator) => evaluator,
            none => none.insert(Evaluator::new(&*self.engine, network, test.labels.len(), slice)?),
        };
        evaluator.advance_for(&*self.engine, network, test.images, test.labels, budget, clock, slice).await?;
        let e: &Evaluation = evaluator.evaluation();
        Ok(Measured {
            images: e.images(),
            of: evaluator.of(),
            done: evaluator.is_done(),
            goodness_error: e.goodness_error(),
            softmax_error: e.softmax_error(),
            confusion: e.confusion.iter().flatten().copied().collect(),
        })
    }

    /// Up to `count` test pictures of `label` that the newest measurement read as `read`.
    ///
    /// # Errors
    /// [`Error::Data`] if the data are not ready.
    pub fn mistakes(&self, label: u8, read: u8, count: usize) -> Result<Vec<Mistake>> {
        let Some(evaluator) = &self.evaluator else { return Ok(vec![]) };
        let labels = self.data.test()?.labels;
        let (label, read) = (self.label(label)?, self.label(read)?);
        let pairs = labels.iter().zip(&evaluator.evaluation().read).enumerate();
        pairs
            .filter(|(_, (truth, seen))| **truth == label && **seen == Some(read))
            .take(count)
            .map(|(i, _)| {
                let (image, _) = self.data.test_picture(i)?;
                Ok(Mistake { image, label: label.value(), read: read.value() })
            })
            .collect()
    }

    /// The label of class `value`.
    fn label(&self, value: u8) -> Result<Label> {
        let classes = self.trainer.network().classes;
        let known = Label::new(value).filter(|_| usize::from(value) < classes);
        known.ok_or_else(|| Error::setting("label", value, format!("choose 0 to {}", classes - 1)))
    }

    /// Everything needed to go on.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn checkpoint(&mut self) -> Result<Checkpoint> {
        Ok(Checkpoint { data: Some(self.data.source()), ..self.trainer.checkpoint(&*self.engine).await? })
    }
}

#[cfg(test)]
mod tests;
