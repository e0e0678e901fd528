//! The local rule: each layer climbs on its own goodness.

use super::Cpu;
use super::forward::{label_squares, row_scale};
use super::product::{for_each_row, product};
use crate::dataset::LABELS;
use crate::engine::{Activity, Blocks, Input, Layer, NEUTRAL, NEUTRAL_STRENGTH, Rates, Verdict};
use ndarray::{Array2, s};

/// See [`crate::engine::Engine::update`].
pub fn update(
    input: &Input<Cpu>,
    activity: &Activity<Cpu>,
    blocks: &Blocks,
    verdict: &Verdict<Cpu>,
    rates: &Rates,
    layer: &mut Layer<Cpu>,
) {
    let batch = blocks.positive.len();
    let rows = blocks.positive.start..blocks.negative.end;
    debug_assert_eq!(blocks.positive.end, blocks.negative.start);
    let (width, units) = layer.weight.dim();
    let h = activity.values.as_slice().expect("contiguous");
    let h = |row: usize| &h[row * units..(row + 1) * units];
    let coefficient = verdict.coefficients.as_slice().expect("contiguous");
    let peer = verdict.peer.as_slice().expect("contiguous");
    let is_positive = |row: usize| blocks.positive.contains(&row);
    let new_share = (1.0 - rates.momentum) / batch as f32;

    // Bias: the column sums of δ, where the peer term counts once a positive row.
    let mut gradient: Vec<f32> = peer.iter().map(|p| p * batch as f32).collect();
    for row in rows.clone() {
        for (total, h) in gradient.iter_mut().zip(h(row)) {
            *total += coefficient[row] * h;
        }
    }
    for ((b, v), g) in layer.bias.iter_mut().zip(&mut layer.bias_velocity).zip(&gradient) {
        *v = rates.momentum * *v + new_share * g;
        *b += rates.rate * *v;
    }

    // s·δ of one row added to `target`.
    let add_scaled = |target: &mut [f32], row: usize, scale: f32| {
        let c = scale * coefficient[row];
        if is_positive(row) {
            for ((t, h), p) in target.iter_mut().zip(h(row)).zip(peer) {
                *t += c * h + scale * p;
            }
        } else {
            for (t, h) in target.iter_mut().zip(h(row)) {
                *t += c * h;
            }
        }
    };

    match input {
        Input::Layer(below) => {
            let squares = below.goodness.as_slice().expect("contiguous");
            let mut delta = Array2::<f32>::zeros((rows.len(), units));
            let slice = delta.as_slice_mut().expect("contiguous");
            for_each_row(slice, units, &mut vec![0.0; rows.len()], |i, target, _| {
                let row = rows.start + i;
                add_scaled(target, row, row_scale(squares[row], width));
            });
            let u = below.values.slice(s![rows.clone(), ..]);
            product(new_share, u.t(), delta.view(), rates.momentum, &mut layer.weight_velocity.view_mut());
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            // Rows of one picture share its pixels, so their δ are added up first: one product instead of two.
            let scale = |row: usize| {
                let picture = first_picture + (row - rows.start) % count;
                row_scale(pictures.squares[(picture, 0)] + label_squares(labels[row]), width)
            };
            let mut delta = Array2::<f32>::zeros((*count, units));
            let slice = delta.as_slice_mut().expect("contiguous");
            for_each_row(slice, units, &mut vec![0.0; *count], |i, target, _| {
                for row in (rows.start + i..rows.end).step_by(*count) {
                    add_scaled(target, row, scale(row));
                }
            });
            let u = pictures.values.slice(s![*first_picture..first_picture + count, LABELS..]);
            let mut velocity = layer.weight_velocity.slice_mut(s![LABELS.., ..]);
            product(new_share, u.t(), delta.view(), rates.momentum, &mut velocity);

            let label_velocity = &mut layer.weight_velocity.as_slice_mut().expect("contiguous")[..LABELS * units];
            for v in &mut *label_velocity {
                *v *= rates.momentum;
            }
            for row in rows.clone() {
                let code = labels[row];
                if code == NEUTRAL {
                    for velocity in label_velocity.chunks_exact_mut(units) {
                        add_scaled(velocity, row, scale(row) * new_share * NEUTRAL_STRENGTH);
                    }
                } else {
                    let code = usize::from(code);
                    let velocity = &mut label_velocity[code * units..(code + 1) * units];
                    add_scaled(velocity, row, scale(row) * new_share);
                }
            }
        }
    }

    let Rates { rate, weight_cost, .. } = *rates;
    let velocity = layer.weight_velocity.as_slice().expect("contiguous");
    let weight = layer.weight.as_slice_mut().expect("contiguous");
    for_each_row(weight, units, &mut vec![0.0; width], |i, w, _| {
        for (w, v) in w.iter_mut().zip(&velocity[i * units..(i + 1) * units]) {
            *w += rate * (v - weight_cost * *w);
        }
    });
}
