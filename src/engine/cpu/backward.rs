//! The only thing that ever goes down: what the backprop baseline needs, and Forward-Forward does without.

use super::forward::{row, sides};
use super::product::product;
use super::tasks::for_each_row;
use super::{Cpu, local};
use crate::engine::{Activation, Activity, Connection, Wiring};
use ndarray::{Array2, s};
use std::ops::Range;

/// See [`crate::engine::Engine::backward`].
pub fn backward(
    delta: &Array2<f32>,
    connection: &Connection<Cpu>,
    below: &Activity<Cpu>,
    activation: Activation,
    rows: Range<usize>,
    output: &mut Array2<f32>,
) {
    let (width, _) = sides(connection);
    let d = delta.slice(s![rows.clone(), ..]);
    let mut down = output.slice_mut(s![rows.clone(), ..]);
    match connection.wiring {
        Wiring::Dense => product(1.0, d, connection.weight.t(), 0.0, &mut down),
        Wiring::Local(wiring) => {
            local::back(d, connection.weight.as_slice().expect("contiguous"), wiring, &mut down);
        }
    }
    let out = &mut output.as_slice_mut().expect("contiguous")[rows.start * width..rows.end * width];
    for_each_row(out, width, &mut vec![0.0; rows.len()], |i, out, _| {
        for (d, &h) in out.iter_mut().zip(row(&below.values, rows.start + i)) {
            match activation {
                Activation::Relu if h > 0.0 => (),
                Activation::Relu => *d = 0.0,
                Activation::Tanh => *d *= 1.0 - h * h,
            }
        }
    });
}
