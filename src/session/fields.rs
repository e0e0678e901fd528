//! What a unit looks for, as a picture.

use crate::dataset::{LABELS, Shape};
use crate::engine::Engine;
use crate::error::Result;
use crate::model::Network;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;

/// A unit's receptive field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Field {
    /// 28×28: 128 is no weight, above excites, below inhibits; the strongest picture weight is 1 or 255.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// The unit, from 0.
    pub unit: usize,
}

/// The fields of the first `count` units of layer `index` (from 0). Above the first layer the layers below are taken as
/// linear: `W₁·W₂·…` of the unit, which leaves out ReLU and normalisation but shows which pixels speak to it.
pub async fn fields<E: Engine>(engine: &E, network: &Network<E>, index: usize, count: usize) -> Result<Vec<Field>> {
    let [inputs, units] = network.shapes[index];
    let count = count.min(units);
    let weight = engine.read(&network.layers[index].weight).await?;
    let columns = Array2::from_shape_fn((inputs, count), |(i, j)| weight[i * units + j]);
    let mut through = columns;
    for below in (0..index).rev() {
        let weight = engine.read(&network.layers[below].weight).await?;
        let [inputs, units] = network.shapes[below];
        let view = ArrayView2::from_shape((inputs, units), &weight).expect("as many values as the shape says");
        through = view.dot(&through);
    }
    Ok((0..count).map(|unit| Field { image: picture(through.column(unit).iter().copied()), unit }).collect())
}

fn picture(weights: impl Iterator<Item = f32> + Clone) -> Vec<u8> {
    // Label pixels carry weights of their own kind, so they do not set the scale.
    let strongest = weights.clone().skip(LABELS).fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
    let bytes: Vec<u8> = weights.map(|w| (128.0 + 127.0 * w / strongest).round().clamp(1.0, 255.0) as u8).collect();
    debug_assert_eq!(bytes.len(), Shape::MNIST.pixels());
    bytes
}
