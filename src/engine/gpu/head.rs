//! The softmax head and hard negatives, as dispatches: see [`super::primitives`].

use super::dispatch::{LINE, dispatch};
use super::kernel::Kernel;
use super::parameters::Parameters;
use super::{Gpu, Scratch};
use crate::engine::{Activity, Blocks, Connection, Labels, Matrix, Rates, Sign, Teaching};

/// Layers of which one dispatch reads activities and weights: WebGPU's default limit is eight buffers.
pub(super) const AT_ONCE: usize = 2;
/// The widths of up to [`AT_ONCE`] layers, of which the first is the `voter`-th of the `voters` that the head reads.
pub(super) fn of_layers(layers: &[&Activity], voter: usize, voters: usize) -> Parameters {
    let width = |i: usize| layers.get(i).map_or((0, 0), |layer| (layer.values.pitch(), layer.values.columns() as u32));
    let ((columns, units), (inner, width)) = (width(0), width(1));
    Parameters {
        columns,
        units,
        inner,
        width,
        voter: voter as u32,
        voters: voters as u32,
        accumulate: u32::from(voter > 0),
        ..Parameters::default()
    }
}

/// Which rows of a batch are which.
pub(super) fn of_blocks(blocks: &Blocks, p: Parameters) -> Parameters {
    Parameters { positive: blocks.positive.start as u32, negative: blocks.negative.start as u32, ..p }
}

/// One ascent step of some of the head's layers, from errors that are `scaled` by the kernel or have been before.
pub(super) fn learn(
    gpu: &Gpu,
    layers: &[&Activity],
    errors: &super::Allocation,
    scaled: bool,
    rates: &Rates,
    head: &mut [Connection],
    p: Parameters,
) {
    let Rates { rate, momentum, weight_cost } = *rates;
    let p = Parameters { rate, momentum, weight_cost, parts: layers[0].squares.pitch(), ..p };
    let classes = head[0].weight.columns() as u32;
    let mut buffers = vec![errors];
    for (layer, part) in layers.iter().zip(head) {
        buffers.extend([layer.values.memory(), part.velocity.memory(), part.weight.memory()]);
    }
    buffers.extend(scaled.then(|| layers[0].squares.memory()));
    let groups = [p.units.max(p.width).div_ceil(LINE), layers.len() as u32, 1];
    dispatch(gpu, Kernel::LearnHead { parts: layers.len() as u32, classes, scaled }, &p, &buffers, groups);
}

/// `classify`, `propose` and `blame` in one dispatch for each two layers, and `learn_head` in another.
pub(super) fn teach(
    gpu: &Gpu,
    layers: &[&Activity],
    teaching: &Teaching,
    labels: &mut Labels,
    head: &mut [Connection],
    logits: &mut Matrix,
) {
    let Teaching { blocks, propose, rates } = teaching;
    let (count, voters) = (blocks.positive.len(), layers.len());
    let classes = logits.columns() as u32;
    let errors = gpu.scratch(Scratch::Errors, (count * voters) as u64 * u64::from(16 * logits.pitch()));
    let [seed, step] = propose.unwrap_or_default();
    let of = |some: &[&Activity], i: usize| {
        let last = i * AT_ONCE + some.len() == voters;
        let p = Parameters {
            batch: count as u32,
            normalised: 1,
            seed,
            step,
            proposes: u32::from(last && propose.is_some()),
            blames: u32::from(last),
            ..of_layers(some, i * AT_ONCE, voters)
        };
        of_blocks(blocks, p)
    };
    for (i, (some, parts)) in layers.chunks(AT_ONCE).zip(head.chunks(AT_ONCE)).enumerate() {
        let mut buffers = vec![logits.memory(), labels.memory(), &*errors];
        buffers.extend(some.iter().zip(parts).flat_map(|(layer, part)| [layer.values.memory(), part.weight.memory()]));
        let kernel = Kernel::Head { parts: some.len() as u32, classes, teaches: true };
        dispatch(gpu, kernel, &of(some, i), &buffers, [count as u32, 1, 1]);
    }
    for (i, (some, parts)) in layers.chunks(AT_ONCE).zip(head.chunks_mut(AT_ONCE)).enumerate() {
        learn(gpu, some, &errors, false, rates, parts, of(some, i));
    }
}

pub(super) fn tally(gpu: &Gpu, layers: &[(&Activity, Sign)], first: usize, count: usize, scores: &mut Matrix) {
    for (i, (activity, sign)) in layers.iter().enumerate() {
        let p = Parameters {
            units: activity.values.columns() as u32,
            columns: scores.pitch(),
            accumulate: u32::from(i > 0),
            first_row: first as u32,
            pictures: count as u32,
            blocks: activity.goodness().columns() as u32,
            sign: sign.factor(),
            parts: if activity.goodness.is_some() { 0 } else { activity.squares.pitch() },
            ..Parameters::default()
        };
        let buffers = [activity.goodness().memory(), scores.memory()];
        dispatch(gpu, Kernel::Tally, &p, &buffers, [p.pictures.div_ceil(LINE), scores.columns() as u32, 1]);
    }
}
