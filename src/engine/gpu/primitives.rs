//! Each primitive of [`crate::engine::Engine`] as dispatches. The formulas stand in the shaders' heads.

use super::kernel::Kernel;
use super::memory::{Allocation, Bytes, Labels, Matrix};
use super::parameters::Parameters;
use super::tiling::Tiling;
use super::{Gpu, Scratch};
use crate::dataset::LABELS;
use crate::engine::{
    Activity, Blocks, Connection, Delta, Input, Layer, Objective, Pick, Pictures, Rates, Sign, Verdict,
};
use std::ops::Range;

/// Invocations of a workgroup of the kernels that give each row, unit or column one.
const LINE: u32 = 64;
/// Columns (vectors) of a workgroup of the kernels that add up columns.
const COLUMN_GROUP: u32 = 16;
/// Partial sums a row, and rows a workgroup, of `forward_pictures.wgsl`.
const PICTURE_GROUP: [u32; 2] = [16, 4];
/// Picks staged at once: more would crowd the arena.
const PICKS_AT_ONCE: usize = 1 << 14;

fn dispatch(gpu: &Gpu, kernel: Kernel, p: &Parameters, buffers: &[&Allocation], groups: [u32; 3]) {
    let mut bound = [None; 8];
    for (to, from) in bound.iter_mut().zip(buffers) {
        *to = Some(*from);
    }
    gpu.recorder.borrow_mut().dispatch(kernel, p, &bound[..buffers.len()], groups);
}

pub fn gather(gpu: &Gpu, dataset: &Bytes, picks: &[Pick], first: usize, label_pixels: usize, rows: &mut Activity<Gpu>) {
    let Bytes { memory, shape } = dataset;
    for (i, picks) in picks.chunks(PICKS_AT_ONCE).enumerate() {
        let shift = |pick: &Pick| u32::from(i16::from(pick.dx) as u16) | u32::from(i16::from(pick.dy) as u16) << 16;
        let words: Vec<u32> = picks.iter().flat_map(|pick| [pick.index, shift(pick)]).collect();
        let mut recorder = gpu.recorder.borrow_mut();
        recorder.reserve(4 * words.len());
        let at = recorder.stage(bytemuck::cast_slice(&words), 4);
        let p = Parameters {
            first_row: (first + i * PICKS_AT_ONCE) as u32,
            inner: rows.values.pitch(),
            width: shape.pixels() as u32,
            image_width: shape.width as u32,
            image_height: shape.height as u32,
            channels: shape.channels as u32,
            label_pixels: label_pixels as u32,
            picks_at: at as u32 / 4,
            ..Parameters::default()
        };
        let buffers = [Some(memory), None, Some(&rows.values.memory), Some(&rows.squares.memory)];
        recorder.dispatch(Kernel::Gather, &p, &buffers, [picks.len() as u32, 1, 1]);
    }
}

pub fn project(gpu: &Gpu, pictures: &mut Pictures<Gpu>, count: usize, connection: &Connection<Gpu>, tiling: Tiling) {
    let p = Parameters {
        rows: count as u32,
        inner: pictures.rows.values.pitch(),
        columns: connection.weight.pitch(),
        ..Parameters::default()
    };
    let [x, y] = tiling.workgroups(p.rows, p.columns);
    let buffers = [&pictures.rows.values.memory, &connection.weight.memory, &pictures.product.memory];
    dispatch(gpu, Kernel::Project(tiling), &p, &buffers, [x, y, 1]);
}

pub fn forward(
    gpu: &Gpu,
    input: &Input<Gpu>,
    layer: &Layer<Gpu>,
    rows: Range<usize>,
    output: &mut Activity<Gpu>,
    tiling: Tiling,
) {
    debug_assert_eq!(output.values.columns, layer.below.weight.columns);
    let mut p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: layer.below.weight.pitch(),
        width: layer.below.weight.rows as u32,
        ..Parameters::default()
    };
    match input {
        Input::Layer { rows: below, normalised } => {
            p.inner = below.values.pitch();
            p.normalised = u32::from(*normalised);
            p.groups = tiling.groups(p.columns);
            let partial = gpu.scratch(Scratch::Partial, 4 * u64::from(p.groups) * u64::from(p.rows));
            let [x, y] = tiling.workgroups(p.rows, p.columns);
            let buffers = [
                &below.values.memory,
                &layer.below.weight.memory,
                &output.values.memory,
                &below.squares.memory,
                &layer.bias.memory,
                &partial,
            ];
            dispatch(gpu, Kernel::Forward(tiling), &p, &buffers, [x, y, 1]);
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            p.first_picture = *first_picture as u32;
            p.pictures = *count as u32;
            p.label_pixels = pictures.label_pixels as u32;
            p.groups = PICTURE_GROUP[0];
            let partial = gpu.scratch(Scratch::Partial, 4 * u64::from(p.groups) * u64::from(p.rows));
            let buffers = [
                &pictures.product.memory,
                &pictures.rows.squares.memory,
                &labels.memory,
                &layer.below.weight.memory,
                &layer.bias.memory,
                &output.values.memory,
                &partial,
            ];
            dispatch(gpu, Kernel::ForwardPictures, &p, &buffers, [1, p.rows.div_ceil(PICTURE_GROUP[1]), 1]);
        }
    }
    let partial = gpu.scratch(Scratch::Partial, 0);
    dispatch(gpu, Kernel::Goodness, &p, &[&partial, &output.squares.memory], [p.rows.div_ceil(LINE), 1, 1]);
}

/// What all kernels of a training batch are told.
fn batch(values: &Matrix, blocks: &Blocks) -> Parameters {
    Parameters {
        columns: values.pitch(),
        units: values.columns as u32,
        batch: blocks.positive.len() as u32,
        positive: blocks.positive.start as u32,
        negative: blocks.negative.start as u32,
        ..Parameters::default()
    }
}

pub fn judge(
    gpu: &Gpu,
    activity: &Activity<Gpu>,
    blocks: &Blocks,
    objective: &Objective,
    layer: &mut Layer<Gpu>,
    verdict: &mut Verdict<Gpu>,
) {
    let Objective { threshold, temperature, peer } = *objective;
    let p = Parameters { threshold, temperature, peer, ..batch(&activity.values, blocks) };
    let mean = &layer.mean_activity.memory;
    dispatch(gpu, Kernel::Mean, &p, &[&activity.values.memory, mean], [p.columns.div_ceil(COLUMN_GROUP), 1, 1]);
    let buffers = [
        &activity.goodness().memory,
        mean,
        &verdict.coefficients.memory,
        &verdict.peer.memory,
        &verdict.metrics.memory,
    ];
    dispatch(gpu, Kernel::Judge, &p, &buffers, [1, 1, 1]);
}

pub fn update(
    gpu: &Gpu,
    input: &Input<Gpu>,
    delta: &Delta<Gpu>,
    rates: &Rates,
    connection: &mut Connection<Gpu>,
    tiling: Tiling,
) {
    let Delta::Local { values, verdict, blocks, .. } = delta else { todo!() };
    debug_assert_eq!(blocks.positive.end, blocks.negative.start);
    let Rates { rate, momentum, weight_cost } = *rates;
    let width = connection.weight.rows as u32;
    let mut p = Parameters { width, rate, momentum, weight_cost, ..batch(values, blocks) };
    let coefficients = &verdict.coefficients.memory;
    let factors = gpu.scratch(Scratch::Factors, 16 * u64::from(p.batch));
    let lines = [(2 * p.batch).div_ceil(LINE), 1, 1];
    let (read, pictures) = match input {
        Input::Layer { rows: below, normalised } => {
            p.normalised = u32::from(*normalised);
            let buffers = [&below.squares.memory, coefficients, &*factors];
            dispatch(gpu, Kernel::Factors { pictures: false }, &p, &buffers, lines);
            (&below.values, false)
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            debug_assert_eq!(*count, blocks.positive.len(), "a block shows each picture once");
            p.first_picture = *first_picture as u32;
            p.label_pixels = pictures.label_pixels as u32;
            let buffers = [&pictures.rows.squares.memory, coefficients, &*factors, &labels.memory];
            dispatch(gpu, Kernel::Factors { pictures: true }, &p, &buffers, lines);
            (&pictures.rows.values, true)
        }
    };
    p.inner = read.pitch();
    let [weight, velocity, peer] = [&connection.weight, &connection.velocity, &verdict.peer].map(|m| &m.memory);
    let values = &values.memory;
    let [x, y] = tiling.workgroups(4 * p.inner, p.columns);
    let buffers = [&read.memory, values, &*factors, peer, velocity, weight];
    dispatch(gpu, Kernel::Update { tiling, pictures }, &p, &buffers, [x, y, 1]);
    if let Input::Pictures { labels, pictures, .. } = input
        && pictures.label_pixels > 0
    {
        let buffers = [values, &*factors, peer, &labels.memory, velocity, weight];
        dispatch(gpu, Kernel::UpdateLabels, &p, &buffers, [p.columns.div_ceil(LINE), LABELS as u32, 1]);
    }
}

pub fn update_bias(gpu: &Gpu, delta: &Delta<Gpu>, rates: &Rates, layer: &mut Layer<Gpu>) {
    let Delta::Local { values, verdict, blocks, .. } = delta else { todo!() };
    let Rates { rate, momentum, weight_cost } = *rates;
    let p = Parameters { rate, momentum, weight_cost, ..batch(values, blocks) };
    let [coefficients, peer] = [&verdict.coefficients, &verdict.peer].map(|m| &m.memory);
    let buffers = [&values.memory, coefficients, peer, &layer.bias_velocity.memory, &layer.bias.memory];
    dispatch(gpu, Kernel::UpdateBias, &p, &buffers, [p.columns.div_ceil(COLUMN_GROUP), 1, 1]);
}

/// What the kernels of one layer of the softmax head, the `i`-th, are told.
fn head_parameters(activity: &Activity<Gpu>, i: usize) -> Parameters {
    Parameters {
        columns: activity.values.pitch(),
        units: activity.values.columns as u32,
        accumulate: u32::from(i > 0),
        ..Parameters::default()
    }
}

pub fn classify(
    gpu: &Gpu,
    layers: &[&Activity<Gpu>],
    head: &[Connection<Gpu>],
    normalised: bool,
    count: usize,
    logits: &mut Matrix,
) {
    for (i, (activity, part)) in layers.iter().zip(head).enumerate() {
        let p = Parameters { normalised: u32::from(normalised), ..head_parameters(activity, i) };
        let buffers = [&activity.values.memory, &activity.squares.memory, &part.weight.memory, &logits.memory];
        dispatch(gpu, Kernel::Classify, &p, &buffers, [count as u32, 1, 1]);
    }
}

pub fn blame(gpu: &Gpu, logits: &Matrix, labels: &Labels, positive: &Range<usize>, error: &mut Matrix) {
    let batch = positive.len() as u32;
    let p = Parameters { batch, positive: positive.start as u32, ..Parameters::default() };
    let buffers = [&logits.memory, &labels.memory, &error.memory];
    dispatch(gpu, Kernel::HeadError, &p, &buffers, [batch.div_ceil(LINE), 1, 1]);
}

pub fn learn_head(
    gpu: &Gpu,
    layers: &[&Activity<Gpu>],
    error: &Matrix,
    normalised: bool,
    count: usize,
    rates: &Rates,
    head: &mut [Connection<Gpu>],
) {
    let Rates { rate, momentum, weight_cost } = *rates;
    for (activity, part) in layers.iter().zip(head) {
        let normalised = u32::from(normalised);
        let p =
            Parameters { batch: count as u32, rate, momentum, weight_cost, normalised, ..head_parameters(activity, 0) };
        let buffers = [
            &activity.values.memory,
            &activity.squares.memory,
            &error.memory,
            &part.velocity.memory,
            &part.weight.memory,
        ];
        dispatch(gpu, Kernel::LearnHead, &p, &buffers, [p.units.div_ceil(LINE), 1, 1]);
    }
}

pub fn tally(gpu: &Gpu, layers: &[(&Activity<Gpu>, Sign)], first: usize, count: usize, scores: &mut Matrix) {
    for (i, (activity, _)) in layers.iter().enumerate() {
        let p = Parameters { first_row: first as u32, pictures: count as u32, ..head_parameters(activity, i) };
        let buffers = [&activity.goodness().memory, &scores.memory];
        dispatch(gpu, Kernel::Tally, &p, &buffers, [p.pictures.div_ceil(LINE), LABELS as u32, 1]);
    }
}

pub fn propose(gpu: &Gpu, scores: &Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Labels) {
    let p = Parameters {
        batch: blocks.positive.len() as u32,
        positive: blocks.positive.start as u32,
        negative: blocks.negative.start as u32,
        seed,
        step,
        ..Parameters::default()
    };
    dispatch(gpu, Kernel::Propose, &p, &[&scores.memory, &labels.memory], [p.batch.div_ceil(LINE), 1, 1]);
}
