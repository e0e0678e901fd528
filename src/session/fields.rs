//! What a unit looks for, as a picture.

use crate::dataset::{LABELS, Shape};
use crate::engine::Engine;
use crate::engine::cpu::product::product;
use crate::error::Result;
use crate::model::{Network, RecipeKind};
use ndarray::{Array2, ArrayView2};
use serde::Serialize;
use std::ops::Range;

/// What a unit looks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Field {
    /// 28×28, without the label's pixels: 128 is no weight, above excites, below inhibits; the strongest picture weight is 1 or 255.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// What each of the ten label pixels says to it, scaled likewise; empty where no label is in the picture.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub label: Vec<u8>,
    /// The unit, from 0.
    pub unit: usize,
    /// Its running mean activity on positive pictures: units come in the order of it.
    pub mean_activity: f32,
}

/// Which units of a layer.
#[derive(Debug, Clone)]
pub enum Which {
    /// Those of these ranks (from 0) in the order of their use.
    Ranks(Range<usize>),
    /// This one, from 0.
    Unit(usize),
}

/// The fields of units of layer `index` (from 0). Above the first layer the layers below are taken as linear: `W₁·W₂·…` of the
/// unit, which leaves out ReLU and normalisation but shows which pixels speak to it.
pub async fn fields<E: Engine>(engine: &E, network: &Network<E>, index: usize, which: Which) -> Result<Vec<Field>> {
    let [inputs, units] = network.shapes[index];
    let layer = &network.layers[index];
    let mut read = engine.read_all(&[&layer.below.weight, &layer.mean_activity]).await?.into_iter();
    let (weight, mean) = (read.next().unwrap_or_default(), read.next().unwrap_or_default());
    let used: Vec<usize> = match which {
        Which::Unit(unit) => vec![unit],
        Which::Ranks(ranks) => {
            let mut used: Vec<usize> = (0..units).collect();
            used.sort_by(|&a, &b| mean[b].total_cmp(&mean[a]));
            used.into_iter().take(ranks.end).skip(ranks.start).collect()
        }
    };
    let count = used.len();
    let columns = Array2::from_shape_fn((inputs, count), |(i, j)| weight[i * units + used[j]]);
    let mut through = columns;
    for below in (0..index).rev() {
        let weight = engine.read(&network.layers[below].below.weight).await?;
        let [inputs, units] = network.shapes[below];
        let view = ArrayView2::from_shape((inputs, units), &weight).expect("as many values as the shape says");
        let mut further = Array2::zeros((inputs, count));
        product(1.0, view, through.view(), 0.0, &mut further.view_mut());
        through = further;
    }
    let labels = if network.settings.recipe == RecipeKind::Supervised { LABELS } else { 0 };
    Ok(used
        .into_iter()
        .zip(through.columns())
        .map(|(unit, weights)| {
            let mut image = picture(weights.iter().copied(), labels);
            let label = image[..labels].to_vec();
            image[..labels].fill(NOTHING);
            Field { image, label, unit, mean_activity: mean[unit] }
        })
        .collect())
}

/// No weight.
const NOTHING: u8 = 128;

fn picture(weights: impl Iterator<Item = f32> + Clone, labels: usize) -> Vec<u8> {
    // Label pixels carry weights of their own kind, so they do not set the scale.
    let strongest = weights.clone().skip(labels).fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
    let bytes: Vec<u8> = weights.map(|w| (128.0 + 127.0 * w / strongest).round().clamp(1.0, 255.0) as u8).collect();
    debug_assert_eq!(bytes.len(), Shape::MNIST.pixels());
    bytes
}
