//! Everything a person can choose about a run, checked in one place.

use crate::error::{Error, Result};
use crate::negatives::Negatives;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// A run's settings. The names are those of the URL, the command line and the checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Settings {
    /// Units of each hidden layer, from the bottom.
    pub layers: Vec<usize>,
    /// Pictures a batch.
    pub batch: usize,
    /// How often the training data are gone through; the rate falls to about zero over the second half.
    pub epochs: usize,
    /// Every random choice follows from it.
    pub seed: u32,
    /// Learning rate ε.
    pub rate: f32,
    /// Temperature T of `p(real) = σ((g − θ)/T)`.
    pub temperature: f32,
    /// Threshold θ as a multiple of the layer's units.
    pub threshold: f32,
    /// Momentum μ of weights, biases and head.
    pub momentum: f32,
    /// Weight cost c.
    pub weight_cost: f32,
    /// Strength λ of peer normalisation.
    pub peer: f32,
    /// Learning rate of the softmax head.
    pub head_rate: f32,
    /// Weight cost of the softmax head.
    pub head_weight_cost: f32,
    /// How wrong labels are chosen.
    pub negatives: Negatives,
    /// Each picture is shifted by up to this many pixels each way, anew in every epoch; the label is written after.
    pub jitter: usize,
}

impl Default for Settings {
    /// The recommended settings: 3×500 and ALGORITHM's better default, ε = 0.02 with T = 20.
    fn default() -> Self {
        Self { rate: 0.02, temperature: 20.0, ..Self::hinton() }
    }
}

impl Settings {
    /// Hinton's published settings (MATLAB code of 2022), on 3×500 units: ε = 0.01 and T = 1.
    pub fn hinton() -> Self {
        Self {
            layers: vec![500, 500, 500],
            batch: 100,
            epochs: 10,
            seed: 1,
            rate: 0.01,
            temperature: 1.0,
            threshold: 1.0,
            momentum: 0.9,
            weight_cost: 0.001,
            peer: 0.03,
            head_rate: 0.1,
            head_weight_cost: 0.003,
            negatives: Negatives::Softmax,
            jitter: 0,
        }
    }

    /// Itself, if every setting is in its range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first setting that is not, and its range.
    pub fn checked(self) -> Result<Self> {
        within("layers", &self.layers.len(), 1..=8, "hidden layers")?;
        for units in &self.layers {
            within("layers", units, 10..=3072, "units in each layer")?;
        }
        within("batch", &self.batch, 1..=1000, "pictures")?;
        within("epochs", &self.epochs, 1..=1000, "epochs")?;
        within("rate", &self.rate, 0.0..=1.0, "")?;
        within("temperature", &self.temperature, 0.01..=1000.0, "")?;
        within("threshold", &self.threshold, 0.01..=100.0, "times the layer's units")?;
        within("momentum", &self.momentum, 0.0..=0.999, "")?;
        within("weight_cost", &self.weight_cost, 0.0..=1.0, "")?;
        within("peer", &self.peer, 0.0..=10.0, "")?;
        within("head_rate", &self.head_rate, 0.0..=10.0, "")?;
        within("head_weight_cost", &self.head_weight_cost, 0.0..=1.0, "")?;
        within("jitter", &self.jitter, 0..=4, "pixels")?;
        if self.layers.len() == 1 && self.negatives != Negatives::Random {
            return Err(Error::setting(
                "negatives",
                match self.negatives {
                    Negatives::Softmax => "softmax",
                    _ => "goodness",
                },
                "hard negatives come from the layers above the first, and there is only one; choose random",
            ));
        }
        Ok(self)
    }

    /// The settings that differ from `other` and that a run cannot change on its way.
    pub fn restart_needed(&self, other: &Self) -> Vec<&'static str> {
        let differs = [
            ("layers", self.layers != other.layers),
            ("batch", self.batch != other.batch),
            ("seed", self.seed != other.seed),
            ("threshold", self.threshold.to_bits() != other.threshold.to_bits()),
            ("momentum", self.momentum.to_bits() != other.momentum.to_bits()),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    /// The share of the full rate in epoch `epoch`, counted from 1: 1 for the first half of the epochs, then a straight
    /// line to about zero.
    pub fn gain(&self, epoch: usize) -> f32 {
        let (e, all) = (epoch as f32, self.epochs as f32);
        ((1.0 + 2.0 * (all - e)) / all).clamp(0.0, 1.0)
    }
}

fn within<T: PartialOrd + Display + std::fmt::Debug>(
    setting: &'static str,
    value: &T,
    range: RangeInclusive<T>,
    unit: &str,
) -> Result<()> {
    // NaN is in no range.
    if range.contains(value) {
        return Ok(());
    }
    let space = if unit.is_empty() { "" } else { " " };
    Err(Error::setting(setting, value, format!("choose {} to {}{space}{unit}", range.start(), range.end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_presets_are_in_range() {
        assert_eq!(Settings::default().checked(), Ok(Settings::default()));
        assert_eq!(Settings::hinton().checked(), Ok(Settings::hinton()));
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_range() {
        let bad = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.checked().unwrap_err().to_string()
        };
        assert_eq!(bad(|s| s.batch = 0), "batch = 0 is not possible: choose 1 to 1000 pictures");
        assert_eq!(
            bad(|s| s.layers = vec![500, 9]),
            "layers = 9 is not possible: choose 10 to 3072 units in each layer"
        );
        assert_eq!(bad(|s| s.layers = vec![]), "layers = 0 is not possible: choose 1 to 8 hidden layers");
        assert_eq!(bad(|s| s.rate = f32::NAN), "rate = NaN is not possible: choose 0 to 1");
        assert!(bad(|s| s.layers = vec![500]).contains("choose random"));
    }

    #[test]
    fn gain_is_one_for_half_the_epochs_and_then_falls_to_about_zero() {
        let settings = Settings { epochs: 10, ..Settings::default() };
        let gains: Vec<f32> = (1..=10).map(|e| settings.gain(e)).collect();
        assert_eq!(gains, [1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 0.7, 0.5, 0.3, 0.1]);
    }

    #[test]
    fn only_what_shapes_the_run_needs_a_restart() {
        let a = Settings::default();
        let b = Settings { rate: 0.5, jitter: 2, batch: 50, seed: 9, ..a.clone() };
        assert_eq!(a.restart_needed(&b), ["batch", "seed"]);
    }
}
