//! From goodness to what each row asks of its layer.

use crate::engine::{Activity, Blocks, Layer, MEAN_SHARE, Objective, Verdict, metric};

/// The logistic function, stable for logits of any size.
pub fn sigmoid(logit: f32) -> f32 {
    if logit >= 0.0 {
        1.0 / (1.0 + (-logit).exp())
    } else {
        let e = logit.exp();
        e / (1.0 + e)
    }
}

/// `ln(1 + e^x)`, stable for any x.
pub fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The bin of `goodness` in a histogram over octaves above the threshold.
fn bin(goodness: f32, threshold: f32) -> usize {
    let octaves = (goodness.max(f32::MIN_POSITIVE) / threshold).log2();
    let place = (octaves - metric::FROM) / (metric::TO - metric::FROM) * metric::BINS as f32;
    place.clamp(0.0, metric::BINS as f32 - 1.0) as usize
}

/// See [`crate::engine::Engine::judge`].
pub fn judge(activity: &Activity, blocks: &Blocks, objective: &Objective, layer: &mut Layer, verdict: &mut Verdict) {
    let goodness = activity.goodness().flat();
    let coefficients = verdict.coefficients.flat_mut();
    let metrics = verdict.metrics.flat_mut();
    let Objective { threshold, temperature, peer } = *objective;
    let count = layer.rule.blocks;
    let sign = layer.rule.sign.factor();
    let block_threshold = threshold / count as f32;
    for (positive, negative) in blocks.positive.clone().zip(blocks.negative.clone()) {
        let (mut g_positive, mut g_negative) = (0.0, 0.0);
        for k in 0..count {
            let (positive, negative) = (positive * count + k, negative * count + k);
            let logit_positive = sign * (goodness[positive] - block_threshold) / temperature;
            let logit_negative = sign * (goodness[negative] - block_threshold) / temperature;
            coefficients[positive] = sign * sigmoid(-logit_positive);
            coefficients[negative] = -sign * sigmoid(logit_negative);
            g_positive += goodness[positive];
            g_negative += goodness[negative];
            metrics[metric::LOSS] += softplus(-logit_positive) + softplus(logit_negative);
        }
        metrics[metric::POSITIVE] += g_positive;
        metrics[metric::NEGATIVE] += g_negative;
        metrics[metric::SEPARATED] += f32::from(u8::from(sign * g_positive > sign * g_negative));
        metrics[metric::POSITIVE_HISTOGRAM + bin(g_positive, threshold)] += 1.0;
        metrics[metric::NEGATIVE_HISTOGRAM + bin(g_negative, threshold)] += 1.0;
    }
    let rows = blocks.positive.len();
    metrics[metric::ROWS] += rows as f32;

    let units = activity.values.cpu().ncols();
    let values = activity.values.flat();
    let mut mean = vec![0.0_f32; units];
    for row in values[blocks.positive.start * units..blocks.positive.end * units].chunks_exact(units) {
        for (total, h) in mean.iter_mut().zip(row) {
            *total += h;
        }
    }
    for (m, total) in layer.mean_activity.flat_mut().iter_mut().zip(&mean) {
        *m = (1.0 - MEAN_SHARE) * *m + MEAN_SHARE * total / rows as f32;
    }
    let average = layer.mean_activity.cpu().sum() / units as f32;
    for (p, m) in verdict.peer.flat_mut().iter_mut().zip(layer.mean_activity.flat()) {
        *p = peer * (average - m);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigmoid_and_softplus_survive_huge_logits() {
        assert_eq!(sigmoid(5000.0).to_bits(), 1.0_f32.to_bits());
        assert_eq!(sigmoid(-5000.0).to_bits(), 0.0_f32.to_bits());
        assert!((sigmoid(0.3) + sigmoid(-0.3) - 1.0).abs() < 1e-7);
        assert_eq!(softplus(5000.0).to_bits(), 5000.0_f32.to_bits());
        assert_eq!(softplus(-5000.0).to_bits(), 0.0_f32.to_bits());
        assert!((softplus(0.0) - 2.0_f32.ln()).abs() < 1e-7);
    }

    #[test]
    fn histogram_holds_the_threshold_in_its_middle_and_everything_else_somewhere() {
        assert_eq!(bin(500.0, 500.0), metric::BINS / 2);
        assert_eq!(bin(0.0, 500.0), 0);
        assert_eq!(bin(f32::MAX, 500.0), metric::BINS - 1);
        assert!(bin(499.0, 500.0) < metric::BINS / 2);
    }
}
