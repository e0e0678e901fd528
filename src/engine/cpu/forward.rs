//! One layer, forwards: product, bias, activation, and the row sums that are goodness.

use super::local;
use super::product::product;
use super::scratch::{ROWS, borrow};
use super::tasks::for_each_row;
use crate::engine::{
    Activation, Activity, Connection, Input, Layer, Matrix, NEUTRAL, NORM_FLOOR, Pictures, Rule, Wiring,
    neutral_strength,
};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use std::ops::Range;

/// `1 / (rms + 1e-10)` of a row of `width` values whose squares sum to `squares`.
pub fn row_scale(squares: f32, width: usize) -> f32 {
    1.0 / ((squares / width as f32).sqrt() + NORM_FLOOR)
}

/// The sum of squares that a label code adds to a picture's, where each of `label_pixels` inputs stands for a class; 0 if none do.
fn label_squares(code: u8, label_pixels: usize) -> f32 {
    match label_pixels {
        0 => 0.0,
        classes if code == NEUTRAL => classes as f32 * neutral_strength(classes) * neutral_strength(classes),
        _ => 1.0,
    }
}

/// The factor a row is read with: its scale, or 1 where it is read as it is.
pub fn reading_scale(squares: f32, width: usize, normalised: bool) -> f32 {
    if normalised { row_scale(squares, width) } else { 1.0 }
}

/// The factor a picture is read with, whose pixels' squares sum to `squares`; `code` is written into its label pixels, if any.
pub fn picture_scale(squares: f32, label_pixels: usize, code: u8, width: usize) -> f32 {
    row_scale(squares + label_squares(code, label_pixels), width)
}

/// See [`crate::engine::Engine::project`].
pub fn project(pictures: &mut Pictures, count: usize, connection: &Connection) {
    // The label pixels are blank, so their weights need not be multiplied.
    let from = pictures.label_pixels;
    let u = pictures.rows.values.cpu().slice(s![..count, from..]);
    multiply(u, connection, from, 0.0, &mut pictures.product.cpu_mut().slice_mut(s![..count, ..]));
}

/// `out = keep·out + u·W` of inputs from `from` on, whatever the wiring.
fn multiply(u: ArrayView2<f32>, connection: &Connection, from: usize, keep: f32, out: &mut ArrayViewMut2<f32>) {
    match connection.wiring {
        Wiring::Dense => product(1.0, u, connection.weight.cpu().slice(s![from.., ..]), keep, out),
        Wiring::Local(wiring) => {
            debug_assert_eq!(from, 0, "no label is in a picture that is seen through windows");
            local::multiply(u, connection.weight.flat(), wiring, keep, out);
        }
    }
}

/// `[D, N]` of a connection.
pub fn sides(connection: &Connection) -> (usize, usize) {
    connection.wiring.sides(connection.weight.cpu().dim().into()).into()
}

/// See [`crate::engine::Engine::forward`].
pub fn forward(input: &Input, layer: &Layer, rows: Range<usize>, output: &mut Activity) {
    let (width, units) = sides(&layer.below);
    debug_assert_eq!(output.values.cpu().ncols(), units);
    let bias = layer.bias.flat();
    let activation = layer.rule.activation;
    if let Input::Layer { rows: below, .. } = input {
        let u = below.values.cpu().slice(s![rows.clone(), ..]);
        multiply(u, &layer.below, 0, 0.0, &mut output.values.cpu_mut().slice_mut(s![rows.clone(), ..]));
    }
    let values = &mut output.values.flat_mut()[rows.start * units..rows.end * units];
    let sums = &mut output.squares.flat_mut()[rows.clone()];
    match input {
        Input::Layer { rows: below, normalised } => {
            let squares = &below.squares.flat()[rows];
            for_each_row(values, units, sums, |i, h, q| {
                let scale = reading_scale(squares[i], width, *normalised);
                *q = activate(h, bias, scale, activation);
            });
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            let (label_rows, label_pixels) = (LabelRows::new(pictures, &layer.below), pictures.label_pixels);
            let (products, squares) = (pictures.product.cpu(), pictures.rows.squares.flat());
            let codes = &labels.cpu()[rows];
            for_each_row(values, units, sums, |i, h, q| {
                let picture = first_picture + i % count;
                let code = codes[i];
                let product = row(products, picture);
                match label_rows.of(code) {
                    Some(label) => {
                        for ((h, p), l) in h.iter_mut().zip(product).zip(label) {
                            *h = p + l;
                        }
                    }
                    None => h.copy_from_slice(product),
                }
                let scale = picture_scale(squares[picture], label_pixels, code, width);
                *q = activate(h, bias, scale, activation);
            });
        }
    }
}

/// See [`crate::engine::Engine::connect`].
pub fn connect(input: &Input, connection: &Connection, rows: Range<usize>, accumulate: bool, sum: &mut Matrix) {
    let (width, units) = sides(connection);
    let kept = if accumulate { 1.0 } else { 0.0 };
    match input {
        Input::Layer { rows: read, normalised } => {
            let values = read.values.cpu();
            let mut sum = sum.cpu_mut().slice_mut(s![rows.clone(), ..]);
            let mut add = |x: ArrayView2<f32>| multiply(x, connection, 0, kept, &mut sum);
            if !*normalised {
                return add(values.slice(s![rows, ..]));
            }
            let squares = read.squares.flat();
            borrow(&ROWS, rows.len() * width, |scaled| {
                for_each_row(scaled, width, &mut vec![0.0; rows.len()], |i, x, _| {
                    let i = rows.start + i;
                    let scale = row_scale(squares[i], width);
                    x.iter_mut().zip(row(values, i)).for_each(|(x, h)| *x = scale * h);
                });
                add(ArrayView2::from_shape((rows.len(), width), scaled).expect("as long"));
            });
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            let (label_rows, label_pixels) = (LabelRows::new(pictures, connection), pictures.label_pixels);
            let (products, squares) = (pictures.product.cpu(), pictures.rows.squares.flat());
            let codes = &labels.cpu()[rows.clone()];
            let sum = &mut sum.flat_mut()[rows.start * units..rows.end * units];
            for_each_row(sum, units, &mut vec![0.0; rows.len()], |i, z, _| {
                let picture = first_picture + i % count;
                let code = codes[i];
                let scale = picture_scale(squares[picture], label_pixels, code, width);
                let product = row(products, picture);
                match label_rows.of(code) {
                    Some(label) => {
                        for ((z, p), l) in z.iter_mut().zip(product).zip(label) {
                            *z = kept * *z + scale * (p + l);
                        }
                    }
                    None => {
                        for (z, p) in z.iter_mut().zip(product) {
                            *z = kept * *z + scale * p;
                        }
                    }
                }
            });
        }
    }
}

/// What label codes add to `u·W`: rows of `W`, or none where the label is not in the picture.
struct LabelRows<'a> {
    weight: &'a Array2<f32>,
    /// Empty where the label is not in the picture.
    neutral: Vec<f32>,
}

impl<'a> LabelRows<'a> {
    fn new(pictures: &Pictures, connection: &'a Connection) -> Self {
        let weight = connection.weight.cpu();
        let classes = pictures.label_pixels;
        Self { weight, neutral: if classes > 0 { neutral_row(weight, classes) } else { vec![] } }
    }

    fn of(&self, code: u8) -> Option<&[f32]> {
        if self.neutral.is_empty() {
            return None;
        }
        Some(if code == NEUTRAL { &self.neutral[..] } else { row(self.weight, usize::from(code)) })
    }
}

/// See [`crate::engine::Engine::measure`].
pub fn measure(rule: Rule, rows: Range<usize>, activity: &mut Activity) {
    let Some(goodness) = &mut activity.goodness else { return };
    let values = activity.values.cpu();
    let block = values.ncols() / rule.blocks;
    for r in rows {
        let h = row(values, r);
        for (g, h) in goodness.cpu_mut().row_mut(r).iter_mut().zip(h.chunks_exact(block)) {
            *g = match rule.goodness {
                crate::engine::Goodness::Squares => h.iter().map(|h| h * h).sum(),
                crate::engine::Goodness::Sum => h.iter().sum(),
            };
        }
    }
}

/// What the neutral label adds to `u·W`: the mean of the label pixels' weights.
fn neutral_row(weight: &Array2<f32>, classes: usize) -> Vec<f32> {
    let mut sum = vec![0.0; weight.ncols()];
    let strength = neutral_strength(classes);
    for label in 0..classes {
        for (total, w) in sum.iter_mut().zip(row(weight, label)) {
            *total += strength * w;
        }
    }
    sum
}

/// Row `index` of a matrix.
pub fn row(matrix: &Array2<f32>, index: usize) -> &[f32] {
    let columns = matrix.ncols();
    &matrix.as_slice().expect("contiguous")[index * columns..(index + 1) * columns]
}

/// Unlike `f32::max`, keeps NaN, so that a run that left the finite numbers is noticed and not silently switched off.
pub fn relu(z: f32) -> f32 {
    if z < 0.0 { 0.0 } else { z }
}

/// `z ← φ(scale·z + b)`; returns `Σ z²`.
fn activate(z: &mut [f32], bias: &[f32], scale: f32, activation: Activation) -> f32 {
    match activation {
        Activation::Relu => squashed(z, bias, scale, relu),
        Activation::Tanh => squashed(z, bias, scale, f32::tanh),
    }
}

/// `z ← φ(scale·z + b)`; returns `Σ z²`. Sums in lanes, so that it runs as SIMD.
fn squashed(z: &mut [f32], bias: &[f32], scale: f32, activation: impl Fn(f32) -> f32) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0_f32; LANES];
    let (chunks, rest) = z.as_chunks_mut::<LANES>();
    let (bias_chunks, bias_rest) = bias.as_chunks::<LANES>();
    for (chunk, bias) in chunks.iter_mut().zip(bias_chunks) {
        for ((h, b), lane) in chunk.iter_mut().zip(bias).zip(&mut lanes) {
            *h = activation(scale * *h + b);
            *lane += *h * *h;
        }
    }
    for ((h, b), lane) in rest.iter_mut().zip(bias_rest).zip(&mut lanes) {
        *h = activation(scale * *h + b);
        *lane += *h * *h;
    }
    lanes.iter().sum()
}
