//! The hidden layers and the softmax head on an engine.

use super::parameters::region_mask;
use crate::engine::{Connection, Engine, Layer, Matrix, Wiring};
use crate::error::{Error, Result};
use crate::model::{Ends, Parameters, Settings};

/// A network on an engine.
#[derive(Debug)]
pub struct Network {
    /// What it was made for.
    pub settings: Settings,
    /// Hidden layers from the bottom.
    pub layers: Vec<Layer>,
    /// The softmax head's part for each layer from [`Settings::first_voter`] on.
    pub head: Vec<Connection>,
    /// `[D, N]` of each layer.
    pub shapes: Vec<[usize; 2]>,
    /// Classes that it tells apart.
    pub classes: usize,
    /// What keeps the first layer's blocks to their regions, `[D, N]`.
    pub regions: Option<Matrix>,
}

impl Network {
    /// Puts layers on `engine`. Each is gone from plain memory before the next is there twice.
    ///
    /// # Errors
    /// [`Error::Shape`] if a layer does not fit the one below; whatever the engine says when it has no room.
    pub fn new(engine: &dyn Engine, settings: &Settings, layers: Vec<Parameters>) -> Result<Self> {
        for (i, pair) in layers.windows(2).enumerate() {
            if pair[0].units != pair[1].inputs {
                return Err(Error::Shape {
                    operation: "stacking layers",
                    left: format!("layer {} with {} inputs", i + 2, pair[1].inputs),
                    right: format!("layer {} with {} units", i + 1, pair[0].units),
                });
            }
        }
        for (i, layer) in layers.iter().enumerate() {
            for (name, values, shape) in layer.tensors() {
                if values.len() != shape[0] * shape[1] {
                    return Err(Error::Shape {
                        operation: "putting a layer together",
                        left: format!("{name} of layer {} with {} values", i + 1, values.len()),
                        right: format!("a {}×{} matrix", shape[0], shape[1]),
                    });
                }
            }
        }
        let upload = |values: &[f32], rows: usize, columns: usize| -> Result<Matrix> {
            let mut matrix = engine.matrix(rows, columns)?;
            engine.write(&mut matrix, values);
            Ok(matrix)
        };
        let connection = |weight: &[f32], velocity: &[f32], wiring: Wiring, [inputs, units]: [usize; 2]| {
            let [rows, columns] = wiring.shape(inputs, units);
            let [weight, velocity] = [upload(weight, rows, columns)?, upload(velocity, rows, columns)?];
            Ok(Connection { weight, velocity, wiring })
        };
        let ends = Ends::of(&layers);
        let regions = match region_mask(settings, ends) {
            Some(mask) => Some(upload(&mask, layers[0].inputs, layers[0].units)?),
            None => None,
        };
        let classes = ends.classes;
        let settings = settings.clone();
        let mut network = Self { settings, layers: vec![], head: vec![], shapes: vec![], classes, regions };
        for (i, p) in layers.into_iter().enumerate() {
            network.layers.push(Layer {
                rule: network.settings.layer_rule(i).rule(),
                below: connection(&p.weight, &p.weight_velocity, p.wiring[0], [p.inputs, p.units])?,
                above: match p.above_inputs() {
                    0 => None,
                    above => Some(connection(&p.above_weight, &p.above_velocity, p.wiring[1], [above, p.units])?),
                },
                bias: upload(&p.bias, 1, p.units)?,
                bias_velocity: upload(&p.bias_velocity, 1, p.units)?,
                mean_activity: upload(&p.mean_activity, 1, p.units)?,
            });
            if i >= network.settings.first_voter() {
                network.head.push(connection(&p.head_weight, &p.head_velocity, Wiring::Dense, [p.units, classes])?);
            }
            network.shapes.push([p.inputs, p.units]);
        }
        Ok(network)
    }

    /// All layers in plain memory, read in one go: everything is on its way before anything is waited for.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn parameters(&self, engine: &dyn Engine) -> Result<Vec<Parameters>> {
        let mut coming = vec![];
        let first_voter = self.settings.first_voter();
        for (i, layer) in self.layers.iter().enumerate() {
            let Layer { below, above, bias, bias_velocity, mean_activity, .. } = layer;
            let mut wanted = vec![&below.weight, bias, &below.velocity, bias_velocity, mean_activity];
            let connections = [above.as_ref(), i.checked_sub(first_voter).map(|i| &self.head[i])];
            for connection in connections.into_iter().flatten() {
                wanted.extend([&connection.weight, &connection.velocity]);
            }
            let wiring = [below.wiring, above.as_ref().map_or(Wiring::Dense, |above| above.wiring)];
            coming.push((engine.begin_reading(&wanted)?, wiring, connections.map(|c| c.is_some())));
        }
        let mut layers = vec![];
        for ((reading, wiring, [has_above, has_head]), &[inputs, units]) in coming.into_iter().zip(&self.shapes) {
            let mut values = engine.finish_reading(reading).await?.into_iter();
            let mut next = |there: bool| if there { values.next().unwrap_or_default() } else { vec![] };
            layers.push(Parameters {
                inputs,
                units,
                wiring,
                weight: next(true),
                bias: next(true),
                weight_velocity: next(true),
                bias_velocity: next(true),
                mean_activity: next(true),
                above_weight: next(has_above),
                above_velocity: next(has_above),
                head_weight: next(has_head),
                head_velocity: next(has_head),
            });
        }
        Ok(layers)
    }

    /// Inputs of the first layer.
    pub fn inputs(&self) -> usize {
        self.shapes[0][0]
    }

    /// Multiply-adds of one pass through all layers, `Σ D·N`; where units see windows, as many as there are weights.
    pub fn products(&self) -> usize {
        let each = self.layers.iter().zip(&self.shapes);
        each.map(|(layer, &[d, n])| layer.below.wiring.fan_in(d) * n).sum()
    }
}
