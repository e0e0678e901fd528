//! The CPU engine: the readable text of every primitive, in ndarray, and the fallback where there is no GPU.

mod classify;
mod forward;
mod gather;
mod judge;
mod product;
mod update;

use super::{
    Activity, Blocks, Engine, HeadPart, Identity, Input, Layer, NEUTRAL, Objective, Pick, Pictures, Rates, Verdict,
};
use crate::dataset::Images;
use crate::error::Result;
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
            format!("{} threads", std::thread::available_parallelism().map_or(1, usize::from))
        };
        Identity { kind: "cpu", name }
    }

    fn matrix(&self, rows: usize, columns: usize) -> Result<Self::Matrix> {
        Ok(Array2::zeros((rows, columns)))
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

    fn gather(&self, dataset: &Self::Dataset, picks: &[Pick], first: usize, pictures: &mut Pictures<Self>) {
        gather::gather(dataset, picks, first, pictures);
    }

    fn project(&self, pictures: &mut Pictures<Self>, count: usize, layer: &Layer<Self>) {
        forward::project(pictures, count, layer);
    }

    fn forward(&self, input: &Input<Self>, layer: &Layer<Self>, rows: Range<usize>, output: &mut Activity<Self>) {
        forward::forward(input, layer, rows, output);
    }

    fn judge(
        &self,
        activity: &Activity<Self>,
        blocks: &Blocks,
        objective: &Objective,
        layer: &mut Layer<Self>,
        verdict: &mut Verdict<Self>,
    ) {
        judge::judge(activity, blocks, objective, layer, verdict);
    }

    fn update(
        &self,
        input: &Input<Self>,
        activity: &Activity<Self>,
        blocks: &Blocks,
        verdict: &Verdict<Self>,
        rates: &Rates,
        layer: &mut Layer<Self>,
    ) {
        update::update(input, activity, blocks, verdict, rates, layer);
    }

    fn classify(&self, layers: &[&Activity<Self>], head: &[HeadPart<Self>], count: usize, logits: &mut Self::Matrix) {
        classify::classify(layers, head, count, logits);
    }

    fn learn_head(
        &self,
        layers: &[&Activity<Self>],
        logits: &Self::Matrix,
        labels: &Self::Labels,
        positive: Range<usize>,
        rates: &Rates,
        head: &mut [HeadPart<Self>],
    ) {
        classify::learn_head(layers, logits, &labels[positive], rates, head);
    }

    fn tally(&self, layers: &[&Activity<Self>], first: usize, count: usize, scores: &mut Self::Matrix) {
        classify::tally(layers, first, count, scores);
    }

    fn propose(&self, scores: &Self::Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Self::Labels) {
        classify::propose(scores, blocks, seed, step, labels);
    }
}
