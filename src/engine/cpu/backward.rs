//! The only thing that ever goes down: what the backprop baseline needs, and Forward-Forward does without.

use super::forward::{row, sides};
use super::local;
use super::product::product;
use super::tasks::for_each_row;
use crate::engine::{Activation, Activity, Connection, Matrix, Wiring};
use ndarray::s;
use std::ops::Range;

/// See [`crate::engine::Engine::backward`].
pub fn backward(
    delta: &Matrix,
    connection: &Connection,
    below: &Activity,
    activation: Activation,
    rows: Range<usize>,
    output: &mut Matrix,
) {
    let (width, _) = sides(connection);
    let d = delta.cpu().slice(s![rows.clone(), ..]);
    let mut down = output.cpu_mut().slice_mut(s![rows.clone(), ..]);
    match connection.wiring {
        Wiring::Dense => product(1.0, d, connection.weight.cpu().t(), 0.0, &mut down),
        Wiring::Local(wiring) => {
            local::back(d, connection.weight.flat(), wiring, &mut down);
        }
    }
    let out = &mut output.flat_mut()[rows.start * width..rows.end * width];
    let below = below.values.cpu();
    for_each_row(out, width, &mut vec![0.0; rows.len()], |i, out, _| {
        for (d, &h) in out.iter_mut().zip(row(below, rows.start + i)) {
            match activation {
                Activation::Relu if h > 0.0 => (),
                Activation::Relu => *d = 0.0,
                Activation::Tanh => *d *= 1.0 - h * h,
            }
        }
    });
}
