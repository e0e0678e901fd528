//! The softmax head, and the choice of hard negatives from what it or the goodness says.

use super::forward::{row, row_scale};
use super::product::{Learn, product, product_and_learn};
use super::scratch::{ROWS, borrow};
use super::tasks::for_each_row;
use crate::dataset::MOST_CLASSES;
use crate::engine::{Activity, Blocks, Connection, Matrix, Rates, Sign, random};
use ndarray::{ArrayView1, ArrayView2, s};

/// Lends the activities of the first `count` rows as the head reads them: `s·h`, or `h` itself.
fn read<R>(activity: &Activity, normalised: bool, count: usize, work: impl FnOnce(ArrayView2<f32>) -> R) -> R {
    let values = activity.values.cpu();
    let h = values.slice(s![..count, ..]);
    if !normalised {
        return work(h);
    }
    let units = h.ncols();
    let squares = activity.squares.flat();
    borrow(&ROWS, count * units, |scaled| {
        for_each_row(scaled, units, &mut vec![0.0; count], |i, x, _| {
            let scale = row_scale(squares[i], units);
            x.iter_mut().zip(row(values, i)).for_each(|(x, h)| *x = scale * h);
        });
        work(ArrayView2::from_shape((count, units), scaled).expect("as long"))
    })
}

/// See [`crate::engine::Engine::classify`].
pub fn classify(layers: &[&Activity], head: &[Connection], normalised: bool, count: usize, logits: &mut Matrix) {
    let mut out = logits.cpu_mut().slice_mut(s![..count, ..]);
    out.fill(0.0);
    for (activity, part) in layers.iter().zip(head) {
        read(activity, normalised, count, |x| product(1.0, x, part.weight.cpu().view(), 1.0, &mut out));
    }
}

/// The softmax of one row, written to `p`; `excluded` (if any) gets nothing.
fn softmax<'a>(logits: ArrayView1<f32>, excluded: Option<usize>, p: &'a mut [f32; MOST_CLASSES]) -> &'a [f32] {
    let p = &mut p[..logits.len()];
    let admitted = |c: usize| Some(c) != excluded;
    let largest = (0..p.len()).filter(|&c| admitted(c)).map(|c| logits[c]).fold(f32::NEG_INFINITY, f32::max);
    for (c, p) in p.iter_mut().enumerate() {
        *p = if admitted(c) { (logits[c] - largest).exp() } else { 0.0 };
    }
    let sum: f32 = p.iter().sum();
    for p in &mut *p {
        *p /= sum;
    }
    p
}

/// See [`crate::engine::Engine::blame`]; `targets` are the rows' true labels.
pub fn blame(logits: &Matrix, targets: &[u8], error: &mut Matrix) {
    let mut p = [0.0; MOST_CLASSES];
    for ((i, mut row), target) in error.cpu_mut().rows_mut().into_iter().enumerate().zip(targets) {
        for (e, p) in row.iter_mut().zip(softmax(logits.cpu().row(i), None, &mut p)) {
            *e = -p;
        }
        row[usize::from(*target)] += 1.0;
    }
}

/// See [`crate::engine::Engine::learn_head`].
pub fn learn_head(
    layers: &[&Activity],
    error: &Matrix,
    normalised: bool,
    count: usize,
    rates: &Rates,
    head: &mut [Connection],
) {
    let new_share = (1.0 - rates.momentum) / count as f32;
    for (activity, part) in layers.iter().zip(head) {
        let error = error.cpu().slice(s![..count, ..]);
        let Connection { weight, velocity, .. } = part;
        let learn = Learn { weight: weight.cpu_mut().view_mut(), rate: rates.rate, cost: rates.weight_cost };
        read(activity, normalised, count, |x| {
            product_and_learn(new_share, x.t(), error, rates.momentum, &mut velocity.cpu_mut().view_mut(), learn);
        });
    }
}

/// See [`crate::engine::Engine::tally`].
pub fn tally(layers: &[(&Activity, Sign)], first: usize, count: usize, scores: &mut Matrix) {
    for picture in 0..count {
        for label in 0..scores.cpu().ncols() {
            let row = first + label * count + picture;
            let share = |&(a, sign): &(&Activity, Sign)| {
                sign.factor() * a.goodness().cpu().row(row).sum() / a.values.cpu().ncols() as f32
            };
            scores.cpu_mut()[(picture, label)] = layers.iter().map(share).sum();
        }
    }
}

/// See [`crate::engine::Engine::propose`].
pub fn propose(scores: &Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut [u8]) {
    let mut p = [0.0; MOST_CLASSES];
    for i in 0..blocks.positive.len() {
        let truth = usize::from(labels[blocks.positive.start + i]);
        let p = softmax(scores.cpu().row(i), Some(truth), &mut p);
        let draw = random::uniform(seed, step, i as u32);
        labels[blocks.negative.start + i] = sample(p, truth, draw) as u8;
    }
}

/// The label at which the cumulative sum of `p` passes `draw`; never `excluded`, whatever rounding does.
fn sample(p: &[f32], excluded: usize, draw: f32) -> usize {
    let mut passed = 0.0;
    let mut last = (excluded + 1) % p.len();
    for label in (0..p.len()).filter(|&c| c != excluded) {
        passed += p[label];
        if p[label] > 0.0 {
            last = label;
        }
        if draw < passed {
            return label;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn softmax_excludes_and_survives_large_logits() {
        let logits = array![1e4, 0.0, -1e4, 1e4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let mut p = [0.0; MOST_CLASSES];
        let p = softmax(logits.view(), Some(0), &mut p);
        assert_eq!(p.len(), 10);
        assert_eq!(p[0].to_bits(), 0.0_f32.to_bits());
        assert!((p[3] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn proposals_follow_the_softmax_and_are_never_the_truth() {
        let n = 5000;
        let scores = [9.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0];
        let scores = Matrix::Cpu(Array2::from_shape_fn((n, scores.len()), |(_, c)| scores[c]));
        let mut labels = vec![0_u8; 2 * n];
        propose(&scores, &Blocks { positive: 0..n, negative: n..2 * n }, 1, 2, &mut labels);
        let mut counts = [0.0; 10];
        labels[n..].iter().for_each(|&l| counts[usize::from(l)] += 1.0);
        let share = |l: usize| counts[l] / n as f32;
        assert_eq!(share(0).to_bits(), 0.0_f32.to_bits());
        let total = 1_f32.exp() + 2_f32.exp() + 7.0;
        assert!((share(9) - 2_f32.exp() / total).abs() < 0.03);
        assert!((share(1) - 1_f32.exp() / total).abs() < 0.03);
        assert!((share(5) - 1.0 / total).abs() < 0.02);
    }
}
