//! What a layer learns by, as dispatches: see [`super::primitives`].

use super::dispatch::{LINE, dispatch, of_rule, of_windows, over, sides};
use super::kernel::Kernel;
use super::memory::{Allocation, Padded};
use super::parameters::Parameters;
use super::{Gpu, Scratch};
use crate::engine::{Blocks, Connection, Delta, Input, Layer, Matrix, Rates, Rule, Wiring, neutral_strength};
use std::rc::Rc;

/// Columns (vectors) of a workgroup of `update_bias.wgsl`.
const COLUMN_GROUP: u32 = 16;

/// What all kernels of a training batch are told.
pub(super) fn batch(values: &Matrix, blocks: &Blocks, rule: Rule) -> Parameters {
    debug_assert_eq!(blocks.positive.end, blocks.negative.start);
    Parameters {
        columns: values.pitch(),
        units: values.columns() as u32,
        rows: (blocks.negative.end - blocks.positive.start) as u32,
        batch: blocks.positive.len() as u32,
        positive: blocks.positive.start as u32,
        negative: blocks.negative.start as u32,
        ..of_rule(rule)
    }
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
fn source<'a>(gpu: &Gpu, delta: &'a Delta, rates: &Rates, scratch: &'a mut Option<Rc<Allocation>>) -> Source<'a> {
    let Rates { rate, momentum, weight_cost } = *rates;
    match delta {
        Delta::Local { values, verdict, blocks, rule } => {
            let p = Parameters { rate, momentum, weight_cost, ..batch(values, blocks, *rule) };
            let local = [&verdict.coefficients, &verdict.peer].map(Matrix::memory);
            if rule.is_standard() {
                return Source { p, values: values.memory(), local: Some(local) };
            }
            let bytes = Padded::new(blocks.negative.end, values.columns()).bytes();
            let written = &**scratch.insert(gpu.scratch(Scratch::Rows, bytes));
            let buffers = [values.memory(), local[0], local[1], written];
            dispatch(gpu, Kernel::Delta, &p, &buffers, over(&p));
            Source { p, values: written, local: None }
        }
        Delta::Given { delta, rows } => {
            let p = Parameters {
                columns: delta.pitch(),
                units: delta.columns() as u32,
                rows: rows.len() as u32,
                batch: rows.len() as u32,
                positive: rows.start as u32,
                rate,
                momentum,
                weight_cost,
                ..Parameters::default()
            };
            Source { p, values: delta.memory(), local: None }
        }
    }
}

pub(super) fn update(gpu: &Gpu, input: &Input, delta: &Delta, rates: &Rates, connection: &mut Connection) {
    let mut scratch = None;
    let Source { mut p, values, local } = source(gpu, delta, rates, &mut scratch);
    [p.width, p.units] = sides(connection);
    let (read, codes) = match input {
        Input::Layer { rows: below, normalised } => {
            p.normalised = u32::from(*normalised);
            (*below, None)
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            debug_assert_eq!(*count, p.batch as usize, "a block shows each picture once");
            p.first_picture = *first_picture as u32;
            p.label_pixels = pictures.label_pixels as u32;
            p.neutral = neutral_strength(pictures.label_pixels);
            (&pictures.rows, Some(labels.memory()))
        }
    };
    p.inner = read.values.pitch();
    p.parts = read.squares.pitch();
    let mut buffers = vec![read.values.memory(), values, read.squares.memory()];
    buffers.extend(local.into_iter().flatten());
    buffers.extend([connection.velocity.memory(), connection.weight.memory()]);
    buffers.extend(codes);
    let (pictures, given) = (codes.is_some(), local.is_none());
    if let Wiring::Local(local) = connection.wiring {
        let p = of_windows(local, p);
        let groups = [(local.places() as u32).div_ceil(LINE), p.units, 1];
        return dispatch(gpu, Kernel::UpdateLocal { pictures, given }, &p, &buffers, groups);
    }
    let tiling = gpu.tiling(connection.weight.rows(), connection.weight.columns());
    let groups = tiling.workgroups(4 * p.inner, p.columns);
    dispatch(gpu, Kernel::Update { tiling, pictures, given }, &p, &buffers, groups);
}

pub(super) fn update_bias(gpu: &Gpu, delta: &Delta, rates: &Rates, layer: &mut Layer) {
    let mut scratch = None;
    let Source { p, values, local } = source(gpu, delta, rates, &mut scratch);
    let mut buffers = vec![values, layer.bias_velocity.memory(), layer.bias.memory()];
    buffers.extend(local.into_iter().flatten());
    let groups = [p.columns.div_ceil(COLUMN_GROUP), 1, 1];
    dispatch(gpu, Kernel::UpdateBias { given: local.is_none() }, &p, &buffers, groups);
}
