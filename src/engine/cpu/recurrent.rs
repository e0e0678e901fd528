//! What the recurrent net needs beside a layer: the label on top as an activity, and a state that fades slowly.

use super::Cpu;
use super::forward::{reading_scale, relu, row};
use super::tasks::for_each_row;
use crate::engine::{Activity, Layer, NEUTRAL, Previous};
use ndarray::Array2;
use std::ops::Range;

/// See [`crate::engine::Engine::settle`].
pub fn settle(
    sum: &Array2<f32>,
    layer: &Layer<Cpu>,
    previous: &Previous<Cpu>,
    rows: Range<usize>,
    output: &mut Activity<Cpu>,
    gated: &mut Array2<f32>,
) {
    let units = sum.ncols();
    let bias = layer.bias.as_slice().expect("contiguous");
    let damping = previous.damping;
    let values = &mut output.values.as_slice_mut().expect("contiguous")[rows.start * units..rows.end * units];
    let squares = &mut output.squares.as_slice_mut().expect("contiguous")[rows.clone()];
    for_each_row(values, units, squares, |i, h, q| {
        let r = rows.start + i;
        let kept = damping * reading_scale(previous.activity.squares[(r, 0)], units, previous.normalised);
        let before = row(&previous.activity.values, r);
        for (((h, z), b), before) in h.iter_mut().zip(row(sum, r)).zip(bias).zip(before) {
            *h = (1.0 - damping) * relu(z + b) + kept * before;
        }
        *q = h.iter().map(|h| h * h).sum();
    });
    let gated = &mut gated.as_slice_mut().expect("contiguous")[rows.start * units..rows.end * units];
    for_each_row(gated, units, &mut vec![0.0; rows.len()], |i, gated, _| {
        let r = rows.start + i;
        for (((gated, h), z), b) in gated.iter_mut().zip(row(&output.values, r)).zip(row(sum, r)).zip(bias) {
            *gated = if z + b > 0.0 { *h } else { 0.0 };
        }
    });
}

/// See [`crate::engine::Engine::express`].
pub fn express(labels: &[u8], rows: Range<usize>, strength: f32, output: &mut Activity<Cpu>) {
    for r in rows {
        let code = labels[r];
        output.values.row_mut(r).fill(0.0);
        output.squares[(r, 0)] = 0.0;
        if code != NEUTRAL {
            output.values[(r, usize::from(code))] = strength;
            output.squares[(r, 0)] = strength * strength;
        }
    }
}
