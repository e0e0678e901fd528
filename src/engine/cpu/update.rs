//! One step of a connection: the local rule, in which each layer climbs on its own goodness, or a δ from elsewhere.

use super::forward::{picture_scale, reading_scale, sides};
use super::local;
use super::product::{Learn, product_and_learn};
use super::scratch::{ROWS, borrow};
use super::tasks::for_each_row;
use crate::engine::{Connection, Delta, Input, Layer, Matrix, NEUTRAL, Rates, Rule, Wiring, neutral_strength};
use ndarray::{ArrayView2, s};
use std::ops::Range;

/// δ, row by row, wherever it comes from.
struct Direction<'a> {
    rows: Range<usize>,
    /// Pictures learned from: the mean is over them.
    batch: usize,
    values: &'a [f32],
    units: usize,
    local: Option<Local<'a>>,
}

/// What makes a local δ of activities.
struct Local<'a> {
    coefficients: &'a [f32],
    peer: &'a [f32],
    positive: &'a Range<usize>,
    rule: Rule,
}

impl<'a> Direction<'a> {
    fn new(delta: &'a Delta) -> Self {
        match delta {
            Delta::Local { values, verdict, blocks, rule } => {
                debug_assert_eq!(blocks.positive.end, blocks.negative.start);
                let local = Local {
                    coefficients: verdict.coefficients.flat(),
                    peer: verdict.peer.flat(),
                    positive: &blocks.positive,
                    rule: *rule,
                };
                Self {
                    rows: blocks.positive.start..blocks.negative.end,
                    batch: blocks.positive.len(),
                    values: values.flat(),
                    units: values.cpu().ncols(),
                    local: Some(local),
                }
            }
            Delta::Given { delta, rows } => Self {
                rows: rows.clone(),
                batch: rows.len(),
                values: delta.flat(),
                units: delta.cpu().ncols(),
                local: None,
            },
        }
    }

    /// `scale·δ` of one row added to `target`; the peer term only if `peers`.
    fn add(&self, target: &mut [f32], row: usize, scale: f32, peers: bool) {
        let values = &self.values[row * self.units..(row + 1) * self.units];
        let Some(local) = &self.local else {
            target.iter_mut().zip(values).for_each(|(t, d)| *t += scale * d);
            return;
        };
        let Local { coefficients, peer, positive, rule } = local;
        if rule.is_standard() {
            let c = scale * coefficients[row];
            if peers && positive.contains(&row) {
                for ((t, h), p) in target.iter_mut().zip(values).zip(*peer) {
                    *t += c * h + scale * p;
                }
            } else {
                for (t, h) in target.iter_mut().zip(values) {
                    *t += c * h;
                }
            }
            return;
        }
        let block = self.units / rule.blocks;
        let coefficients = &coefficients[row * rule.blocks..(row + 1) * rule.blocks];
        let blocks = target.chunks_exact_mut(block).zip(values.chunks_exact(block)).zip(coefficients);
        for ((target, values), coefficient) in blocks {
            let c = scale * coefficient;
            target.iter_mut().zip(values).for_each(|(t, h)| *t += c * rule.slope(*h));
        }
        if peers && positive.contains(&row) {
            target.iter_mut().zip(*peer).for_each(|(t, p)| *t += scale * p);
        }
    }
}

/// See [`crate::engine::Engine::update_bias`].
pub fn update_bias(delta: &Delta, rates: &Rates, layer: &mut Layer) {
    let delta = Direction::new(delta);
    let new_share = (1.0 - rates.momentum) / delta.batch as f32;
    // The column sums of δ, where the peer term counts once a positive row.
    let mut gradient: Vec<f32> = match &delta.local {
        Some(local) => local.peer.iter().map(|p| p * delta.batch as f32).collect(),
        None => vec![0.0; delta.units],
    };
    for row in delta.rows.clone() {
        delta.add(&mut gradient, row, 1.0, false);
    }
    for ((b, v), g) in layer.bias.flat_mut().iter_mut().zip(layer.bias_velocity.flat_mut()).zip(&gradient) {
        *v = rates.momentum * *v + new_share * g;
        *b += rates.rate * *v;
    }
}

/// See [`crate::engine::Engine::update`].
pub fn update(input: &Input, delta: &Delta, rates: &Rates, connection: &mut Connection) {
    let d = Direction::new(delta);
    let (width, units) = sides(connection);
    let rows = d.rows.clone();
    let new_share = (1.0 - rates.momentum) / d.batch as f32;

    let Rates { rate, momentum, weight_cost: cost } = *rates;

    match input {
        Input::Layer { rows: read, normalised } => {
            let squares = read.squares.flat();
            let u = read.values.cpu().slice(s![rows.clone(), ..]);
            borrow(&ROWS, rows.len() * units, |scaled| {
                scaled.fill(0.0);
                for_each_row(scaled, units, &mut vec![0.0; rows.len()], |i, target, _| {
                    let row = rows.start + i;
                    d.add(target, row, reading_scale(squares[row], width, *normalised), true);
                });
                let scaled = ArrayView2::from_shape((rows.len(), units), scaled).expect("as long");
                step(u, scaled, new_share, rates, 0, connection);
            });
        }
        Input::Pictures { pictures, labels, first_picture, count } => {
            // Rows of one picture share its pixels, so their δ are added up first: one product instead of two.
            let (from, squares, labels) = (pictures.label_pixels, pictures.rows.squares.flat(), labels.cpu());
            let scale = |row: usize| {
                let picture = first_picture + (row - rows.start) % count;
                picture_scale(squares[picture], from, labels[row], width)
            };
            let u = pictures.rows.values.cpu().slice(s![*first_picture..first_picture + count, from..]);
            borrow(&ROWS, count * units, |scaled| {
                scaled.fill(0.0);
                for_each_row(scaled, units, &mut vec![0.0; *count], |i, target, _| {
                    for row in (rows.start + i..rows.end).step_by(*count) {
                        d.add(target, row, scale(row), true);
                    }
                });
                let scaled = ArrayView2::from_shape((*count, units), scaled).expect("as long");
                step(u, scaled, new_share, rates, from, connection);
            });
            if from > 0 {
                let Connection { weight, velocity, .. } = connection;
                let labelled = &mut velocity.flat_mut()[..from * units];
                learn_labels(&d, labels, momentum, |row| scale(row) * new_share, labelled);
                Learn { weight: weight.cpu_mut().slice_mut(s![..from, ..]), rate, cost }
                    .follow(&velocity.cpu().slice(s![..from, ..]));
            }
        }
    }
}

/// `v ← μv + share·uᵀδ` and the step along it, for the weights of inputs from `from` on.
fn step(
    u: ArrayView2<f32>,
    delta: ArrayView2<f32>,
    share: f32,
    rates: &Rates,
    from: usize,
    connection: &mut Connection,
) {
    match connection.wiring {
        Wiring::Dense => {
            let Connection { weight, velocity, .. } = connection;
            let weight = weight.cpu_mut().slice_mut(s![from.., ..]);
            let learn = Learn { weight, rate: rates.rate, cost: rates.weight_cost };
            let mut velocity = velocity.cpu_mut().slice_mut(s![from.., ..]);
            product_and_learn(share, u.t(), delta, rates.momentum, &mut velocity, learn);
        }
        Wiring::Local(wiring) => local::learn(u, delta, share, rates, wiring, connection),
    }
}

/// Momentum of the label pixels' weights, `velocity: [C, N]`: each row of the batch has ink in one of them, or a little in all.
fn learn_labels(delta: &Direction, labels: &[u8], momentum: f32, share: impl Fn(usize) -> f32, velocity: &mut [f32]) {
    for v in &mut *velocity {
        *v *= momentum;
    }
    let neutral = neutral_strength(velocity.len() / delta.units);
    for row in delta.rows.clone() {
        let code = labels[row];
        if code == NEUTRAL {
            for velocity in velocity.chunks_exact_mut(delta.units) {
                delta.add(velocity, row, share(row) * neutral, true);
            }
        } else {
            let code = usize::from(code);
            delta.add(&mut velocity[code * delta.units..(code + 1) * delta.units], row, share(row), true);
        }
    }
}

/// See [`crate::engine::Engine::mask`].
pub fn mask(mask: &Matrix, connection: &mut Connection) {
    *connection.weight.cpu_mut() *= mask.cpu();
    *connection.velocity.cpu_mut() *= mask.cpu();
}
