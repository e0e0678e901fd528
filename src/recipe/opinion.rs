//! What a network makes of a picture.

use crate::dataset::Label;
use crate::engine::{Engine, Reading, Sign};
use crate::error::Result;
use crate::model::Settings;

/// What a network makes of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Goodness of each layer (from the bottom) under each label, `[label][layer]`; empty for a net that no label is shown to.
    pub goodness: Vec<Vec<f32>>,
    /// The recurrent net's goodness at every time step, `[label][step][layer]`; empty for others.
    pub by_step: Vec<Vec<Vec<f32>>>,
    /// The softmax head's logits from one pass without a label.
    pub logits: Vec<f32>,
    /// Which layers' goodness counts, and which way: 0 for those that have no say.
    pub votes: Vec<f32>,
}

impl Opinion {
    /// Goodness of each label, summed over the layers that vote, where layers that minimise it on positive pictures count
    /// negative; `None` for a net that no label is shown to.
    pub fn totals(&self) -> Option<Vec<f32>> {
        if self.goodness.is_empty() {
            return None;
        }
        let total = |layers: &Vec<f32>| {
            // Skipped, not multiplied by 0: a layer that ran away must not spoil those that vote.
            let voting = layers.iter().zip(&self.votes).filter(|(_, vote)| **vote != 0.0);
            voting.map(|(goodness, vote)| vote * goodness).sum()
        };
        Some(self.goodness.iter().map(total).collect())
    }

    /// The label that goodness speaks for, if it is asked.
    pub fn by_goodness(&self) -> Option<Label> {
        self.totals().map(|totals| largest(&totals))
    }

    /// Whether the head has learned anything: one that has not is all zero, and any label it named would be invented.
    pub fn has_head(&self) -> bool {
        self.logits.iter().any(|&logit| logit != 0.0)
    }

    /// The softmax head's probabilities, if it has learned anything.
    pub fn probabilities(&self) -> Option<Vec<f32>> {
        let largest = self.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers = self.logits.iter().map(|logit| (logit - largest).exp());
        let sum: f32 = powers.clone().sum();
        self.has_head().then(|| powers.map(|power| power / sum).collect())
    }

    /// The label with the largest logit, if the head has learned anything.
    pub fn by_softmax(&self) -> Option<Label> {
        self.has_head().then(|| largest(&self.logits))
    }

    /// The label it is read as: by goodness where that is asked, else by the head.
    pub fn label(&self) -> Option<Label> {
        self.by_goodness().or_else(|| self.by_softmax())
    }
}

/// For each layer of `settings` what its goodness counts in a reading: +1, −1, or 0 below the first voter.
pub fn votes(settings: &Settings) -> Vec<f32> {
    (0..settings.layers.len())
        .map(|i| match settings.layer_rule(i).sign {
            _ if i < settings.first_voter() => 0.0,
            Sign::Maximise => 1.0,
            Sign::Minimise => -1.0,
        })
        .collect()
}

fn largest(values: &[f32]) -> Label {
    Label::all(values.len())
        .max_by(|a, b| values[usize::from(a.value())].total_cmp(&values[usize::from(b.value())]))
        .expect("ten")
}

/// Opinions on their way out of the engine.
#[derive(Debug)]
pub struct Under {
    pub(super) reading: Option<Reading>,
    pub(super) count: usize,
    pub(super) votes: Vec<f32>,
    pub(super) classes: usize,
    /// Blocks of goodness a layer has, layer by layer; empty where goodness is not read.
    pub(super) blocks: Vec<usize>,
    /// Rows of goodness before the first labelled one.
    pub(super) first_row: usize,
    /// Time steps read, and which of them (from 0) the mean is over; one where there is no time.
    pub(super) steps: usize,
    pub(super) settled: std::ops::Range<usize>,
}

impl Under {
    /// Whether [`Under::finish`] would not have to wait.
    pub fn has_arrived(&self, engine: &dyn Engine) -> bool {
        self.reading.as_ref().is_none_or(|reading| engine.has_arrived(reading))
    }

    /// How many pictures are being read.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The opinions, picture by picture.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn finish(self, engine: &dyn Engine) -> Result<Vec<Opinion>> {
        let Some(reading) = self.reading else { return Ok(vec![]) };
        let mut values = engine.finish_reading(reading).await?;
        let logits = values.pop().unwrap_or_default();
        let (count, layers) = (self.count, self.blocks.len());
        // Step by step, layer by layer, as they were asked for.
        let at = |picture: usize, label: usize, step: usize, layer: usize| -> f32 {
            let blocks = self.blocks[layer];
            let row = self.first_row + label * count + picture;
            values[step * layers + layer][row * blocks..(row + 1) * blocks].iter().sum()
        };
        let opinion = |picture: usize| {
            let by_step: Vec<Vec<Vec<f32>>> = (0..if layers > 0 { self.classes } else { 0 })
                .map(|label| {
                    (0..self.steps)
                        .map(|step| (0..layers).map(|layer| at(picture, label, step, layer)).collect())
                        .collect()
                })
                .collect();
            let mean = |steps: &Vec<Vec<f32>>, layer: usize| {
                let sum: f32 = self.settled.clone().map(|step| steps[step][layer]).sum();
                sum / self.settled.len() as f32
            };
            Opinion {
                goodness: by_step.iter().map(|steps| (0..layers).map(|layer| mean(steps, layer)).collect()).collect(),
                logits: logits[picture * self.classes..(picture + 1) * self.classes].to_vec(),
                votes: self.votes.clone(),
                by_step: if self.steps > 1 { by_step } else { vec![] },
            }
        };
        Ok((0..count).map(opinion).collect())
    }
}
