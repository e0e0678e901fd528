//! What the recurrent net needs beside a layer: the label on top as an activity, and a state that fades slowly.

use super::forward::{reading_scale, relu, row};
use super::tasks::for_each_row;
use crate::engine::{Activity, Layer, Matrix, NEUTRAL, Previous};
use std::ops::Range;

/// See [`crate::engine::Engine::settle`].
pub fn settle(
    sum: &Matrix,
    layer: &Layer,
    previous: &Previous,
    rows: Range<usize>,
    output: &mut Activity,
    gated: &mut Matrix,
) {
    let sum = sum.cpu();
    let units = sum.ncols();
    let bias = layer.bias.flat();
    let damping = previous.damping;
    let values = &mut output.values.flat_mut()[rows.start * units..rows.end * units];
    let squares = &mut output.squares.flat_mut()[rows.clone()];
    let (before, before_squares) = (previous.activity.values.cpu(), previous.activity.squares.flat());
    let normalised = previous.normalised;
    for_each_row(values, units, squares, |i, h, q| {
        let r = rows.start + i;
        let kept = damping * reading_scale(before_squares[r], units, normalised);
        let before = row(before, r);
        for (((h, z), b), before) in h.iter_mut().zip(row(sum, r)).zip(bias).zip(before) {
            *h = (1.0 - damping) * relu(z + b) + kept * before;
        }
        *q = h.iter().map(|h| h * h).sum();
    });
    let gated = &mut gated.flat_mut()[rows.start * units..rows.end * units];
    let output = output.values.cpu();
    for_each_row(gated, units, &mut vec![0.0; rows.len()], |i, gated, _| {
        let r = rows.start + i;
        for (((gated, h), z), b) in gated.iter_mut().zip(row(output, r)).zip(row(sum, r)).zip(bias) {
            *gated = if z + b > 0.0 { *h } else { 0.0 };
        }
    });
}

/// See [`crate::engine::Engine::express`].
pub fn express(labels: &[u8], rows: Range<usize>, strength: f32, output: &mut Activity) {
    let (values, squares) = (output.values.cpu_mut(), output.squares.flat_mut());
    for r in rows {
        let code = labels[r];
        values.row_mut(r).fill(0.0);
        squares[r] = 0.0;
        if code != NEUTRAL {
            values[(r, usize::from(code))] = strength;
            squares[r] = strength * strength;
        }
    }
}
