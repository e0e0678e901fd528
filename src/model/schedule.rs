//! What a run's settings come to on its way: rates that fall, and values of single layers.

use super::Settings;

impl Settings {
    /// Threshold θ of layer `index` (from 0) a unit.
    pub fn threshold_of(&self, index: usize) -> f32 {
        self.layer_rule(index).threshold.unwrap_or(self.threshold)
    }

    /// Temperature T of layer `index` (from 0).
    pub fn temperature_of(&self, index: usize) -> f32 {
        self.layer_rule(index).temperature.unwrap_or(self.temperature)
    }

    /// The share of the full rate in epoch `epoch`, counted from 1: 1 for the first half of the epochs, then a straight
    /// line to about zero.
    pub fn gain(&self, epoch: usize) -> f32 {
        let (e, all) = (epoch as f32, self.epochs as f32);
        ((1.0 + 2.0 * (all - e)) / all).clamp(0.0, 1.0)
    }

    /// The share of the head's rate in epoch `epoch`: as [`Settings::gain`] on the way, and over the head's own epochs
    /// afterwards a straight line from 1 to a tenth.
    pub fn head_gain(&self, epoch: usize) -> f32 {
        if self.head_epochs == 0 {
            return self.gain(epoch);
        }
        let done = epoch.saturating_sub(self.epochs + 1) as f32;
        // A run may be asked for a step behind its end, or find its epochs made fewer: the head never learns backwards.
        (1.0 - 0.9 * done / (self.head_epochs as f32 - 1.0).max(1.0)).max(0.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RecipeKind;

    #[test]
    fn gain_is_one_for_half_the_epochs_and_then_falls_to_about_zero() {
        let settings = Settings { epochs: 10, ..Settings::default() };
        let gains: Vec<f32> = (1..=10).map(|e| settings.gain(e)).collect();
        assert_eq!(gains, [1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 0.7, 0.5, 0.3, 0.1]);
    }

    #[test]
    fn the_rate_of_the_head_falls_to_a_tenth_and_stays_there() {
        let settings = Settings { epochs: 20, head_epochs: 5, ..Settings::recommended(RecipeKind::Unsupervised) };
        let gains = [1, 21, 25, 26, 400].map(|epoch| (10.0 * settings.head_gain(epoch)).round() as i32);
        assert_eq!(gains, [10, 10, 1, 1, 1]);
    }
}
