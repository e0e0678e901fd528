//! What a person is told about a layer.

use crate::engine::metric;
use serde::Serialize;

/// A layer's state, averaged over the batches since the last report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LayerReport {
    /// Units `N`.
    pub units: usize,
    /// Threshold `θ`, in units of goodness.
    pub threshold: f32,
    /// Mean goodness of positive pictures.
    pub positive_goodness: f32,
    /// Mean goodness of negative pictures.
    pub negative_goodness: f32,
    /// Share, 0 to 1, of pictures whose positive had more goodness than their negative.
    pub separated: f32,
    /// Mean `softplus(−(g₊ − θ)/T) + softplus((g₋ − θ)/T)`.
    pub loss: f32,
    /// Units whose running mean activity on positive pictures has died away.
    pub dead: usize,
    /// Positive pictures a bin of `log2(g/θ)`.
    pub positive_histogram: Vec<f32>,
    /// Negative pictures a bin.
    pub negative_histogram: Vec<f32>,
    /// Whether the layer is kept from learning.
    pub frozen: bool,
}

/// A running mean below this is an activity not seen for about a hundred batches: at a tenth a batch, 0.9^100 ≈ 3e-5.
const DEAD: f32 = 1e-4;

impl LayerReport {
    /// From the sums of [`crate::engine::Verdict::metrics`]; `None` before any batch.
    pub fn new(sums: &[f32], mean_activity: &[f32], threshold: f32, frozen: bool) -> Option<Self> {
        let rows = sums[metric::ROWS];
        if rows == 0.0 {
            return None;
        }
        Some(Self {
            units: mean_activity.len(),
            threshold,
            positive_goodness: sums[metric::POSITIVE] / rows,
            negative_goodness: sums[metric::NEGATIVE] / rows,
            separated: sums[metric::SEPARATED] / rows,
            loss: sums[metric::LOSS] / rows,
            // Of tanh, a unit that says −1 to most is as alive as one that says 1.
            dead: mean_activity.iter().filter(|m| m.abs() < DEAD).count(),
            positive_histogram: sums[metric::POSITIVE_HISTOGRAM..metric::NEGATIVE_HISTOGRAM].to_vec(),
            negative_histogram: sums[metric::NEGATIVE_HISTOGRAM..metric::COUNT].to_vec(),
            frozen,
        })
    }

    /// Whether goodness is still a number.
    pub fn is_finite(&self) -> bool {
        self.positive_goodness.is_finite() && self.negative_goodness.is_finite()
    }
}
