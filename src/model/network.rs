//! The hidden layers and the softmax head, wherever their numbers live.

use crate::dataset::LABELS;
use crate::engine::{Engine, HeadPart, Layer};
use crate::error::{Error, Result};
use crate::model::Settings;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// One layer's numbers in plain memory: what a checkpoint holds and what moves between engines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameters {
    /// Inputs `D`.
    pub inputs: usize,
    /// Units `N`.
    pub units: usize,
    /// `W: [D, N]`, row-major.
    pub weight: Vec<f32>,
    /// `b: [N]`.
    pub bias: Vec<f32>,
    /// Momentum of `W`.
    pub weight_velocity: Vec<f32>,
    /// Momentum of `b`.
    pub bias_velocity: Vec<f32>,
    /// Running mean activity `m: [N]`.
    pub mean_activity: Vec<f32>,
    /// The head's weights on this layer, `[N, 10]`; empty for the first layer, which the head does not read.
    pub head_weight: Vec<f32>,
    /// Their momentum.
    pub head_velocity: Vec<f32>,
}

/// What a running mean activity starts from, so that no unit counts as lazy before it was seen.
const MEAN_ACTIVITY_AT_START: f32 = 0.5;

impl Parameters {
    /// A layer as it begins: `weight` drawn, everything else at rest. `reads_head` says whether the softmax head reads
    /// the layer (all but the first).
    pub fn fresh(inputs: usize, units: usize, weight: Vec<f32>, reads_head: bool) -> Self {
        let head = if reads_head { units * LABELS } else { 0 };
        Self {
            inputs,
            units,
            weight,
            bias: vec![0.0; units],
            weight_velocity: vec![0.0; inputs * units],
            bias_velocity: vec![0.0; units],
            mean_activity: vec![MEAN_ACTIVITY_AT_START; units],
            head_weight: vec![0.0; head],
            head_velocity: vec![0.0; head],
        }
    }

    /// Layers of `settings` over `inputs` pixels, drawn from N(0, 1/D) with the settings' seed.
    pub fn random(settings: &Settings, inputs: usize) -> Vec<Self> {
        let mut generator = ChaCha8Rng::seed_from_u64(u64::from(settings.seed));
        let widths: Vec<usize> = std::iter::once(inputs).chain(settings.layers.iter().copied()).collect();
        widths
            .windows(2)
            .enumerate()
            .map(|(i, pair)| {
                let (inputs, units) = (pair[0], pair[1]);
                let deviation = 1.0 / (inputs as f32).sqrt();
                let mut draw = || -> f32 { StandardNormal.sample(&mut generator) };
                let weight = (0..inputs * units).map(|_| deviation * draw()).collect();
                Self::fresh(inputs, units, weight, i > 0)
            })
            .collect()
    }

    /// Every tensor with its name in a checkpoint and its shape.
    pub fn tensors(&self) -> [(&'static str, &[f32], [usize; 2]); 7] {
        let head = [self.head_weight.len() / LABELS, LABELS];
        [
            ("weight", &self.weight, [self.inputs, self.units]),
            ("bias", &self.bias, [1, self.units]),
            ("weight_velocity", &self.weight_velocity, [self.inputs, self.units]),
            ("bias_velocity", &self.bias_velocity, [1, self.units]),
            ("mean_activity", &self.mean_activity, [1, self.units]),
            ("head_weight", &self.head_weight, head),
            ("head_velocity", &self.head_velocity, head),
        ]
    }
}

/// A Forward-Forward network on an engine.
#[derive(Debug)]
pub struct Network<E: Engine> {
    /// Hidden layers from the bottom.
    pub layers: Vec<Layer<E>>,
    /// The softmax head's part for each layer but the first, in the same order.
    pub head: Vec<HeadPart<E>>,
    /// `[D, N]` of each layer.
    pub shapes: Vec<[usize; 2]>,
}

impl<E: Engine> Network<E> {
    /// Puts layers on `engine`.
    ///
    /// # Errors
    /// [`Error::Shape`] if a layer does not fit the one below; whatever the engine says when it has no room.
    pub fn new(engine: &E, layers: &[Parameters]) -> Result<Self> {
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
        let upload = |values: &[f32], rows: usize, columns: usize| -> Result<E::Matrix> {
            let mut matrix = engine.matrix(rows, columns)?;
            engine.write(&mut matrix, values);
            Ok(matrix)
        };
        let mut network = Self { layers: vec![], head: vec![], shapes: vec![] };
        for (i, p) in layers.iter().enumerate() {
            network.layers.push(Layer {
                weight: upload(&p.weight, p.inputs, p.units)?,
                bias: upload(&p.bias, 1, p.units)?,
                weight_velocity: upload(&p.weight_velocity, p.inputs, p.units)?,
                bias_velocity: upload(&p.bias_velocity, 1, p.units)?,
                mean_activity: upload(&p.mean_activity, 1, p.units)?,
            });
            if i > 0 {
                network.head.push(HeadPart {
                    weight: upload(&p.head_weight, p.units, LABELS)?,
                    velocity: upload(&p.head_velocity, p.units, LABELS)?,
                });
            }
            network.shapes.push([p.inputs, p.units]);
        }
        Ok(network)
    }

    /// All layers in plain memory.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn parameters(&self, engine: &E) -> Result<Vec<Parameters>> {
        let mut layers = vec![];
        for (i, (layer, &[inputs, units])) in self.layers.iter().zip(&self.shapes).enumerate() {
            let Layer { weight, bias, weight_velocity, bias_velocity, mean_activity } = layer;
            let mut wanted = vec![weight, bias, weight_velocity, bias_velocity, mean_activity];
            if let Some(part) = i.checked_sub(1).map(|i| &self.head[i]) {
                wanted.extend([&part.weight, &part.velocity]);
            }
            let mut values = engine.read_all(&wanted).await?.into_iter();
            let mut next = || values.next().unwrap_or_default();
            layers.push(Parameters {
                inputs,
                units,
                weight: next(),
                bias: next(),
                weight_velocity: next(),
                bias_velocity: next(),
                mean_activity: next(),
                head_weight: next(),
                head_velocity: next(),
            });
        }
        Ok(layers)
    }

    /// Pixels the first layer reads.
    pub fn inputs(&self) -> usize {
        self.shapes[0][0]
    }

    /// Multiply-adds of one pass through all layers, `Σ D·N`.
    pub fn products(&self) -> usize {
        self.shapes.iter().map(|[d, n]| d * n).sum()
    }
}
