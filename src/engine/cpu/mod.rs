//! The CPU engine: the readable text of every primitive, in ndarray, and the fallback where there is no GPU.

mod backward;
mod classify;
mod forward;
mod gather;
mod judge;
mod local;
pub(crate) mod product;
mod recurrent;
mod scratch;
mod tasks;
mod transform;
mod update;

#[cfg(all(target_arch = "wasm32", feature = "threads"))]
pub(crate) use tasks::CREW;
#[cfg(target_arch = "wasm32")]
pub use tasks::threads;
pub use transform::TABLE;

use super::{
    Activation, Activity, Blocks, Connection, Delta, Engine, Identity, Input, Layer, MaskKey, NEUTRAL, Objective,
    Obstacle, Pick, Pictures, Previous, Rates, Rule, Sign, Verdict,
};
use crate::dataset::Images;
use crate::error::{Error, Result};
use ndarray::Array2;
use std::ops::Range;

/// Runs every primitive in this process: SIMD, and all cores where there are threads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;

impl Engine for Cpu {
    type Matrix = Array2<f32>;
    type Dataset = Images;
    type Labels = Vec<u8>;
    type Reading = Vec<Vec<f32>>;

    fn identity(&self) -> Identity {
        let name = if cfg!(target_arch = "wasm32") {
            "WASM SIMD".to_owned()
        } else {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            format!("{threads} thread{}", if threads == 1 { "" } else { "s" })
        };
        Identity { kind: "cpu", name }
    }

    fn matrix(&self, rows: usize, columns: usize) -> Result<Self::Matrix> {
        let count = rows.checked_mul(columns);
        let mut values = vec![];
        // A vector that cannot grow says so; one that is made at its size ends the process.
        if count.is_none_or(|count| values.try_reserve_exact(count).is_err()) {
            let mebibytes = rows.saturating_mul(columns).saturating_mul(size_of::<f32>()) >> 20;
            return Err(Error::Memory { what: format!("a {rows}×{columns} matrix"), mebibytes });
        }
        values.resize(rows * columns, 0.0);
        Ok(Array2::from_shape_vec((rows, columns), values).expect("as many values as the shape says"))
    }

    fn write(&self, matrix: &mut Self::Matrix, values: &[f32]) {
        matrix.as_slice_mut().expect("engine matrices are contiguous").copy_from_slice(values);
    }

    fn begin_reading(&self, matrices: &[&Self::Matrix]) -> Result<Self::Reading> {
        Ok(matrices.iter().map(|matrix| matrix.iter().copied().collect()).collect())
    }

    fn has_arrived(&self, _: &Self::Reading) -> bool {
        true
    }

    async fn finish_reading(&self, reading: Self::Reading) -> Result<Vec<Vec<f32>>> {
        Ok(reading)
    }

    fn dataset(&self, images: &Images) -> Result<Self::Dataset> {
        Ok(images.clone())
    }

    fn labels(&self, rows: usize) -> Result<Self::Labels> {
        Ok(vec![NEUTRAL; rows])
    }

    fn write_labels(&self, labels: &mut Self::Labels, first: usize, codes: &[u8]) {
        labels[first..first + codes.len()].copy_from_slice(codes);
    }

    async fn read_labels(&self, labels: &Self::Labels) -> Result<Vec<u8>> {
        Ok(labels.clone())
    }

    fn gather(
        &self,
        dataset: &Self::Dataset,
        picks: &[Pick],
        first: usize,
        label_pixels: usize,
        rows: &mut Activity<Self>,
    ) {
        gather::gather(dataset, picks, first, label_pixels, rows);
    }

    fn mix(
        &self,
        dataset: &Self::Dataset,
        pairs: &[[Pick; 2]],
        first: usize,
        key: &MaskKey,
        rows: &mut Activity<Self>,
    ) {
        gather::mix(dataset, pairs, first, key, rows);
    }

    fn project(&self, pictures: &mut Pictures<Self>, count: usize, connection: &Connection<Self>) {
        forward::project(pictures, count, connection);
    }

    fn forward(&self, input: &Input<Self>, layer: &Layer<Self>, rows: Range<usize>, output: &mut Activity<Self>) {
        forward::forward(input, layer, rows, output);
    }

    fn connect(
        &self,
        input: &Input<Self>,
        connection: &Connection<Self>,
        rows: Range<usize>,
        accumulate: bool,
        sum: &mut Self::Matrix,
    ) {
        forward::connect(input, connection, rows, accumulate, sum);
    }

    fn settle(
        &self,
        sum: &Self::Matrix,
        layer: &Layer<Self>,
        previous: &Previous<Self>,
        rows: Range<usize>,
        output: &mut Activity<Self>,
        gated: &mut Self::Matrix,
    ) {
        recurrent::settle(sum, layer, previous, rows, output, gated);
    }

    fn express(&self, labels: &Self::Labels, rows: Range<usize>, strength: f32, output: &mut Activity<Self>) {
        recurrent::express(labels, rows, strength, output);
    }

    fn transform(
        &self,
        obstacle: Obstacle,
        seed: u32,
        input: &Activity<Self>,
        rows: Range<usize>,
        output: &mut Activity<Self>,
    ) {
        transform::transform(obstacle, seed, input, rows, output);
    }

    fn measure(&self, rule: Rule, rows: Range<usize>, activity: &mut Activity<Self>) {
        forward::measure(rule, rows, activity);
    }

    fn assess(
        &self,
        activity: &Activity<Self>,
        blocks: &Blocks,
        objective: &Objective,
        rates: Option<&Rates>,
        layer: &mut Layer<Self>,
        verdict: &mut Verdict<Self>,
    ) {
        judge::judge(activity, blocks, objective, layer, verdict);
        if let Some(rates) = rates {
            let delta = Delta::Local { values: &activity.values, verdict, blocks, rule: layer.rule };
            update::update_bias(&delta, rates, layer);
        }
    }

    fn update(&self, input: &Input<Self>, delta: &Delta<Self>, rates: &Rates, connection: &mut Connection<Self>) {
        update::update(input, delta, rates, connection);
    }

    fn update_bias(&self, delta: &Delta<Self>, rates: &Rates, layer: &mut Layer<Self>) {
        update::update_bias(delta, rates, layer);
    }

    fn mask(&self, mask: &Self::Matrix, connection: &mut Connection<Self>) {
        update::mask(mask, connection);
    }

    fn backward(
        &self,
        delta: &Self::Matrix,
        connection: &Connection<Self>,
        below: &Activity<Self>,
        activation: Activation,
        rows: Range<usize>,
        output: &mut Self::Matrix,
    ) {
        backward::backward(delta, connection, below, activation, rows, output);
    }

    fn classify(
        &self,
        layers: &[&Activity<Self>],
        head: &[Connection<Self>],
        normalised: bool,
        count: usize,
        logits: &mut Self::Matrix,
    ) {
        classify::classify(layers, head, normalised, count, logits);
    }

    fn blame(&self, logits: &Self::Matrix, labels: &Self::Labels, positive: Range<usize>, error: &mut Self::Matrix) {
        classify::blame(logits, &labels[positive], error);
    }

    fn learn_head(
        &self,
        layers: &[&Activity<Self>],
        error: &Self::Matrix,
        normalised: bool,
        count: usize,
        rates: &Rates,
        head: &mut [Connection<Self>],
    ) {
        classify::learn_head(layers, error, normalised, count, rates, head);
    }

    fn tally(&self, layers: &[(&Activity<Self>, Sign)], first: usize, count: usize, scores: &mut Self::Matrix) {
        classify::tally(layers, first, count, scores);
    }

    fn propose(&self, scores: &Self::Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Self::Labels) {
        classify::propose(scores, blocks, seed, step, labels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_in_memory_is_said_and_not_died_of() {
        let error = Cpu.matrix(1 << 20, 1 << 30).unwrap_err().to_string();
        assert!(error.starts_with("there is no memory for a 1048576×1073741824 matrix, 4294967296 MiB"), "{error}");
        assert!(Cpu.matrix(usize::MAX, 2).is_err());
        assert_eq!(Cpu.matrix(2, 3).unwrap(), Array2::<f32>::zeros((2, 3)));
    }
}
