//! Each primitive of [`crate::engine::Engine`] as dispatches. The formulas stand in the shaders' heads.

use super::kernel::Kernel;
use super::memory::{Allocation, Bytes, Labels, Matrix};
use super::parameters::Parameters;
use super::tiling::Tiling;
use super::{Gpu, Scratch};
use crate::dataset::LABELS;
use crate::engine::cpu::TABLE;
use crate::engine::{
    Activation, Activity, Blocks, Connection, Delta, Goodness, Input, Layer, Local, MaskKey, Objective, Obstacle, Pick,
    Pictures, Previous, Rates, Rule, Sign, Verdict, Wiring,
};
use std::ops::Range;
use std::rc::Rc;

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
    for (i, picks) in picks.chunks(PICKS_AT_ONCE).enumerate() {
        let first_row = (first + i * PICKS_AT_ONCE) as u32;
        let p = Parameters { first_row, label_pixels: label_pixels as u32, ..of_dataset(dataset, rows) };
        from_dataset(gpu, Kernel::Gather, p, dataset, &words(picks), picks.len(), rows);
    }
}

pub fn mix(gpu: &Gpu, dataset: &Bytes, pairs: &[[Pick; 2]], first: usize, key: &MaskKey, rows: &mut Activity<Gpu>) {
    let MaskKey { seed, step, blurs } = *key;
    for (i, pairs) in pairs.chunks(PICKS_AT_ONCE / 2).enumerate() {
        let done = i * (PICKS_AT_ONCE / 2);
        let p = Parameters {
            first_row: (first + done) as u32,
            pictures: done as u32,
            seed,
            step,
            blurs: blurs as u32,
            ..of_dataset(dataset, rows)
        };
        from_dataset(gpu, Kernel::Mix, p, dataset, &words(pairs.as_flattened()), pairs.len(), rows);
    }
}

/// What kernels that read a data set are told of it.
fn of_dataset(dataset: &Bytes, rows: &Activity<Gpu>) -> Parameters {
    let shape = dataset.shape;
    Parameters {
        inner: rows.values.pitch(),
        width: shape.pixels() as u32,
        image_width: shape.width as u32,
        image_height: shape.height as u32,
        channels: shape.channels as u32,
        ..Parameters::default()
    }
}

/// Picks as kernels read them: index, then both shifts in one word.
fn words(picks: &[Pick]) -> Vec<u32> {
    let shift = |pick: &Pick| u32::from(i16::from(pick.dx) as u16) | u32::from(i16::from(pick.dy) as u16) << 16;
    picks.iter().flat_map(|pick| [pick.index, shift(pick)]).collect()
}

/// One workgroup a picture of `kernel`, which reads `picks` out of the arena.
fn from_dataset(
    gpu: &Gpu,
    kernel: Kernel,
    p: Parameters,
    dataset: &Bytes,
    picks: &[u32],
    count: usize,
    rows: &mut Activity<Gpu>,
) {
    let buffers = [Some(&dataset.memory), None, Some(&rows.values.memory), Some(&rows.squares.memory)];
    let with_picks = |at: u64| Parameters { picks_at: at as u32 / 4, ..p };
    let groups = [count as u32, 1, 1];
    gpu.recorder.borrow_mut().dispatch_with(kernel, bytemuck::cast_slice(picks), with_picks, &buffers, groups);
}

/// `[D, N]` of a connection.
fn sides(connection: &Connection<Gpu>) -> [u32; 2] {
    let Matrix { rows, columns, .. } = connection.weight;
    connection.wiring.sides([rows, columns]).map(|units| units as u32)
}

/// What kernels of local wiring are told of it.
fn of_windows(local: Local, p: Parameters) -> Parameters {
    Parameters {
        image_width: local.width as u32,
        image_height: local.height as u32,
        channels: local.inputs as u32,
        window: local.window as u32,
        ..p
    }
}

/// Rows of an invocation of `connect_local.wgsl`.
const WINDOW_ROWS: u32 = 4;

/// Invocations of `connect_local.wgsl`: one a unit and some rows.
fn over_windows(p: &Parameters) -> [u32; 3] {
    [p.units.div_ceil(LINE), p.rows.div_ceil(WINDOW_ROWS), 1]
}

pub fn project(gpu: &Gpu, pictures: &mut Pictures<Gpu>, count: usize, connection: &Connection<Gpu>, tiling: Tiling) {
    let buffers = [&pictures.rows.values.memory, &connection.weight.memory, &pictures.product.memory];
    if let Wiring::Local(local) = connection.wiring {
        let p = Parameters {
            rows: count as u32,
            inner: pictures.rows.values.pitch(),
            columns: pictures.product.pitch(),
            units: local.sides()[1] as u32,
            ..Parameters::default()
        };
        let p = of_windows(local, p);
        return dispatch(gpu, Kernel::ConnectLocal { project: true }, &p, &buffers, over_windows(&p));
    }
    let p = Parameters {
        rows: count as u32,
        inner: pictures.rows.values.pitch(),
        columns: connection.weight.pitch(),
        ..Parameters::default()
    };
    let [x, y] = tiling.workgroups(p.rows, p.columns);
    dispatch(gpu, Kernel::Project(tiling), &p, &buffers, [x, y, 1]);
}

pub fn connect(
    gpu: &Gpu,
    input: &Input<Gpu>,
    connection: &Connection<Gpu>,
    rows: Range<usize>,
    accumulate: bool,
    sum: &mut Matrix,
    tiling: Tiling,
) {
    let [width, units] = sides(connection);
    let mut p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: sum.pitch(),
        width,
        units,
        accumulate: u32::from(accumulate),
        ..Parameters::default()
    };
    match input {
        Input::Layer { rows: read, normalised } => {
            p.inner = read.values.pitch();
            p.normalised = u32::from(*normalised);
            let buffers = [&read.values.memory, &connection.weight.memory, &sum.memory, &read.squares.memory];
            if let Wiring::Local(local) = connection.wiring {
                let p = of_windows(local, p);
                return dispatch(gpu, Kernel::ConnectLocal { project: false }, &p, &buffers, over_windows(&p));
            }
            let [x, y] = tiling.workgroups(p.rows, p.columns);
            dispatch(gpu, Kernel::Connect(tiling), &p, &buffers, [x, y, 1]);
        }
        Input::Pictures { pictures, first_picture, count, .. } => {
            debug_assert_eq!(pictures.label_pixels, 0, "a layer of several inputs has its label on top");
            p.first_picture = *first_picture as u32;
            p.pictures = *count as u32;
            let buffers = [&pictures.product.memory, &pictures.rows.squares.memory, &sum.memory];
            dispatch(gpu, Kernel::ConnectPictures, &p, &buffers, over(&p));
        }
    }
}

pub fn settle(
    gpu: &Gpu,
    sum: &Matrix,
    layer: &Layer<Gpu>,
    previous: &Previous<Gpu>,
    rows: Range<usize>,
    output: &mut Activity<Gpu>,
    gated: &mut Matrix,
) {
    let p = Parameters {
        first_row: rows.start as u32,
        columns: sum.pitch(),
        units: sum.columns as u32,
        damping: previous.damping,
        normalised: u32::from(previous.normalised),
        ..Parameters::default()
    };
    let Activity { values, squares, .. } = previous.activity;
    let read = [sum, &layer.bias, values, squares, &output.values, &output.squares, &*gated];
    dispatch(gpu, Kernel::Settle, &p, &read.map(|m| &m.memory), [rows.len() as u32, 1, 1]);
}

pub fn express(gpu: &Gpu, labels: &Labels, rows: Range<usize>, strength: f32, output: &mut Activity<Gpu>) {
    let p = Parameters { rows: rows.len() as u32, first_row: rows.start as u32, strength, ..Parameters::default() };
    let buffers = [&labels.memory, &output.values.memory, &output.squares.memory];
    dispatch(gpu, Kernel::Express, &p, &buffers, [p.rows.div_ceil(LINE), 1, 1]);
}

pub fn transform(
    gpu: &Gpu,
    obstacle: Obstacle,
    seed: u32,
    input: &Activity<Gpu>,
    rows: Range<usize>,
    output: &mut Activity<Gpu>,
) {
    let kind = match obstacle {
        Obstacle::None => return debug_assert!(false, "no box, nothing to go through"),
        Obstacle::Median => 1,
        Obstacle::Sine => 2,
        Obstacle::Table => 3,
    };
    let p = Parameters {
        first_row: rows.start as u32,
        columns: input.values.pitch(),
        units: input.values.columns as u32,
        seed: seed ^ TABLE,
        kind,
        ..Parameters::default()
    };
    let buffers = [&input.values, &input.squares, &output.values, &output.squares].map(|m| &m.memory);
    dispatch(gpu, Kernel::Transform, &p, &buffers, [rows.len() as u32, 1, 1]);
}

pub fn measure(gpu: &Gpu, rule: Rule, rows: Range<usize>, activity: &mut Activity<Gpu>) {
    let Some(goodness) = &activity.goodness else { return };
    let p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: activity.values.pitch(),
        units: activity.values.columns as u32,
        ..of_rule(rule)
    };
    let groups = [p.rows.div_ceil(LINE), p.blocks, 1];
    dispatch(gpu, Kernel::Measure, &p, &[&activity.values.memory, &goodness.memory], groups);
}

/// What kernels are told of a layer's rule.
fn of_rule(rule: Rule) -> Parameters {
    Parameters {
        blocks: rule.blocks as u32,
        sign: rule.sign.factor(),
        tanh: u32::from(rule.activation == Activation::Tanh),
        sums: u32::from(rule.goodness == Goodness::Sum),
        ..Parameters::default()
    }
}

pub fn mask(gpu: &Gpu, mask: &Matrix, connection: &mut Connection<Gpu>) {
    let p = Parameters { rows: mask.rows as u32, columns: mask.pitch(), ..Parameters::default() };
    let buffers = [mask, &connection.weight, &connection.velocity].map(|m| &m.memory);
    dispatch(gpu, Kernel::Mask, &p, &buffers, over(&p));
}

pub fn backward(
    gpu: &Gpu,
    delta: &Matrix,
    connection: &Connection<Gpu>,
    below: &Activity<Gpu>,
    activation: Activation,
    rows: Range<usize>,
    output: &mut Matrix,
) {
    let p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        inner: delta.pitch(),
        columns: output.pitch(),
        units: output.columns as u32,
        width: delta.columns as u32,
        tanh: u32::from(activation == Activation::Tanh),
        ..Parameters::default()
    };
    let buffers = [delta, &connection.weight, &below.values, output].map(|m| &m.memory);
    if let Wiring::Local(local) = connection.wiring {
        let p = of_windows(local, p);
        return dispatch(gpu, Kernel::BackwardLocal, &p, &buffers, [p.units.div_ceil(LINE), p.rows, 1]);
    }
    dispatch(gpu, Kernel::Backward, &p, &buffers, over(&p));
}

/// Workgroups of the kernels that give each vector of each row an invocation.
fn over(p: &Parameters) -> [u32; 3] {
    [p.columns.div_ceil(PICTURE_GROUP[0]), p.rows.div_ceil(PICTURE_GROUP[1]), 1]
}

pub fn forward(
    gpu: &Gpu,
    input: &Input<Gpu>,
    layer: &Layer<Gpu>,
    rows: Range<usize>,
    output: &mut Activity<Gpu>,
    tiling: Tiling,
) {
    let [width, units] = sides(&layer.below);
    debug_assert_eq!(output.values.columns, units as usize);
    let mut p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: output.values.pitch(),
        width,
        ..of_rule(layer.rule)
    };
    if let (Input::Layer { .. }, Wiring::Local(_)) = (input, layer.below.wiring) {
        connect(gpu, input, &layer.below, rows, false, &mut output.values, tiling);
        let buffers = [&layer.bias, &output.values, &output.squares].map(|m| &m.memory);
        return dispatch(gpu, Kernel::Activate, &p, &buffers, [p.rows, 1, 1]);
    }
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
fn batch(values: &Matrix, blocks: &Blocks, rule: Rule) -> Parameters {
    Parameters {
        columns: values.pitch(),
        units: values.columns as u32,
        rows: (blocks.negative.end - blocks.positive.start) as u32,
        batch: blocks.positive.len() as u32,
        positive: blocks.positive.start as u32,
        negative: blocks.negative.start as u32,
        ..of_rule(rule)
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
    let p = Parameters { threshold, temperature, peer, ..batch(&activity.values, blocks, layer.rule) };
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

/// δ as the kernels of an update read it.
struct Source<'a> {
    p: Parameters,
    /// Activities, or δ itself.
    values: &'a Allocation,
    /// Coefficients and the peer term, where `values` are activities.
    local: Option<[&'a Allocation; 2]>,
}

/// What `update` and `update_bias` are told; a δ that is not simply a coefficient times `h` is written to `scratch` first.
fn source<'a>(gpu: &Gpu, delta: &'a Delta<Gpu>, rates: &Rates, scratch: &'a mut Option<Rc<Allocation>>) -> Source<'a> {
    let Rates { rate, momentum, weight_cost } = *rates;
    match delta {
        Delta::Local { values, verdict, blocks, rule } => {
            debug_assert_eq!(blocks.positive.end, blocks.negative.start);
            let p = Parameters { rate, momentum, weight_cost, ..batch(values, blocks, *rule) };
            let local = [&verdict.coefficients, &verdict.peer].map(|m| &m.memory);
            if *rule == (Rule { sign: rule.sign, ..Rule::default() }) {
                return Source { p, values: &values.memory, local: Some(local) };
            }
            let bytes = Matrix::bytes(blocks.negative.end, values.columns);
            let written = &**scratch.insert(gpu.scratch(Scratch::Delta, bytes));
            let buffers = [&values.memory, local[0], local[1], written];
            dispatch(gpu, Kernel::Delta, &p, &buffers, over(&p));
            Source { p, values: written, local: None }
        }
        Delta::Given { delta, rows } => {
            let p = Parameters {
                columns: delta.pitch(),
                units: delta.columns as u32,
                rows: rows.len() as u32,
                batch: rows.len() as u32,
                positive: rows.start as u32,
                rate,
                momentum,
                weight_cost,
                ..Parameters::default()
            };
            Source { p, values: &delta.memory, local: None }
        }
    }
}

pub fn update(
    gpu: &Gpu,
    input: &Input<Gpu>,
    delta: &Delta<Gpu>,
    rates: &Rates,
    connection: &mut Connection<Gpu>,
    tiling: Tiling,
) {
    let mut scratch = None;
    let Source { mut p, values, local } = source(gpu, delta, rates, &mut scratch);
    [p.width, p.units] = sides(connection);
    // Where δ is given nothing of these is read, but something must be bound.
    let [coefficients, peer] = local.unwrap_or([values, values]);
    let given = local.is_none();
    let factors = gpu.scratch(Scratch::Factors, 8 * u64::from(p.rows));
    let lines = [p.rows.div_ceil(LINE), 1, 1];
    let (read, pictures) = match input {
        Input::Layer { rows: below, normalised } => {
            p.normalised = u32::from(*normalised);
            let buffers = [&below.squares.memory, &*factors, coefficients];
            dispatch(gpu, Kernel::Factors { pictures: false, given }, &p, &buffers, lines);
            (&below.values, false)
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            debug_assert_eq!(*count, p.batch as usize, "a block shows each picture once");
            p.first_picture = *first_picture as u32;
            p.label_pixels = pictures.label_pixels as u32;
            let buffers = [&pictures.rows.squares.memory, &*factors, coefficients, &labels.memory];
            dispatch(gpu, Kernel::Factors { pictures: true, given }, &p, &buffers, lines);
            (&pictures.rows.values, true)
        }
    };
    p.inner = read.pitch();
    let [weight, velocity] = [&connection.weight, &connection.velocity].map(|m| &m.memory);
    let buffers = [&read.memory, values, &*factors, peer, velocity, weight];
    if let Wiring::Local(local) = connection.wiring {
        let p = of_windows(local, p);
        let groups = [(local.places() as u32).div_ceil(LINE), p.units, 1];
        return dispatch(gpu, Kernel::UpdateLocal { pictures }, &p, &buffers, groups);
    }
    let [x, y] = tiling.workgroups(4 * p.inner, p.columns);
    dispatch(gpu, Kernel::Update { tiling, pictures }, &p, &buffers, [x, y, 1]);
    if let Input::Pictures { labels, pictures, .. } = input
        && pictures.label_pixels > 0
    {
        let buffers = [values, &*factors, peer, &labels.memory, velocity, weight];
        dispatch(gpu, Kernel::UpdateLabels, &p, &buffers, [p.columns.div_ceil(LINE), LABELS as u32, 1]);
    }
}

pub fn update_bias(gpu: &Gpu, delta: &Delta<Gpu>, rates: &Rates, layer: &mut Layer<Gpu>) {
    let mut scratch = None;
    let Source { p, values, local } = source(gpu, delta, rates, &mut scratch);
    let [velocity, bias] = [&layer.bias_velocity, &layer.bias].map(|m| &m.memory);
    let groups = [p.columns.div_ceil(COLUMN_GROUP), 1, 1];
    match local {
        Some([coefficients, peer]) => {
            let buffers = [values, velocity, bias, coefficients, peer];
            dispatch(gpu, Kernel::UpdateBias { given: false }, &p, &buffers, groups);
        }
        None => dispatch(gpu, Kernel::UpdateBias { given: true }, &p, &[values, velocity, bias], groups),
    }
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
    dispatch(gpu, Kernel::Blame, &p, &buffers, [batch.div_ceil(LINE), 1, 1]);
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
    for (i, (activity, sign)) in layers.iter().enumerate() {
        let p = Parameters {
            first_row: first as u32,
            pictures: count as u32,
            blocks: activity.goodness().columns as u32,
            sign: sign.factor(),
            ..head_parameters(activity, i)
        };
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
