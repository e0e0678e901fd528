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
    Activation, Activity, Blocks, Connection, Delta, Engine, Identity, ImageBytes, Input, Labels, Later, Layer,
    MaskKey, Matrix, NEUTRAL, Objective, Obstacle, Pick, Pictures, Previous, Rates, Reading, Rule, Sign, Verdict,
};
use crate::dataset::Images;
use crate::error::{Error, Result};
use ndarray::Array2;
use std::future::ready;
use std::ops::Range;

/// Runs every primitive in this process: SIMD, and all cores where there are threads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;

impl Matrix {
    /// All values, row after row.
    fn flat(&self) -> &[f32] {
        self.cpu().as_slice().expect("engine matrices are contiguous")
    }

    /// All values, row after row, to be changed.
    fn flat_mut(&mut self) -> &mut [f32] {
        self.cpu_mut().as_slice_mut().expect("engine matrices are contiguous")
    }
}

impl Engine for Cpu {
    fn identity(&self) -> Identity {
        let name = if cfg!(target_arch = "wasm32") {
            "WASM SIMD".to_owned()
        } else {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            format!("{threads} thread{}", if threads == 1 { "" } else { "s" })
        };
        Identity { kind: "cpu", name }
    }

    fn matrix(&self, rows: usize, columns: usize) -> Result<Matrix> {
        let count = rows.checked_mul(columns);
        let mut values = vec![];
        // A vector that cannot grow says so; one that is made at its size ends the process.
        if count.is_none_or(|count| values.try_reserve_exact(count).is_err()) {
            let mebibytes = rows.saturating_mul(columns).saturating_mul(size_of::<f32>()) >> 20;
            return Err(Error::Memory { what: format!("a {rows}×{columns} matrix"), mebibytes });
        }
        values.resize(rows * columns, 0.0);
        Ok(Matrix::Cpu(Array2::from_shape_vec((rows, columns), values).expect("as many values as the shape says")))
    }

    fn write(&self, matrix: &mut Matrix, values: &[f32]) {
        matrix.flat_mut().copy_from_slice(values);
    }

    fn begin_reading(&self, matrices: &[&Matrix]) -> Result<Reading> {
        Ok(Reading::Cpu(matrices.iter().map(|matrix| matrix.flat().to_vec()).collect()))
    }

    fn has_arrived(&self, _: &Reading) -> bool {
        true
    }

    fn finish_reading(&self, reading: Reading) -> Later<'_, Vec<Vec<f32>>> {
        Box::pin(ready(Ok(reading.into_cpu())))
    }

    fn dataset(&self, images: &Images) -> Result<ImageBytes> {
        Ok(ImageBytes::Cpu(images.clone()))
    }

    fn labels(&self, rows: usize) -> Result<Labels> {
        Ok(Labels::Cpu(vec![NEUTRAL; rows]))
    }

    fn write_labels(&self, labels: &mut Labels, first: usize, codes: &[u8]) {
        labels.cpu_mut()[first..first + codes.len()].copy_from_slice(codes);
    }

    fn read_labels<'a>(&'a self, labels: &'a Labels) -> Later<'a, Vec<u8>> {
        Box::pin(ready(Ok(labels.cpu().clone())))
    }

    fn gather(&self, dataset: &ImageBytes, picks: &[Pick], first: usize, label_pixels: usize, rows: &mut Activity) {
        gather::gather(dataset.cpu(), picks, first, label_pixels, rows);
    }

    fn mix(&self, dataset: &ImageBytes, pairs: &[[Pick; 2]], first: usize, key: &MaskKey, rows: &mut Activity) {
        gather::mix(dataset.cpu(), pairs, first, key, rows);
    }

    fn project(&self, pictures: &mut Pictures, count: usize, connection: &Connection) {
        forward::project(pictures, count, connection);
    }

    fn forward(&self, input: &Input, layer: &Layer, rows: Range<usize>, output: &mut Activity) {
        forward::forward(input, layer, rows, output);
    }

    fn connect(&self, input: &Input, connection: &Connection, rows: Range<usize>, accumulate: bool, sum: &mut Matrix) {
        forward::connect(input, connection, rows, accumulate, sum);
    }

    fn settle(
        &self,
        sum: &Matrix,
        layer: &Layer,
        previous: &Previous,
        rows: Range<usize>,
        output: &mut Activity,
        gated: &mut Matrix,
    ) {
        recurrent::settle(sum, layer, previous, rows, output, gated);
    }

    fn express(&self, labels: &Labels, rows: Range<usize>, strength: f32, output: &mut Activity) {
        recurrent::express(labels.cpu(), rows, strength, output);
    }

    fn transform(&self, obstacle: Obstacle, seed: u32, input: &Activity, rows: Range<usize>, output: &mut Activity) {
        transform::transform(obstacle, seed, input, rows, output);
    }

    fn measure(&self, rule: Rule, rows: Range<usize>, activity: &mut Activity) {
        forward::measure(rule, rows, activity);
    }

    fn assess(
        &self,
        activity: &Activity,
        blocks: &Blocks,
        objective: &Objective,
        rates: Option<&Rates>,
        layer: &mut Layer,
        verdict: &mut Verdict,
    ) {
        judge::judge(activity, blocks, objective, layer, verdict);
        if let Some(rates) = rates {
            let delta = Delta::Local { values: &activity.values, verdict, blocks, rule: layer.rule };
            update::update_bias(&delta, rates, layer);
        }
    }

    fn update(&self, input: &Input, delta: &Delta, rates: &Rates, connection: &mut Connection) {
        update::update(input, delta, rates, connection);
    }

    fn update_bias(&self, delta: &Delta, rates: &Rates, layer: &mut Layer) {
        update::update_bias(delta, rates, layer);
    }

    fn mask(&self, mask: &Matrix, connection: &mut Connection) {
        update::mask(mask, connection);
    }

    fn backward(
        &self,
        delta: &Matrix,
        connection: &Connection,
        below: &Activity,
        activation: Activation,
        rows: Range<usize>,
        output: &mut Matrix,
    ) {
        backward::backward(delta, connection, below, activation, rows, output);
    }

    fn classify(&self, layers: &[&Activity], head: &[Connection], normalised: bool, count: usize, logits: &mut Matrix) {
        classify::classify(layers, head, normalised, count, logits);
    }

    fn blame(&self, logits: &Matrix, labels: &Labels, positive: Range<usize>, error: &mut Matrix) {
        classify::blame(logits, &labels.cpu()[positive], error);
    }

    fn learn_head(
        &self,
        layers: &[&Activity],
        error: &Matrix,
        normalised: bool,
        count: usize,
        rates: &Rates,
        head: &mut [Connection],
    ) {
        classify::learn_head(layers, error, normalised, count, rates, head);
    }

    fn tally(&self, layers: &[(&Activity, Sign)], first: usize, count: usize, scores: &mut Matrix) {
        classify::tally(layers, first, count, scores);
    }

    fn propose(&self, scores: &Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Labels) {
        classify::propose(scores, blocks, seed, step, labels.cpu_mut());
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
        assert_eq!(Cpu.matrix(2, 3).unwrap().cpu(), Array2::<f32>::zeros((2, 3)));
    }
}
