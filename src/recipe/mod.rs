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
use crate::engine::{
    Activity, Blocks, Delta, Engine, ImageBytes, Input, Labels, Matrix, Objective, Pick, Rates, Verdict,
};
use crate::error::Result;
use crate::model::{Network, RecipeKind, Settings};
use crate::training::Batch;
use backprop::Backprop;
use recurrent::Recurrent;
use supervised::Supervised;
use unsupervised::Unsupervised;

/// One batch to learn from, and what applies to it.
pub struct Lesson<'a> {
    /// Where the arithmetic runs.
    pub engine: &'a dyn Engine,
    /// The training pictures.
    pub dataset: &'a ImageBytes,
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
pub enum Recipe {
    Supervised(Box<Supervised>),
    Unsupervised(Box<Unsupervised>),
    Recurrent(Box<Recurrent>),
    Backprop(Box<Backprop>),
}

impl Recipe {
    /// The recipe of `network`'s settings.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &dyn Engine, network: &Network) -> Result<Self> {
        Ok(match network.settings.recipe {
            RecipeKind::Supervised => Self::Supervised(Box::new(Supervised::new(engine, network)?)),
            RecipeKind::Unsupervised => Self::Unsupervised(Box::new(Unsupervised::new(engine, network)?)),
            RecipeKind::Recurrent | RecipeKind::LocalMax | RecipeKind::LocalMin => {
                Self::Recurrent(Box::new(Recurrent::new(engine, network)?))
            }
            RecipeKind::Backprop | RecipeKind::LocalBackprop => {
                Self::Backprop(Box::new(Backprop::new(engine, network)?))
            }
        })
    }

    /// Learns from one batch.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn learn(&mut self, lesson: &Lesson, network: &mut Network, verdicts: &mut [Verdict]) -> Result<()> {
        match self {
            Self::Supervised(recipe) => recipe.learn(lesson, network, verdicts),
            Self::Unsupervised(recipe) => recipe.learn(lesson, network, verdicts),
            Self::Recurrent(recipe) => recipe.learn(lesson, network, verdicts),
            Self::Backprop(recipe) => recipe.learn(lesson, network),
        }
    }

    /// Lets every layer finish the batches it has begun, where layers do not wait for one another.
    pub fn finish(&mut self, engine: &dyn Engine, network: &mut Network, verdicts: &mut [Verdict]) {
        if let Self::Supervised(recipe) = self {
            recipe.finish(engine, network, verdicts);
        }
    }

    /// The logits of the newest batch's softmax, `[B, 10]`.
    pub fn logits(&self) -> &Matrix {
        match self {
            Self::Supervised(recipe) => recipe.logits(),
            Self::Unsupervised(recipe) => recipe.logits(),
            Self::Recurrent(recipe) => recipe.logits(),
            Self::Backprop(recipe) => recipe.logits(),
        }
    }

    /// What the newest batch's positive and negative rows were; `None` for the baseline, which has no negatives.
    pub fn newest(&self) -> Option<Newest<'_>> {
        match self {
            Self::Supervised(recipe) => Some(recipe.newest()),
            Self::Unsupervised(recipe) => Some(recipe.newest()),
            Self::Recurrent(recipe) => Some(recipe.newest()),
            Self::Backprop(_) => None,
        }
    }
}

/// Where a batch's pictures, labels and goodness lie.
pub struct Newest<'a> {
    /// The pictures, without labels.
    pub pictures: &'a Matrix,
    /// Label codes, where there are any.
    pub labels: Option<&'a Labels>,
    /// Each layer's activities.
    pub activities: Vec<&'a Activity>,
    /// What the box between two layers made of those below it, if there is one.
    pub boxed: Option<&'a Activity>,
    /// Which rows are which.
    pub blocks: &'a Blocks,
}

/// Judges layer `index` and has it learn by itself from `input`, if it is to.
#[allow(clippy::too_many_arguments, reason = "what one layer's learning depends on, and nothing else")]
fn learn_locally(
    engine: &dyn Engine,
    network: &mut Network,
    index: usize,
    input: &Input,
    activity: &Activity,
    blocks: &Blocks,
    rates: Option<&Rates>,
    verdict: &mut Verdict,
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
pub enum Reader {
    Supervised(supervised::Reader),
    Recurrent(recurrent::Reader),
    /// The unsupervised net and the baseline are read alike: one pass, and a softmax.
    Softmax(unsupervised::Reader),
}

impl Reader {
    /// Room for `capacity` pictures of `network`.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &dyn Engine, network: &Network, capacity: usize) -> Result<Self> {
        Ok(match network.settings.recipe {
            RecipeKind::Supervised => Self::Supervised(supervised::Reader::new(engine, network, capacity)?),
            RecipeKind::Recurrent | RecipeKind::LocalMax | RecipeKind::LocalMin => {
                Self::Recurrent(recurrent::Reader::new(engine, network, capacity)?)
            }
            RecipeKind::Unsupervised | RecipeKind::Backprop | RecipeKind::LocalBackprop => {
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
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
        picks: &[Pick],
    ) -> Result<Under> {
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
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
        picks: &[Pick],
    ) -> Result<Vec<Opinion>> {
        self.begin(engine, network, dataset, picks)?.finish(engine).await
    }
}

// They compare engines.
#[cfg(all(test, feature = "gpu"))]
mod tests;
