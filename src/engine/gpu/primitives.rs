//! Each primitive of [`crate::engine::Engine`] as dispatches: what brings pictures in and takes them up. The formulas stand in the
//! shaders' heads.

use super::Gpu;
use super::kernel::Kernel;
use super::memory::{Allocation, Bytes, Labels, Matrix, PART};
use super::parameters::Parameters;
use super::source::NO_CODE;
use crate::engine::cpu::TABLE;
use crate::engine::{
    Activation, Activity, Connection, Goodness, Input, Layer, Local, MaskKey, Obstacle, Pick, Pictures, Previous, Rule,
    Wiring,
};
use std::ops::Range;

/// Invocations of a workgroup of the kernels that give each row, unit or column one.
pub(super) const LINE: u32 = 64;
/// Vectors and rows of a workgroup of the kernels that give each vector of each row an invocation.
const AREA: [u32; 2] = [16, 4];
/// Parts of a row's sum of squares, and rows, of a workgroup of `forward_pictures.wgsl`.
const PICTURE_GROUP: u32 = 8;
/// Picks staged at once: more would crowd the arena.
const PICKS_AT_ONCE: usize = 1 << 14;

pub(super) fn dispatch(gpu: &Gpu, kernel: Kernel, p: &Parameters, buffers: &[&Allocation], groups: [u32; 3]) {
    let mut bound = [None; 8];
    for (to, from) in bound.iter_mut().zip(buffers) {
        *to = Some(*from);
    }
    gpu.recorder.borrow_mut().dispatch(kernel, p, &bound[..buffers.len()], groups);
}

/// Label codes that go along with picks, from one row on and from another, and where they go.
type Coded<'a> = (&'a [(usize, &'a [u8])], &'a Labels);

/// `gather`, or with label codes `take_in`.
pub fn gather(
    gpu: &Gpu,
    dataset: &Bytes,
    picks: &[Pick],
    first_row: usize,
    label_pixels: usize,
    coded: Option<Coded>,
    rows: &mut Activity<Gpu>,
) {
    let (codes, labels) = coded.unzip();
    let codes = codes.unwrap_or_default();
    debug_assert!(codes.len() <= 2, "two codes travel beside a pick");
    let first = |k: usize| codes.get(k).map_or(0, |(first, _)| *first);
    let code = |k: usize, i: usize| codes.get(k).map_or(NO_CODE, |(_, codes)| codes[i]);
    let kernel = Kernel::Gather { labelled: labels.is_some() };
    for (i, some) in picks.chunks(PICKS_AT_ONCE).enumerate() {
        let done = i * PICKS_AT_ONCE;
        let p = Parameters {
            first_row: (first_row + done) as u32,
            label_pixels: label_pixels as u32,
            positive: (first(0) + done) as u32,
            negative: (first(1) + done) as u32,
            ..of_dataset(dataset, rows)
        };
        let coded = some.iter().zip(done..).flat_map(|(pick, i)| words(*pick, [code(0, i), code(1, i)]));
        let words: Vec<u32> = coded.collect();
        from_dataset(gpu, kernel, p, dataset, &words, some.len(), rows, labels);
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
        let words: Vec<u32> = pairs.as_flattened().iter().flat_map(|pick| words(*pick, [NO_CODE; 2])).collect();
        from_dataset(gpu, Kernel::Mix, p, dataset, &words, pairs.len(), rows, None);
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

/// A pick as kernels read it: index, then both shifts and two label codes in one word.
fn words(pick: Pick, [a, b]: [u8; 2]) -> [u32; 2] {
    [pick.index, u32::from_le_bytes([pick.dx as u8, pick.dy as u8, a, b])]
}

/// One workgroup a picture of `kernel`, which reads `picks` out of the arena.
#[allow(clippy::too_many_arguments, reason = "what a kernel is given")]
fn from_dataset(
    gpu: &Gpu,
    kernel: Kernel,
    p: Parameters,
    dataset: &Bytes,
    picks: &[u32],
    count: usize,
    rows: &mut Activity<Gpu>,
    labels: Option<&Labels>,
) {
    debug_assert_eq!(rows.squares.pitch(), 1, "the sums of squares of what comes in are not kept in parts");
    let mut buffers = vec![Some(&dataset.memory), None, Some(&rows.values.memory), Some(&rows.squares.memory)];
    buffers.extend(labels.map(|labels| Some(&labels.memory)));
    let with_picks = |at: u64| Parameters { picks_at: at as u32 / 4, ..p };
    let groups = [count as u32, 1, 1];
    gpu.recorder.borrow_mut().dispatch_with(kernel, bytemuck::cast_slice(picks), with_picks, &buffers, groups);
}

/// `[D, N]` of a connection.
pub(super) fn sides(connection: &Connection<Gpu>) -> [u32; 2] {
    let Matrix { rows, columns, .. } = connection.weight;
    connection.wiring.sides([rows, columns]).map(|units| units as u32)
}

/// What kernels of local wiring are told of it.
pub(super) fn of_windows(local: Local, p: Parameters) -> Parameters {
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

pub fn project(gpu: &Gpu, pictures: &mut Pictures<Gpu>, count: usize, connection: &Connection<Gpu>) {
    let buffers = [&pictures.rows.values.memory, &connection.weight.memory, &pictures.product.memory];
    let p = Parameters {
        rows: count as u32,
        inner: pictures.rows.values.pitch(),
        columns: pictures.product.pitch(),
        units: pictures.product.columns as u32,
        ..Parameters::default()
    };
    if let Wiring::Local(local) = connection.wiring {
        let p = of_windows(local, p);
        return dispatch(gpu, Kernel::ConnectLocal { project: true }, &p, &buffers, over_windows(&p));
    }
    let tiling = gpu.tiling(count, connection.weight.columns);
    dispatch(gpu, Kernel::Project(tiling), &p, &buffers, tiling.workgroups(p.rows, p.columns));
}

pub fn connect(
    gpu: &Gpu,
    input: &Input<Gpu>,
    connection: &Connection<Gpu>,
    rows: Range<usize>,
    accumulate: bool,
    sum: &mut Matrix,
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
            p.parts = read.squares.pitch();
            let buffers = [&read.values.memory, &connection.weight.memory, &sum.memory, &read.squares.memory];
            if let Wiring::Local(local) = connection.wiring {
                let p = of_windows(local, p);
                return dispatch(gpu, Kernel::ConnectLocal { project: false }, &p, &buffers, over_windows(&p));
            }
            let tiling = gpu.tiling(rows.len(), connection.weight.columns);
            dispatch(gpu, Kernel::Connect(tiling), &p, &buffers, tiling.workgroups(p.rows, p.columns));
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
        parts: previous.activity.squares.pitch(),
        groups: output.squares.pitch(),
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
        parts: input.squares.pitch(),
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
pub(super) fn of_rule(rule: Rule) -> Parameters {
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
pub(super) fn over(p: &Parameters) -> [u32; 3] {
    [p.columns.div_ceil(AREA[0]), p.rows.div_ceil(AREA[1]), 1]
}

pub fn forward(gpu: &Gpu, input: &Input<Gpu>, layer: &Layer<Gpu>, rows: Range<usize>, output: &mut Activity<Gpu>) {
    let [width, units] = sides(&layer.below);
    debug_assert_eq!(output.values.columns, units as usize);
    debug_assert_eq!(output.squares.pitch(), units.div_ceil(4 * PART as u32), "`Engine::sums` makes their room");
    let mut p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: output.values.pitch(),
        width,
        groups: output.squares.pitch(),
        ..of_rule(layer.rule)
    };
    if let (Input::Layer { .. }, Wiring::Local(_)) = (input, layer.below.wiring) {
        connect(gpu, input, &layer.below, rows, false, &mut output.values);
        let buffers = [&layer.bias, &output.values, &output.squares].map(|m| &m.memory);
        return dispatch(gpu, Kernel::Activate, &p, &buffers, [p.rows, 1, 1]);
    }
    match input {
        Input::Layer { rows: below, normalised } => {
            p.inner = below.values.pitch();
            p.normalised = u32::from(*normalised);
            p.parts = below.squares.pitch();
            let buffers = [
                &below.values.memory,
                &layer.below.weight.memory,
                &output.values.memory,
                &below.squares.memory,
                &layer.bias.memory,
                &output.squares.memory,
            ];
            let tiling = gpu.tiling(rows.len(), layer.below.weight.columns);
            dispatch(gpu, Kernel::Forward(tiling), &p, &buffers, tiling.workgroups(p.rows, p.columns));
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            p.first_picture = *first_picture as u32;
            p.pictures = *count as u32;
            p.label_pixels = pictures.label_pixels as u32;
            let buffers = [
                &pictures.product.memory,
                &pictures.rows.squares.memory,
                &labels.memory,
                &layer.below.weight.memory,
                &layer.bias.memory,
                &output.values.memory,
                &output.squares.memory,
            ];
            let groups = [(4 * p.groups).div_ceil(PICTURE_GROUP), p.rows.div_ceil(PICTURE_GROUP), 1];
            dispatch(gpu, Kernel::ForwardPictures, &p, &buffers, groups);
        }
    }
}
