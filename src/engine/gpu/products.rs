//! Pictures to rows, and rows through a layer's product, as dispatches: see [`super::primitives`].

use super::dispatch::{LINE, dispatch, of_rule, of_windows, over, sides};
use super::kernel::Kernel;
use super::memory::{Allocation, PART, Padded};
use super::parameters::Parameters;
use super::source::NO_CODE;
use super::{Gpu, Scratch};
use crate::engine::{Activity, Connection, ImageBytes, Input, Labels, Layer, Pick, Wiring, neutral_strength};
use std::ops::Range;

/// Parts of a row's sum of squares, and rows, of a workgroup of `forward_pictures.wgsl`.
const PICTURE_GROUP: u32 = 8;
/// Picks staged at once: more would crowd the arena.
pub(super) const PICKS_AT_ONCE: usize = 1 << 14;

/// Label codes that go along with picks, from one row on and from another, and where they go.
type Coded<'a> = (&'a [(usize, &'a [u8])], &'a Labels);

/// `gather`, or with label codes `take_in`.
pub(super) fn gather(
    gpu: &Gpu,
    dataset: &ImageBytes,
    picks: &[Pick],
    first_row: usize,
    label_pixels: usize,
    coded: Option<Coded>,
    rows: &mut Activity,
) {
    let (codes, labels) = coded.unzip();
    let codes = codes.unwrap_or_default();
    debug_assert!(codes.len() <= 2, "two codes travel beside a pick");
    let first = |k: usize| codes.get(k).map_or(0, |(first, _)| *first);
    let code = |k: usize, i: usize| codes.get(k).map_or(NO_CODE, |(_, codes)| codes[i]);
    let kernel = Kernel::Gather { labelled: labels.is_some() };
    let front = rows.values.columns() - dataset.gpu().shape.pixels();
    for (i, some) in picks.chunks(PICKS_AT_ONCE).enumerate() {
        let done = i * PICKS_AT_ONCE;
        let p = Parameters {
            first_row: (first_row + done) as u32,
            label_pixels: label_pixels.max(front) as u32,
            front: front as u32,
            positive: (first(0) + done) as u32,
            negative: (first(1) + done) as u32,
            ..of_dataset(dataset, rows)
        };
        let coded = some.iter().zip(done..).flat_map(|(pick, i)| words(*pick, [code(0, i), code(1, i)]));
        let words: Vec<u32> = coded.collect();
        from_dataset(gpu, kernel, p, dataset, &words, some.len(), rows, labels);
    }
}

/// What kernels that read a data set are told of it.
pub(super) fn of_dataset(dataset: &ImageBytes, rows: &Activity) -> Parameters {
    let shape = dataset.gpu().shape;
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
pub(super) fn words(pick: Pick, [a, b]: [u8; 2]) -> [u32; 2] {
    [pick.index, u32::from_le_bytes([pick.dx as u8, pick.dy as u8, a, b])]
}

/// One workgroup a picture of `kernel`, which reads `picks` out of the arena.
#[allow(clippy::too_many_arguments, reason = "what a kernel is given")]
pub(super) fn from_dataset(
    gpu: &Gpu,
    kernel: Kernel,
    p: Parameters,
    dataset: &ImageBytes,
    picks: &[u32],
    count: usize,
    rows: &mut Activity,
    labels: Option<&Labels>,
) {
    debug_assert_eq!(rows.squares.pitch(), 1, "the sums of squares of what comes in are not kept in parts");
    let mut buffers = vec![Some(&dataset.gpu().memory), None, Some(rows.values.memory()), Some(rows.squares.memory())];
    buffers.extend(labels.map(|labels| Some(labels.memory())));
    let with_picks = |at: u64| Parameters { picks_at: at as u32 / 4, ..p };
    let groups = [count as u32, 1, 1];
    gpu.recorder.borrow_mut().dispatch_with(kernel, bytemuck::cast_slice(picks), with_picks, &buffers, groups);
}

/// Rows of an invocation of `connect_local.wgsl`.
const WINDOW_ROWS: u32 = 4;

pub(super) fn connect(
    gpu: &Gpu,
    input: &Input,
    connection: &Connection,
    rows: Range<usize>,
    accumulate: bool,
    sum: &Allocation,
) {
    let [width, units] = sides(connection);
    let mut p = Parameters {
        rows: rows.len() as u32,
        first_row: rows.start as u32,
        columns: units.div_ceil(4),
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
            let buffers = [read.values.memory(), connection.weight.memory(), sum, read.squares.memory()];
            if let Wiring::Local(local) = connection.wiring {
                let p = of_windows(local, p);
                let groups = [p.units.div_ceil(LINE), p.rows.div_ceil(WINDOW_ROWS), 1];
                return dispatch(gpu, Kernel::ConnectLocal, &p, &buffers, groups);
            }
            let tiling = gpu.tiling(rows.len(), connection.weight.columns());
            dispatch(gpu, Kernel::Connect(tiling), &p, &buffers, tiling.workgroups(p.rows, p.columns));
        }
        Input::Pictures { pictures, first_picture, count, .. } => {
            debug_assert_eq!(pictures.label_pixels, 0, "a layer of several inputs has its label on top");
            p.first_picture = *first_picture as u32;
            p.pictures = *count as u32;
            let buffers = [pictures.product.memory(), pictures.rows.squares.memory(), sum];
            dispatch(gpu, Kernel::ConnectPictures, &p, &buffers, over(&p));
        }
    }
}

pub(super) fn forward(gpu: &Gpu, input: &Input, layer: &Layer, rows: Range<usize>, output: &mut Activity) {
    let [width, units] = sides(&layer.below);
    debug_assert_eq!(output.values.columns(), units as usize);
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
        let sum = gpu.scratch(Scratch::Rows, Padded::new(rows.end, units as usize).bytes());
        connect(gpu, input, &layer.below, rows, false, &sum);
        let buffers = [&*sum, layer.bias.memory(), output.values.memory(), output.squares.memory()];
        return dispatch(gpu, Kernel::Settle { previous: false }, &p, &buffers, [p.rows, 1, 1]);
    }
    match input {
        Input::Layer { rows: below, normalised } => {
            p.inner = below.values.pitch();
            p.normalised = u32::from(*normalised);
            p.parts = below.squares.pitch();
            let buffers = [
                below.values.memory(),
                layer.below.weight.memory(),
                output.values.memory(),
                below.squares.memory(),
                layer.bias.memory(),
                output.squares.memory(),
            ];
            let tiling = gpu.tiling(rows.len(), layer.below.weight.columns());
            dispatch(gpu, Kernel::Forward(tiling), &p, &buffers, tiling.workgroups(p.rows, p.columns));
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            p.first_picture = *first_picture as u32;
            p.pictures = *count as u32;
            p.label_pixels = pictures.label_pixels as u32;
            p.neutral = neutral_strength(pictures.label_pixels);
            let buffers = [
                pictures.product.memory(),
                pictures.rows.squares.memory(),
                labels.memory(),
                layer.below.weight.memory(),
                layer.bias.memory(),
                output.values.memory(),
                output.squares.memory(),
            ];
            let groups = [(4 * p.groups).div_ceil(PICTURE_GROUP), p.rows.div_ceil(PICTURE_GROUP), 1];
            dispatch(gpu, Kernel::ForwardPictures, &p, &buffers, groups);
        }
    }
}
