//! The experiments of Hinton's paper, each a file: what one batch means to it, and how it reads a picture.
//!
//! | recipe | paper | positive data | negative data | how it reads |
//! |---|---|---|---|---|
//! | [`supervised`] | 3.3 | pictures with their label in them | … with a wrong one | goodness of each label; softmax |
//! | [`unsupervised`] | 3.2 | pictures | hybrids of two pictures | softmax on what was learned |
//! | [`recurrent`] | 3.4 | a still video with its label on top | … with a wrong one | goodness of each label as it settles; softmax |
//! | [`backprop`] | – | (the baseline: pictures and their labels) | none | softmax |
//!
//! A recipe knows which rows of a batch are what, and in which order the engine's operations come. Everything else about a
//! run – its schedule, its data, its reports – is the [`Trainer`](crate::training::Trainer)'s.

pub mod backprop;
mod given;
mod opinion;
pub mod recurrent;
pub(crate) mod room;
mod stack;
pub mod supervised;
pub mod unsupervised;

pub use given::Given;
pub use opinion::{Opinion, Under};

use crate::dataset::Label;
use crate::engine::{Activity, Blocks, Delta, Engine, Input, Objective, Pick, Rates, Verdict};
use crate::error::Result;
use crate::model::{Network, RecipeKind, Settings};
use crate::training::Batch;
use backprop::Backprop;
use recurrent::Recurrent;
use supervised::Supervised;
use unsupervised::Unsupervised;

/// One batch to learn from, and what applies to it.
pub struct Lesson<'a, E: Engine> {
    /// Where the arithmetic runs.
    pub engine: &'a E,
    /// The training pictures.
    pub dataset: &'a E::Dataset,
    /// Which of them, and their labels.
    pub batch: &'a Batch,
    /// Wrong labels to be shown, where they are not the recipe's to choose.
    pub wrong_labels: Option<&'a [Label]>,
    /// Batches learned from before this one.
    pub step: u64,
    /// Of the layers.
    pub rates: Rates,
    /// Of the softmax head.
    pub head_rates: Rates,
    /// Whether layers learn in this epoch, or only the head does.
    pub layers_learn: bool,
    /// Whether the head does.
    pub head_learns: bool,
    /// Which layers a person keeps from learning.
    pub frozen: &'a [bool],
}

/// A recipe with the memory its step works in.
#[derive(Debug)]
#[allow(missing_docs, reason = "named as their modules")]
pub enum Recipe<E: Engine> {
    Supervised(Box<Supervised<E>>),
    Unsupervised(Box<Unsupervised<E>>),
    Recurrent(Box<Recurrent<E>>),
    Backprop(Box<Backprop<E>>),
}

impl<E: Engine> Recipe<E> {
    /// The recipe of `network`'s settings.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &E, network: &Network<E>) -> Result<Self> {
        Ok(match network.settings.recipe {
            RecipeKind::Supervised => Self::Supervised(Box::new(Supervised::new(engine, network)?)),
            RecipeKind::Unsupervised => Self::Unsupervised(Box::new(Unsupervised::new(engine, network)?)),
            RecipeKind::Recurrent => Self::Recurrent(Box::new(Recurrent::new(engine, network)?)),
            RecipeKind::Backprop => Self::Backprop(Box::new(Backprop::new(engine, network)?)),
        })
    }

    /// Learns from one batch.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn learn(&mut self, lesson: &Lesson<E>, network: &mut Network<E>, verdicts: &mut [Verdict<E>]) -> Result<()> {
        match self {
            Self::Supervised(recipe) => recipe.learn(lesson, network, verdicts),
            Self::Unsupervised(recipe) => recipe.learn(lesson, network, verdicts),
            Self::Recurrent(recipe) => recipe.learn(lesson, network, verdicts),
            Self::Backprop(recipe) => recipe.learn(lesson, network),
        }
    }

    /// Lets every layer finish the batches it has begun, where layers do not wait for one another.
    pub fn finish(&mut self, engine: &E, network: &mut Network<E>, verdicts: &mut [Verdict<E>]) {
        if let Self::Supervised(recipe) = self {
            recipe.finish(engine, network, verdicts);
        }
    }

    /// The logits of the newest batch's softmax, `[B, 10]`.
    pub fn logits(&self) -> &E::Matrix {
        match self {
            Self::Supervised(recipe) => recipe.logits(),
            Self::Unsupervised(recipe) => recipe.logits(),
            Self::Recurrent(recipe) => recipe.logits(),
            Self::Backprop(recipe) => recipe.logits(),
        }
    }

    /// What the newest batch's positive and negative rows were; `None` for the baseline, which has no negatives.
    pub fn newest(&self) -> Option<Newest<'_, E>> {
        match self {
            Self::Supervised(recipe) => Some(recipe.newest()),
            Self::Unsupervised(recipe) => Some(recipe.newest()),
            Self::Recurrent(recipe) => Some(recipe.newest()),
            Self::Backprop(_) => None,
        }
    }
}

/// Where a batch's pictures, labels and goodness lie.
pub struct Newest<'a, E: Engine> {
    /// The pictures, without labels.
    pub pictures: &'a E::Matrix,
    /// Label codes, where there are any.
    pub labels: Option<&'a E::Labels>,
    /// Each layer's activities.
    pub activities: Vec<&'a Activity<E>>,
    /// What the box between two layers made of those below it, if there is one.
    pub boxed: Option<&'a Activity<E>>,
    /// Which rows are which.
    pub blocks: &'a Blocks,
}

/// Judges layer `index` and has it learn by itself from `input`, if it is to.
#[allow(clippy::too_many_arguments, reason = "what one layer's learning depends on, and nothing else")]
fn learn_locally<E: Engine>(
    engine: &E,
    network: &mut Network<E>,
    index: usize,
    input: &Input<E>,
    activity: &Activity<E>,
    blocks: &Blocks,
    rates: Option<&Rates>,
    verdict: &mut Verdict<E>,
) {
    let objective = objective(&network.settings, index);
    let layer = &mut network.layers[index];
    let rule = layer.rule;
    engine.assess(activity, blocks, &objective, rates, layer, verdict);
    let Some(rates) = rates else { return };
    let delta = Delta::Local { values: &activity.values, verdict, blocks, rule };
    engine.update(input, &delta, rates, &mut layer.below);
    if let Some(mask) = network.regions.as_ref().filter(|_| index == 0) {
        engine.mask(mask, &mut layer.below);
    }
}

/// What layer `index` is asked to reach.
fn objective(settings: &Settings, index: usize) -> Objective {
    Objective {
        threshold: settings.threshold_of(index) * settings.layers[index] as f32,
        temperature: settings.temperature_of(index),
        peer: settings.peer,
    }
}

/// Room to read pictures with a network of any recipe.
#[derive(Debug)]
#[allow(missing_docs, reason = "named as their modules")]
pub enum Reader<E: Engine> {
    Supervised(supervised::Reader<E>),
    Recurrent(recurrent::Reader<E>),
    /// The unsupervised net and the baseline are read alike: one pass, and a softmax.
    Softmax(unsupervised::Reader<E>),
}

impl<E: Engine> Reader<E> {
    /// Room for `capacity` pictures of `network`.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &E, network: &Network<E>, capacity: usize) -> Result<Self> {
        Ok(match network.settings.recipe {
            RecipeKind::Supervised => Self::Supervised(supervised::Reader::new(engine, network, capacity)?),
            RecipeKind::Recurrent => Self::Recurrent(recurrent::Reader::new(engine, network, capacity)?),
            RecipeKind::Unsupervised | RecipeKind::Backprop => {
                Self::Softmax(unsupervised::Reader::new(engine, network, capacity)?)
            }
        })
    }

    /// How many pictures it reads at once.
    pub fn capacity(&self) -> usize {
        match self {
            Self::Supervised(reader) => reader.capacity(),
            Self::Recurrent(reader) => reader.capacity(),
            Self::Softmax(reader) => reader.capacity(),
        }
    }

    /// Begins to read the pictures `picks` of `dataset`, without waiting for the engine.
    ///
    /// # Errors
    /// When the engine has no room or was lost.
    ///
    /// # Panics
    /// If there are more picks than [`Reader::capacity`].
    pub fn begin(
        &mut self,
        engine: &E,
        network: &Network<E>,
        dataset: &E::Dataset,
        picks: &[Pick],
    ) -> Result<Under<E>> {
        assert!(picks.len() <= self.capacity(), "{} pictures for a reader of {}", picks.len(), self.capacity());
        match self {
            Self::Supervised(reader) => reader.begin(engine, network, dataset, picks),
            Self::Recurrent(reader) => reader.begin(engine, network, dataset, picks),
            Self::Softmax(reader) => reader.begin(engine, network, dataset, picks),
        }
    }

    /// What `network` makes of the pictures `picks` of `dataset`.
    ///
    /// # Errors
    /// When the engine was lost.
    ///
    /// # Panics
    /// As [`Reader::begin`].
    pub async fn read(
        &mut self,
        engine: &E,
        network: &Network<E>,
        dataset: &E::Dataset,
        picks: &[Pick],
    ) -> Result<Vec<Opinion>> {
        self.begin(engine, network, dataset, picks)?.finish(engine).await
    }
}

// They compare engines.
#[cfg(all(test, feature = "gpu"))]
mod tests;
