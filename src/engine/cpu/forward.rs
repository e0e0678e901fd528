//! One layer, forwards: product, bias, ReLU, and the row sums that are goodness.

use super::Cpu;
use super::product::{for_each_row, product};
use crate::dataset::LABELS;
use crate::engine::{Activity, Input, Layer, NEUTRAL, NEUTRAL_STRENGTH, NORM_FLOOR, Pictures};
use ndarray::{Array2, s};
use std::ops::Range;

/// `1 / (rms + 1e-10)` of a row of `width` values whose squares sum to `squares`.
pub fn row_scale(squares: f32, width: usize) -> f32 {
    1.0 / ((squares / width as f32).sqrt() + NORM_FLOOR)
}

/// The sum of squares a label code adds to a picture's.
pub fn label_squares(code: u8) -> f32 {
    if code == NEUTRAL { LABELS as f32 * NEUTRAL_STRENGTH * NEUTRAL_STRENGTH } else { 1.0 }
}

/// See [`crate::engine::Engine::project`].
pub fn project(pictures: &mut Pictures<Cpu>, count: usize, layer: &Layer<Cpu>) {
    // The label pixels are blank, so their weights need not be multiplied.
    product(
        1.0,
        pictures.values.slice(s![..count, LABELS..]),
        layer.weight.slice(s![LABELS.., ..]),
        0.0,
        &mut pictures.product.slice_mut(s![..count, ..]),
    );
}

/// See [`crate::engine::Engine::forward`].
pub fn forward(input: &Input<Cpu>, layer: &Layer<Cpu>, rows: Range<usize>, output: &mut Activity<Cpu>) {
    let width = layer.weight.nrows();
    let units = layer.weight.ncols();
    debug_assert_eq!(output.values.ncols(), units);
    let bias = layer.bias.as_slice().expect("contiguous");
    if let Input::Layer(below) = input {
        let u = below.values.slice(s![rows.clone(), ..]);
        product(1.0, u, layer.weight.view(), 0.0, &mut output.values.slice_mut(s![rows.clone(), ..]));
    }
    let values = &mut output.values.as_slice_mut().expect("contiguous")[rows.start * units..rows.end * units];
    let goodness = &mut output.goodness.as_slice_mut().expect("contiguous")[rows.clone()];
    match input {
        Input::Layer(below) => {
            let squares = &below.goodness.as_slice().expect("contiguous")[rows];
            for_each_row(values, units, goodness, |i, h, g| {
                *g = activate(h, None, bias, row_scale(squares[i], width));
            });
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            let neutral = neutral_row(&layer.weight);
            let first_row = rows.start;
            for_each_row(values, units, goodness, |i, h, g| {
                let picture = first_picture + i % count;
                let code = labels[first_row + i];
                h.copy_from_slice(row(&pictures.product, picture));
                let label = if code == NEUTRAL { &neutral[..] } else { row(&layer.weight, usize::from(code)) };
                let squares = pictures.squares[(picture, 0)] + label_squares(code);
                *g = activate(h, Some(label), bias, row_scale(squares, width));
            });
        }
    }
}

/// What the neutral label adds to `u·W`: a tenth of each label pixel's weights.
fn neutral_row(weight: &Array2<f32>) -> Vec<f32> {
    let mut sum = vec![0.0; weight.ncols()];
    for label in 0..LABELS {
        for (total, w) in sum.iter_mut().zip(row(weight, label)) {
            *total += NEUTRAL_STRENGTH * w;
        }
    }
    sum
}

fn row(matrix: &Array2<f32>, index: usize) -> &[f32] {
    let columns = matrix.ncols();
    &matrix.as_slice().expect("contiguous")[index * columns..(index + 1) * columns]
}

/// Unlike `f32::max`, keeps NaN, so that a run that left the finite numbers is noticed and not silently switched off.
fn relu(z: f32) -> f32 {
    if z < 0.0 { 0.0 } else { z }
}

/// `z ← relu(scale·(z + label) + b)`; returns `Σ z²`. Sums in lanes, so that it runs as SIMD.
fn activate(z: &mut [f32], label: Option<&[f32]>, bias: &[f32], scale: f32) -> f32 {
    const LANES: usize = 16;
    if let Some(label) = label {
        for (z, l) in z.iter_mut().zip(label) {
            *z += l;
        }
    }
    let mut lanes = [0.0_f32; LANES];
    let (chunks, rest) = z.as_chunks_mut::<LANES>();
    let (bias_chunks, bias_rest) = bias.as_chunks::<LANES>();
    for (chunk, bias) in chunks.iter_mut().zip(bias_chunks) {
        for ((h, b), lane) in chunk.iter_mut().zip(bias).zip(&mut lanes) {
            *h = relu(scale * *h + b);
            *lane += *h * *h;
        }
    }
    for ((h, b), lane) in rest.iter_mut().zip(bias_rest).zip(&mut lanes) {
        *h = relu(scale * *h + b);
        *lane += *h * *h;
    }
    lanes.iter().sum()
}
