//! The baseline: backpropagation through a net of the same shape, with ReLU and a softmax on the last layer.
//!
//! It has what Forward-Forward does without: every layer's activities are kept until an error has come back through all layers
//! above, and nothing between two layers may be without a derivative. No normalisation between layers; momentum, weight cost and
//! schedule as everywhere.

use super::stack::Stack;
use super::{Lesson, room};
use crate::engine::{Activity, Connection, Delta, Engine, Input, Labels, Matrix, Obstacle};
use crate::error::Result;
use crate::model::Network;

/// The recipe's memory.
#[derive(Debug)]
pub struct Backprop {
    rows: Activity,
    labels: Labels,
    stack: Stack,
    /// What comes back into each layer, `[B, N]`.
    deltas: Vec<Matrix>,
    logits: Matrix,
    error: Matrix,
}

impl Backprop {
    /// Room for batches of the settings' size.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &dyn Engine, network: &Network) -> Result<Self> {
        let batch = network.settings.batch;
        Ok(Self {
            rows: room::plain(engine, batch, network.inputs())?,
            labels: engine.labels(batch)?,
            stack: Stack::new(engine, network, batch)?,
            deltas: network.shapes.iter().map(|&[_, units]| engine.matrix(batch, units)).collect::<Result<_>>()?,
            logits: engine.matrix(batch, network.classes)?,
            error: engine.matrix(batch, network.classes)?,
        })
    }

    /// The newest logits.
    pub fn logits(&self) -> &Matrix {
        &self.logits
    }

    /// Learns from one batch: all the way up, and all the way down again.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn learn(&mut self, lesson: &Lesson, network: &mut Network) -> Result<()> {
        let engine = lesson.engine;
        let size = network.settings.batch;
        let truth: Vec<u8> = lesson.batch.labels.iter().map(|l| l.value()).collect();
        let codes = [(0, &truth[..])];
        engine.take_in(lesson.dataset, &lesson.batch.picks, 0, &codes, &mut self.rows, &mut self.labels);
        let bottom = Input::Layer { rows: &self.rows, normalised: false };
        self.stack.forward(engine, network, bottom, &(0..size));
        let voters = self.stack.voters(network);
        engine.classify(&voters, &network.head, false, size, &mut self.logits);
        engine.blame(&self.logits, &self.labels, 0..size, &mut self.error);

        // Down: from the softmax to the last layer, and from each layer to the one below, while nothing is in the way.
        let lowest = lowest_reached(network);
        for i in (lowest..network.layers.len()).rev() {
            let (here, above) = self.deltas.split_at_mut(i + 1);
            let (delta, connection): (&Matrix, &Connection) = match above.first() {
                Some(delta) => (delta, &network.layers[i + 1].below),
                None => (&self.error, &network.head[0]),
            };
            let activation = network.layers[i].rule.activation;
            engine.backward(delta, connection, &self.stack.activities[i], activation, 0..size, &mut here[i]);
        }
        engine.learn_head(&voters, &self.error, false, size, &lesson.head_rates, &mut network.head);
        for i in lowest..network.layers.len() {
            if lesson.frozen[i] {
                continue;
            }
            let input = self.stack.input(network, i, bottom);
            let delta = Delta::Given { delta: &self.deltas[i], rows: 0..size };
            let layer = &mut network.layers[i];
            engine.update(&input, &delta, &lesson.rates, &mut layer.below);
            engine.update_bias(&delta, &lesson.rates, layer);
        }
        Ok(())
    }
}

/// The lowest layer that anything comes back to: a box without derivative stops it.
fn lowest_reached(network: &Network) -> usize {
    match network.settings.obstacle {
        Obstacle::None => 0,
        _ => network.settings.obstacle_after,
    }
}
