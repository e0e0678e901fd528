//! What every file of dispatches needs: the dispatch itself, and what kernels are told of a rule or of windows.

use super::Gpu;
use super::kernel::Kernel;
use super::memory::Allocation;
use super::parameters::Parameters;
use crate::engine::{Activation, Connection, Goodness, Local, Rule};

/// Invocations of a workgroup of the kernels that give each row, unit or column one.
pub(super) const LINE: u32 = 64;
/// Vectors and rows of a workgroup of the kernels that give each vector of each row an invocation.
const AREA: [u32; 2] = [16, 4];

/// Enqueues `groups` workgroups of `kernel`.
pub(super) fn dispatch(gpu: &Gpu, kernel: Kernel, p: &Parameters, buffers: &[&Allocation], groups: [u32; 3]) {
    let mut bound = [None; 8];
    for (to, from) in bound.iter_mut().zip(buffers) {
        *to = Some(*from);
    }
    gpu.recorder.borrow_mut().dispatch(kernel, p, &bound[..buffers.len()], groups);
}

/// `[D, N]` of a connection.
pub(super) fn sides(connection: &Connection) -> [u32; 2] {
    connection.wiring.sides([connection.weight.rows(), connection.weight.columns()]).map(|units| units as u32)
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

/// Workgroups of the kernels that give each vector of each row an invocation.
pub(super) fn over(p: &Parameters) -> [u32; 3] {
    [p.columns.div_ceil(AREA[0]), p.rows.div_ceil(AREA[1]), 1]
}
