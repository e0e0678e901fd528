//! A run comes out the same, to the bit, on any number of threads.
#![cfg(not(target_arch = "wasm32"))]

use forward_forward::dataset::strokes::Strokes;
use forward_forward::engine::cpu::Cpu;
use forward_forward::model::{Checkpoint, Ends, RecipeKind, Settings};
use forward_forward::training::{Trainer, TrainingSet};
use pollster::block_on;

/// Four batches of `recipe` on `threads` threads.
fn run(recipe: RecipeKind, threads: usize) -> Checkpoint {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        let settings = Settings { layers: vec![130, 70], batch: 50, ..Settings::recommended(recipe) };
        let split = Strokes::new(1).split(0..200);
        let set = TrainingSet::new(&Cpu, &split).unwrap();
        let mut trainer = Trainer::fresh(&Cpu, settings, Ends { inputs: 784, classes: 10 }, split.len()).unwrap();
        for _ in 0..4 {
            trainer.step(&Cpu, &set).unwrap();
        }
        block_on(trainer.checkpoint(&Cpu)).unwrap()
    })
}

#[test]
fn a_run_does_not_depend_on_the_number_of_threads() {
    for recipe in [RecipeKind::Supervised, RecipeKind::Unsupervised, RecipeKind::Recurrent, RecipeKind::Backprop] {
        let one = run(recipe, 1);
        for threads in [2, 5] {
            assert!(run(recipe, threads) == one, "{recipe:?} on {threads} threads");
        }
    }
}
