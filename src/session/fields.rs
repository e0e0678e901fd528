//! What a unit looks for: as a picture of its weights, and in the test pictures that excite it.

use super::{Exciting, Session};
use crate::dataset::Shape;
use crate::engine::cpu::product::product;
use crate::engine::{Engine, Pick, Wiring};
use crate::error::{Error, Result};
use crate::model::{LabelPlace, Network};
use crate::order::largest_first;
use crate::recipe::unsupervised::Reader as Glance;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;
use std::ops::Range;

/// What a unit looks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Field {
    /// 28×28, without the label's pixels, or 32×32 in colour: 128 is no weight, above excites, below inhibits; the strongest picture weight is 1 or 255.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub image: Vec<u8>,
    /// What each label input says to it, scaled likewise; empty where no label is at the bottom.
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
enum Which {
    /// Those of these ranks (from 0) in the order of their use.
    Ranks(Range<usize>),
    /// This one, from 0.
    Unit(usize),
}

/// The fields of units of layer `index` (from 0), as pictures of `shape`. Above the first layer the layers below are taken as linear: `W₁·W₂·…` of the
/// unit, which leaves out ReLU and normalisation but shows which pixels speak to it.
async fn fields(
    engine: &dyn Engine,
    network: &Network,
    shape: Shape,
    index: usize,
    which: Which,
) -> Result<Vec<Field>> {
    let [inputs, units] = network.shapes[index];
    let layer = &network.layers[index];
    let mut read = engine.read_all(&[&layer.below.weight, &layer.mean_activity]).await?.into_iter();
    let (weight, mean) = (read.next().unwrap_or_default(), read.next().unwrap_or_default());
    let used: Vec<usize> = match which {
        Which::Unit(unit) => vec![unit],
        Which::Ranks(ranks) => largest_first(&mean).into_iter().take(ranks.end).skip(ranks.start).collect(),
    };
    let count = used.len();
    let mut through = match layer.below.wiring {
        Wiring::Dense => Array2::from_shape_fn((inputs, count), |(i, j)| weight[i * units + used[j]]),
        wiring @ Wiring::Local(_) => {
            let mut chosen = Array2::zeros((units, count));
            used.iter().enumerate().for_each(|(j, &unit)| chosen[(unit, j)] = 1.0);
            down(&weight, wiring, [inputs, units], chosen.view())
        }
    };
    for below in (0..index).rev() {
        let connection = &network.layers[below].below;
        let weight = engine.read(&connection.weight).await?;
        through = down(&weight, connection.wiring, network.shapes[below], through.view());
    }
    let labels = if network.settings.recipe.entry().label == LabelPlace::Picture { network.classes } else { 0 };
    // Inputs for the label alone, if there are any, come before the picture.
    let front = network.inputs() - shape.pixels();
    Ok(used
        .into_iter()
        .zip(through.columns())
        .map(|(unit, weights)| {
            let mut image = picture(weights.iter().copied(), labels);
            let label = image[..labels].to_vec();
            image[..labels].fill(NOTHING);
            image.drain(..front);
            Field { image, label, unit, mean_activity: mean[unit] }
        })
        .collect())
}

/// `W·above`: what the `D` inputs of a connection `[D, N]` say to each column of `above: [N, C]`.
fn down(weight: &[f32], wiring: Wiring, [inputs, units]: [usize; 2], above: ArrayView2<f32>) -> Array2<f32> {
    let mut inputs = Array2::zeros((inputs, above.ncols()));
    match wiring {
        Wiring::Dense => {
            let weight = ArrayView2::from_shape((inputs.nrows(), units), weight).expect("as many as the shape says");
            product(1.0, weight, above, 0.0, &mut inputs.view_mut());
        }
        Wiring::Local(local) => {
            let places = local.places();
            // Seen through windows most units above say nothing to one below.
            for ((unit, column), &value) in above.indexed_iter().filter(|(_, value)| **value != 0.0) {
                for (place, weight) in weight[unit * places..(unit + 1) * places].iter().enumerate() {
                    if let Some(seen) = local.seen(unit, place) {
                        inputs[(seen, column)] += value * weight;
                    }
                }
            }
        }
    }
    inputs
}

/// No weight.
const NOTHING: u8 = 128;

fn picture(weights: impl Iterator<Item = f32> + Clone, labels: usize) -> Vec<u8> {
    // Label pixels carry weights of their own kind, so they do not set the scale.
    let strongest = weights.clone().skip(labels).fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
    weights.map(|w| (128.0 + 127.0 * w / strongest).round().clamp(1.0, 255.0) as u8).collect()
}

/// Test pictures looked through for those that excite a unit most.
const LOOKED_THROUGH: usize = 500;
/// … and where it has a window, whose layers take some twenty times as long.
const LOOKED_THROUGH_LOCAL: usize = 60;

impl Session {
    /// The `count` of the first test pictures that excite unit `unit` (from 0) of layer `layer` (from 1) most.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no such unit; [`Error::Data`] if the data are not ready.
    pub async fn exciting(&mut self, layer: usize, unit: usize, count: usize) -> Result<Vec<Exciting>> {
        let index = self.unit_of(layer, unit)?;
        let units = self.settings().layers[index];
        self.trainer.settle(&*self.engine);
        let test = self.data.test()?;
        let network = self.trainer.network();
        let shown =
            test.labels.len().min(if self.settings().window > 0 { LOOKED_THROUGH_LOCAL } else { LOOKED_THROUGH });
        let picks: Vec<Pick> = (0..shown).map(|i| Pick { index: i as u32, ..Pick::default() }).collect();
        let mut glance = Glance::new(&*self.engine, network, shown.max(1))?;
        let activities = glance.activities(&*self.engine, network, test.images, &picks, index).await?;
        let activities: Vec<f32> = activities.iter().skip(unit).step_by(units).take(shown).copied().collect();
        let mut exciting = vec![];
        for i in largest_first(&activities).into_iter().take(count) {
            let (image, label) = self.data.test_picture(i)?;
            exciting.push(Exciting { image, label: label.value(), activity: activities[i] });
        }
        Ok(exciting)
    }

    /// What units of layer `layer` (from 1) look for: `count` of them in the order of their use, that of rank `first` first.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no such layer.
    pub async fn receptive_fields(&self, layer: usize, first: usize, count: usize) -> Result<Vec<Field>> {
        let index = self.layer_index(layer)?;
        let ranks = Which::Ranks(first..first.saturating_add(count));
        fields(&*self.engine, self.trainer.network(), self.data.shape(), index, ranks).await
    }

    /// What unit `unit` (from 0) of layer `layer` (from 1) looks for.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is no such unit.
    pub async fn receptive_field(&self, layer: usize, unit: usize) -> Result<Field> {
        let index = self.unit_of(layer, unit)?;
        let mut one =
            fields(&*self.engine, self.trainer.network(), self.data.shape(), index, Which::Unit(unit)).await?;
        Ok(one.remove(0))
    }

    /// The layer's index, if it has such a unit.
    fn unit_of(&self, layer: usize, unit: usize) -> Result<usize> {
        let index = self.layer_index(layer)?;
        let units = self.settings().layers[index];
        if unit >= units {
            return Err(Error::setting("unit", unit, format!("choose 0 to {}", units - 1)));
        }
        Ok(index)
    }
}
