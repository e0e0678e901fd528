//! One picture followed through the step that comes next: as a positive and as a negative, layer by layer, with what each
//! asks of the weights of one unit.
//!
//! A copy of the run takes the step, so these are the step's own numbers. What it changes in a weight is the difference
//! between the copy's and the run's.

use super::Session;
use super::look::bytes;
use crate::engine::NORM_FLOOR;
use crate::error::Result;
use crate::recipe::Newest;
use crate::training::Trainer;
use serde::Serialize;

/// One picture on its way up, in both lanes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Followed {
    /// Batches learned from before the one it belongs to.
    pub step: u64,
    /// Its row in that batch, from 0.
    pub row: usize,
    /// Pictures in the batch.
    pub batch: usize,
    /// What the positive shows, 28×28, with its label painted in where it is in the picture.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub positive: Vec<u8>,
    /// What the negative shows.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
    pub negative: Vec<u8>,
    /// The true label and the wrong one, where labels make the difference.
    pub labels: Option<[u8; 2]>,
    /// The layers, from the bottom.
    pub layers: Vec<FollowedLayer>,
}

/// What one layer does with the picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FollowedLayer {
    /// Inputs `D`.
    pub inputs: usize,
    /// Threshold `θ`.
    pub threshold: f32,
    /// Temperature `T`.
    pub temperature: f32,
    /// The picture with its true label.
    pub positive: Station,
    /// … as it is to be rejected.
    pub negative: Station,
    /// The unit whose weights are shown, from 0.
    pub unit: usize,
    /// Its weights before the step, `[D]`; of the first layer those of the picture, without inputs for the label alone.
    pub weights: Vec<f32>,
    /// What the step, all pictures of the batch together, adds to each of them: exactly.
    pub change: Vec<f32>,
    /// Whether a person keeps the layer from learning.
    pub frozen: bool,
}

/// What one layer does with one of the two pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Station {
    /// `h: [N]`.
    pub activities: Vec<f32>,
    /// Its goodness.
    pub goodness: f32,
    /// `p(real)`; over a layer of several blocks their mean.
    pub probability: f32,
    /// What this picture alone adds to each weight of the unit: its share of [`FollowedLayer::change`], `[D]`.
    pub pull: Vec<f32>,
}

impl Session {
    /// Picture `row` of the next batch (going round at its end) through all layers, with the weights of `units[l]` in layer
    /// `l`; of the unit that is pulled at most where none is named. Nothing for recipes in which a picture does not go up
    /// once, layer by layer: the recurrent net and the baseline.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) if the data are not ready; when the engine was lost.
    pub async fn follow(&mut self, row: usize, units: &[Option<usize>]) -> Result<Option<Followed>> {
        if !self.settings().recipe.entry().follow {
            return Ok(None);
        }
        let data = self.data.training_set()?;
        let run = self.trainer.checkpoint(&*self.engine).await?;
        let step = run.step;
        let mut copy = Trainer::new(&*self.engine, run.clone(), data.labels.len())?;
        copy.step(&*self.engine, data)?;
        copy.settle(&*self.engine);
        let weights: Vec<_> = copy.network().layers.iter().map(|layer| &layer.below.weight).collect();
        let after = self.engine.read_all(&weights).await?;

        let settings = copy.settings();
        let row = row % settings.batch;
        let Some((newest, verdicts)) = copy.newest_rows() else { return Ok(None) };
        let Newest { pictures, labels, activities, boxed, blocks } = newest;
        let rows = [blocks.positive.start + row, blocks.negative.start + row];
        let codes = match labels {
            Some(labels) => self.engine.read_labels(labels).await?,
            None => vec![],
        };
        let codes = (!codes.is_empty()).then(|| rows.map(|row| codes[row]));
        let pixels = self.engine.read(pictures).await?;
        let inputs = copy.network().inputs();
        // Inputs for the label alone, if there are any, come before the picture.
        let front = inputs - self.data.shape().pixels();
        let shown = match codes {
            // One picture in both lanes, and another label in its first pixels.
            Some(codes) => codes.map(|code| {
                let mut picture = pixels[row * inputs..(row + 1) * inputs].to_vec();
                picture[usize::from(code)] = 1.0;
                picture
            }),
            None => rows.map(|row| pixels[row * inputs..(row + 1) * inputs].to_vec()),
        };

        let mut below = shown.clone();
        let mut layers = vec![];
        for (i, activity) in activities.into_iter().enumerate() {
            let [inputs, count] = copy.network().shapes[i];
            let rule = copy.network().layers[i].rule;
            let hidden = if i == 0 { front } else { 0 };
            let wanted = [&activity.values, activity.goodness(), &verdicts[i].coefficients, &verdicts[i].peer];
            let mut read = self.engine.read_all(&wanted).await?.into_iter();
            let mut next = || read.next().unwrap_or_default();
            let (values, goodness, coefficients, peer) = (next(), next(), next(), next());
            let of = |values: &[f32], width: usize, row: usize| values[row * width..(row + 1) * width].to_vec();
            let h = rows.map(|row| of(&values, count, row));
            let coefficients = rows.map(|row| of(&coefficients, rule.blocks, row));
            // δ of every unit; only positives are pulled towards the peers' mean.
            let delta = |lane: usize, unit: usize| {
                let coefficient = coefficients[lane][unit / (count / rule.blocks)];
                coefficient * rule.slope(h[lane][unit]) + if lane == 0 { peer[unit] } else { 0.0 }
            };
            let pulled = |unit: usize| delta(0, unit).abs() + delta(1, unit).abs();
            let most = (0..count).max_by(|&a, &b| pulled(a).total_cmp(&pulled(b))).unwrap_or(0);
            let unit = units.get(i).copied().flatten().filter(|&unit| unit < count).unwrap_or(most);
            // A picture is always read as a direction; a layer below is unless the settings say otherwise.
            let directed = i == 0 || settings.reads_direction();
            let share = if run.frozen.get(i) == Some(&true) {
                0.0
            } else {
                settings.rate * self.trainer.gain() * (1.0 - settings.momentum) / settings.batch as f32
            };
            let [positive, negative] = [0, 1].map(|lane| Station {
                activities: h[lane].clone(),
                goodness: goodness[rows[lane] * rule.blocks..(rows[lane] + 1) * rule.blocks].iter().sum(),
                probability: mean(&coefficients[lane], |c| {
                    if lane == 0 { 1.0 - rule.sign.factor() * c } else { -rule.sign.factor() * c }
                }),
                pull: {
                    let scale = share * delta(lane, unit) * if directed { scale(&below[lane]) } else { 1.0 };
                    below[lane][hidden..].iter().map(|x| scale * x).collect()
                },
            });
            let column = |weight: &[f32]| -> Vec<f32> { (hidden..inputs).map(|d| weight[d * count + unit]).collect() };
            let weights = column(&run.layers[i].weight);
            layers.push(FollowedLayer {
                inputs,
                threshold: settings.threshold_of(i) * count as f32,
                temperature: settings.temperature_of(i),
                positive,
                negative,
                unit,
                change: column(&after[i]).iter().zip(&weights).map(|(after, before)| after - before).collect(),
                weights,
                frozen: run.frozen.get(i) == Some(&true),
            });
            below = match boxed.filter(|_| settings.obstacle_after == i + 1) {
                Some(boxed) => {
                    let values = self.engine.read(&boxed.values).await?;
                    rows.map(|row| of(&values, count, row))
                }
                None => h,
            };
        }
        let [positive, negative] = shown.map(|row| bytes(&row[front..]));
        Ok(Some(Followed { step, row, batch: settings.batch, positive, negative, labels: codes, layers }))
    }
}

/// `1 / rms`, as a layer reads its input.
fn scale(input: &[f32]) -> f32 {
    let squares: f32 = input.iter().map(|x| x * x).sum();
    1.0 / ((squares / input.len() as f32).sqrt() + NORM_FLOOR)
}

fn mean(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    values.iter().map(|&v| of(v)).sum::<f32>() / values.len() as f32
}

#[cfg(test)]
mod tests {
    use super::super::tests::{saved, session, small, steps};
    use super::*;
    use crate::engine::Obstacle;
    use crate::engine::cpu::Cpu;
    use crate::model::RecipeKind;
    use crate::model::{Checkpoint, LayerRule, Settings};
    use pollster::block_on;

    fn column(checkpoint: &Checkpoint, layer: usize, unit: usize) -> Vec<f32> {
        let layer = &checkpoint.layers[layer];
        (0..layer.inputs).map(|d| layer.weight[d * layer.units + unit]).collect()
    }

    fn followed(session: &mut Session, row: usize, units: &[Option<usize>]) -> Followed {
        block_on(session.follow(row, units)).unwrap().unwrap()
    }

    #[test]
    fn the_numbers_are_those_of_the_step_that_comes_next() {
        for settings in [
            small(),
            Settings { recipe: RecipeKind::Unsupervised, negatives: crate::negatives::Negatives::Random, ..small() },
            Settings { obstacle: Obstacle::Median, ..small() },
            Settings { rules: LayerRule::list("minimise;blocks=5").unwrap(), ..small() },
        ] {
            let mut session = session(settings);
            steps(&mut session, 3);
            session.freeze(2, true).unwrap();
            let before = saved(&mut session);
            let (row, units) = (4, [Some(7), Some(11)]);
            let told = followed(&mut session, row, &units);
            assert_eq!(saved(&mut session), before, "following is not learning");
            assert_eq!((told.step, told.batch), (3, 20));

            let progress = steps(&mut session, 1);
            let after = saved(&mut session);
            let newest = block_on(session.trainer.newest_negatives(&Cpu)).unwrap().unwrap();
            for (l, layer) in told.layers.iter().enumerate() {
                assert_eq!(layer.unit, units[l].unwrap());
                assert_eq!(layer.weights, column(&before, l, layer.unit));
                let changed: Vec<f32> = column(&after, l, layer.unit)
                    .iter()
                    .zip(column(&before, l, layer.unit))
                    .map(|(after, before)| after - before)
                    .collect();
                assert_eq!(layer.change, changed);
                assert_eq!(layer.change.iter().any(|c| *c != 0.0), l == 0, "layer 2 is frozen");
                assert_eq!(layer.positive.goodness.to_bits(), newest.positive_goodness[l][row].to_bits());
                assert_eq!(layer.negative.goodness.to_bits(), newest.goodness[l][row].to_bits());
                assert_eq!(layer.threshold.to_bits(), progress.layers[l].threshold.to_bits());
            }
        }
    }

    #[test]
    fn what_all_pictures_pull_is_what_the_step_changes() {
        // No momentum left over and no cost: the change is the sum of all pulls.
        let mut session = session(Settings { batch: 6, weight_cost: 0.0, peer: 0.3, ..small() });
        let units = [Some(3), None];
        let all: Vec<Followed> = (0..6).map(|row| followed(&mut session, row, &units)).collect();
        for l in 0..2 {
            let unit = all[0].layers[l].unit;
            let of_unit: Vec<Followed> =
                (0..6).map(|row| followed(&mut session, row, &[Some(3), Some(all[0].layers[1].unit)])).collect();
            let change = &of_unit[0].layers[l].change;
            let largest = change.iter().fold(0.0_f32, |most, c| most.max(c.abs()));
            for (d, change) in change.iter().enumerate() {
                let pulls: f32 =
                    of_unit.iter().map(|f| f.layers[l].positive.pull[d] + f.layers[l].negative.pull[d]).sum();
                // The weights' own last digits are in the change, which is a difference of two of them.
                assert!((pulls - change).abs() <= 2e-3 * largest + 3e-8, "layer {l} unit {unit}: {pulls} {change}");
            }
        }
    }

    #[test]
    fn probability_compares_goodness_with_the_threshold() {
        let mut session = session(small());
        for layer in followed(&mut session, 0, &[]).layers {
            for station in [&layer.positive, &layer.negative] {
                let squares: f32 = station.activities.iter().map(|h| h * h).sum();
                assert!((squares - station.goodness).abs() < 1e-3 * squares);
                let p = 1.0 / (1.0 + (-(station.goodness - layer.threshold) / layer.temperature).exp());
                assert!((p - station.probability).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_picture_that_does_not_go_up_once_is_not_followed() {
        let mut session =
            session(Settings { layers: vec![30, 20], batch: 20, ..Settings::recommended(RecipeKind::Backprop) });
        assert!(block_on(session.follow(0, &[])).unwrap().is_none());
    }
}
