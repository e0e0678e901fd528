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
    /// Goodness, `[label][layer]`; empty for a net that reads no labels.
    pub goodness: Vec<Vec<f32>>,
    /// The recurrent net's goodness, `[label][time step][layer]`; empty for others.
    pub by_step: Vec<Vec<Vec<f32>>>,
    /// For each layer what its goodness counts in the sum: 1, −1 where positives minimise it, 0 where it has no say.
    pub votes: Vec<f32>,
    /// The softmax head's probabilities, from one pass without a label; empty while the head has learned nothing.
    pub softmax: Vec<f32>,
    /// What it is read as: by goodness where labels are shown to the net, else by the head; nothing before that has learned.
    pub label: Option<u8>,
}

/// How a hybrid negative was made (paper, section 3.2).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Hybrid {
    /// The digit that shows where the mask is 1, 28×28.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub first: Vec<u8>,
    /// The digit that shows elsewhere.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub second: Vec<u8>,
    /// What the two really are.
    pub labels: [u8; 2],
    /// The mask as random bits and after every blur, 255 for 1.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array[]"))]
    pub stages: Vec<serde_bytes::ByteBuf>,
    /// The mask cut at ½: 255 or 0.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub mask: Vec<u8>,
    /// The hybrid.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// Goodness it reached in each layer when it was learned from.
    pub goodness: Vec<f32>,
}

/// A training picture as jitter shows it in one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Shifted {
    /// The picture, 28×28, with nothing where the shift has laid bare.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// The epoch, from 1.
    pub epoch: u64,
    /// Pixels to the right.
    pub dx: i8,
    /// Pixels down.
    pub dy: i8,
}

/// A picture that excites a unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Exciting {
    /// The picture, 28×28.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// What it is.
    pub label: u8,
    /// The unit's activity.
    pub activity: f32,
}

/// A picture the network is being taught to reject.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Negative {
    /// The picture, with the wrong label written in if the recipe has it there, 28×28.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// What it really is.
    pub label: u8,
    /// The wrong label it is shown with.
    pub shown: u8,
    /// Whether the label covers the first pixels of the picture.
    pub in_picture: bool,
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
    /// Test error by goodness, percent; nothing for a net that no label is shown to.
    pub goodness_error: Option<f32>,
    /// Test error of the one-pass softmax, percent; nothing while the head has learned nothing.
    pub softmax_error: Option<f32>,
    /// 100 counts: true label, then label read, by goodness where that is asked and else by the head.
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
