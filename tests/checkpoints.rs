//! Files of older versions, which are read for ever.
#![cfg(not(target_arch = "wasm32"))]

use forward_forward::dataset::strokes::Strokes;
use forward_forward::engine::cpu::Cpu;
use forward_forward::model::{Checkpoint, RecipeKind};
use forward_forward::training::{Trainer, TrainingSet};
use pollster::block_on;

fn read(name: &str) -> Checkpoint {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    Checkpoint::from_bytes(name, &std::fs::read(path).expect("a fixture")).unwrap_or_else(|e| panic!("{e}"))
}

/// Written by the program of version 1: `ff train --train 60 --test 20 --batch 20 --layers 12,10 --epochs 3 --stop-after 1`, and
/// the same run to its end.
#[test]
fn a_run_of_version_1_goes_on_to_where_it_went_then() {
    let (checkpoint, then) = (read("checkpoint-v1.safetensors"), read("checkpoint-v1-finished.safetensors"));
    assert_eq!((checkpoint.step, then.step), (3, 9));
    assert_eq!(checkpoint.settings.recipe, RecipeKind::Supervised);
    let source = checkpoint.data.clone().expect("it says what it learned from");
    let split = Strokes::new(source.seed).split(0..source.train as u64);
    let set = TrainingSet::new(&Cpu, &split).unwrap();
    let mut trainer = Trainer::new(&Cpu, checkpoint, split.len()).unwrap();
    while !trainer.is_finished() {
        trainer.step(&Cpu, &set).unwrap();
    }
    let now = block_on(trainer.checkpoint(&Cpu)).unwrap();
    // Another processor adds in another order, and no more.
    for (now, then) in now.layers.iter().zip(&then.layers) {
        for ((name, now, _), (_, then, _)) in now.tensors().iter().zip(then.tensors()) {
            let worst = now.iter().zip(then).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
            assert!(worst < 1e-4 && now.len() == then.len(), "{name} ends {worst} away");
        }
    }
}

#[test]
fn a_net_of_one_layer_of_version_1_gets_a_head_that_has_learned_nothing() {
    let checkpoint = read("checkpoint-v1-one-layer.safetensors");
    assert_eq!(checkpoint.layers.len(), 1);
    assert_eq!(checkpoint.layers[0].head_weight, vec![0.0; 100]);
    let again = Checkpoint::from_bytes("x", &checkpoint.to_bytes());
    assert_eq!(again, Ok(checkpoint));
}

/// Written by the program of version 2, when files of weights held `f16`: the run above to its end, `--weights`.
#[test]
fn weights_of_version_2_are_read() {
    let (weights, whole) = (read("weights-v2.safetensors"), read("checkpoint-v1-finished.safetensors"));
    assert_eq!((weights.step, &weights.settings.layers), (0, &whole.settings.layers));
    for (weights, whole) in weights.layers.iter().zip(&whole.layers) {
        for (a, b) in weights.weight.iter().chain(&weights.bias).zip(whole.weight.iter().chain(&whole.bias)) {
            assert!((a - b).abs() <= b.abs() / 1024.0 + 1e-4, "{a} {b}");
        }
    }
}

#[test]
fn the_shipped_weights_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/pretrained.safetensors");
    let checkpoint = Checkpoint::from_bytes("pretrained", &std::fs::read(path).unwrap()).unwrap();
    assert_eq!(checkpoint.settings.layers, [500, 500, 500]);
}
