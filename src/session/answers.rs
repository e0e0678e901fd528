//! What a session answers: plain values, which the page gets as they are.

use crate::negatives::Negatives;
use crate::training::LayerReport;
use serde::Serialize;

/// How far a run is and what its layers do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Progress {
    /// Batches learned from.
    pub step: u64,
    /// Batches an epoch.
    pub steps_per_epoch: u64,
    /// Batches of the whole run.
    pub total_steps: u64,
    /// Epochs done, with fraction.
    pub epoch: f64,
    /// Images learned from.
    pub images_seen: u64,
    /// Images learned from in this call.
    pub samples: u64,
    /// How long this call took.
    pub milliseconds: f64,
    /// Share of the full rate the next batch gets.
    pub gain: f32,
    /// Whether all epochs are done.
    pub finished: bool,
    /// Each layer over the batches since the last report; on a GPU that is still at work those of a moment ago, and empty if
    /// there are none.
    pub layers: Vec<LayerReport>,
}

/// What the network makes of one picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Reading {
    /// The picture as the network saw it, 28×28.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// Goodness under each of the ten labels (first) in each layer.
    pub goodness: Vec<Vec<f32>>,
    /// The softmax head's probabilities, from one pass with the neutral label.
    pub softmax: Vec<f32>,
    /// The label with the most goodness over all layers but the first.
    pub label: u8,
}

/// A picture the network is being taught to reject.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Negative {
    /// The picture with the wrong label written in, 28×28.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// What it really is.
    pub label: u8,
    /// The wrong label it is shown with.
    pub shown: u8,
    /// Goodness it reached in each layer.
    pub goodness: Vec<f32>,
    /// How the wrong label was chosen.
    pub chosen_by: Negatives,
}

/// How a measurement stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Measured {
    /// Test images read so far.
    pub images: usize,
    /// Of how many.
    pub of: usize,
    /// Whether all were read.
    pub done: bool,
    /// Test error by goodness, percent.
    pub goodness_error: f32,
    /// Test error of the one-pass softmax, percent.
    pub softmax_error: f32,
    /// 100 counts: true label, then label read by goodness.
    pub confusion: Vec<u32>,
}

/// A test picture that was misread.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Mistake {
    /// The picture, 28×28.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// What it is.
    pub label: u8,
    /// What it was read as.
    pub read: u8,
}

/// A picture of the test split.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Sample {
    /// The picture, 28×28.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// What it is.
    pub label: u8,
}
