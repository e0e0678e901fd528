//! Replays batches through Hinton's published code, recorded in a safetensors file, and compares every tensor in it.
//! Any number of layers and any batch size will do.

use forward_forward::dataset::{Images, Label, Shape, Split};
use forward_forward::engine::{Engine, Pick};
use forward_forward::model::{Checkpoint, Parameters, Settings};
use forward_forward::training::{Batch, Trainer, TrainingSet};
use safetensors::SafeTensors;
use std::collections::HashMap;

/// How far apart two correct `f32` programs may come out in goodness, relative. At T = 1 the logistic function makes
/// p(1 − p)·g times as much of it, which is allowed on top in `p_real`: the recording itself was made in `f32`, adding
/// up squares one by one, and lies up to 3e-5 from a rerun in `f64`.
const GOODNESS_ROUNDING: f32 = 1e-6;

/// A recording's bytes, and what to call it.
pub struct Recording {
    pub file: String,
    pub bytes: Vec<u8>,
}

impl Recording {
    /// The one the variable `FF_REFERENCE` names, or the committed one.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn open() -> Self {
        let file = std::env::var("FF_REFERENCE").unwrap_or_else(|_| {
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/hinton_reference.safetensors").to_owned()
        });
        let bytes = std::fs::read(&file).unwrap_or_else(|e| panic!("cannot read the recording {file}: {e}"));
        Self { file, bytes }
    }

    fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).unwrap_or_else(|e| panic!("{}: {e}", self.file))
    }

    fn metadata(&self) -> HashMap<String, String> {
        let (_, metadata) = SafeTensors::read_metadata(&self.bytes).expect("metadata");
        metadata.metadata().clone().expect("the recording says its batch size")
    }
}

fn floats(tensors: &SafeTensors, name: &str) -> Vec<f32> {
    let tensor = tensors.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
    tensor.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

fn labels(tensors: &SafeTensors, name: &str) -> Vec<Label> {
    tensors.tensor(name).expect(name).data().iter().map(|&l| Label::new(l).expect("a digit")).collect()
}

/// The largest difference of two tensors, absolute below 1 and relative above.
fn difference(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).fold(0.0, |worst, (a, b)| {
        let d = (a - b).abs() / b.abs().max(1.0);
        // NaN must fail, and `max` would drop it.
        if d.is_nan() { f32::INFINITY } else { worst.max(d) }
    })
}

/// As [`difference`], for probabilities `σ(g − θ)`: less what rounding of `g` alone explains.
fn difference_of_probabilities(ours: &[f32], theirs: &[f32], threshold: f32) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).fold(0.0, |worst, (a, b)| {
        let d = (a - b).abs() - b * (1.0 - b) * threshold * GOODNESS_ROUNDING;
        if d.is_nan() { f32::INFINITY } else { worst.max(d) }
    })
}

/// Replays the recording on `engine`; every tensor the file holds with the largest difference from ours.
pub async fn replay(engine: &dyn Engine, recording: &Recording) -> Vec<(String, f32)> {
    let tensors = recording.tensors();
    let batch: usize = recording.metadata()["batch_size"].parse().expect("a number");
    let images = tensors.tensor("images").expect("images");
    let split = Split::new(
        Images::new(Shape::MNIST, images.data().to_vec()).expect("28×28 images"),
        labels(&tensors, "labels"),
    )
    .expect("as many labels as images");
    let wrong = labels(&tensors, "negative_labels");

    let mut layers = vec![];
    while let Ok(weight) = tensors.tensor(&format!("init.layers.{}.weight", layers.len())) {
        let (inputs, units) = (weight.shape()[0], weight.shape()[1]);
        let name = format!("init.layers.{}.weight", layers.len());
        layers.push(Parameters::fresh(inputs, units, floats(&tensors, &name), if layers.is_empty() { 0 } else { 10 }));
    }
    let settings =
        Settings { layers: layers.iter().map(|l| l.units).collect(), batch, epochs: 1000, ..Settings::hinton() };
    let temperature = settings.temperature;
    let checkpoint = Checkpoint::beginning(settings, layers);
    let set = TrainingSet::new(engine, &split).expect("room for the images");
    let mut trainer = Trainer::new(engine, checkpoint, split.len()).expect("a network of the recorded shape");

    let mut p_real: HashMap<String, Vec<f32>> = HashMap::new();
    for first in (0..split.len()).step_by(batch) {
        let rows = first..first + batch;
        let picks = rows.clone().map(|i| Pick { index: i as u32, ..Pick::default() }).collect();
        let here = Batch { picks, labels: split.labels[rows.clone()].to_vec(), partners: vec![] };
        trainer.learn(engine, &set.images, &here, Some(&wrong[rows])).expect("a step");
        let newest = trainer.newest_negatives(engine).await.expect("goodness").expect("a batch with negatives");
        for (i, (positive, negative)) in newest.positive_goodness.iter().zip(&newest.goodness).enumerate() {
            let threshold = trainer.network().shapes[i][1] as f32;
            let p = |g: &f32| 1.0 / (1.0 + (-(f64::from(*g) - f64::from(threshold)) / f64::from(temperature)).exp());
            p_real.entry(format!("p_real.positive.{i}")).or_default().extend(positive.iter().map(|g| p(g) as f32));
            p_real.entry(format!("p_real.negative.{i}")).or_default().extend(negative.iter().map(|g| p(g) as f32));
        }
    }

    let after = trainer.checkpoint(engine).await.expect("a checkpoint");
    let mut ours = p_real;
    for (i, layer) in after.layers.iter().enumerate() {
        for (name, values, _) in layer.tensors() {
            ours.insert(
                match name.strip_prefix("head_") {
                    Some(name) => format!("final.head.{i}.{name}"),
                    None => format!("final.layers.{i}.{name}"),
                },
                values.to_vec(),
            );
        }
    }
    let given = ["images", "labels", "negative_labels"];
    let mut compared: Vec<(String, f32)> = tensors
        .names()
        .into_iter()
        .filter(|name| !given.contains(name) && !name.starts_with("init."))
        .map(|name| {
            let ours = ours.get(name).unwrap_or_else(|| panic!("the recording holds {name}, which we do not compute"));
            let theirs = floats(&tensors, name);
            let difference = match name.strip_prefix("p_real.").and_then(|n| n.rsplit('.').next()) {
                Some(layer) => {
                    let units = trainer.network().shapes[layer.parse::<usize>().expect("a layer")][1];
                    difference_of_probabilities(ours, &theirs, units as f32)
                }
                None => difference(ours, &theirs),
            };
            (name.to_owned(), difference)
        })
        .collect();
    compared.sort_by(|a, b| a.0.cmp(&b.0));
    compared
}

/// Fails, naming the tensors, if any differs by more than `tolerance`.
pub fn assert_within(tolerance: f32, compared: &[(String, f32)]) {
    assert!(compared.len() > 3, "the recording holds something to compare");
    let wrong: Vec<_> = compared.iter().filter(|(_, difference)| *difference > tolerance).collect();
    assert!(wrong.is_empty(), "these differ by more than {tolerance}: {wrong:#?}");
}
