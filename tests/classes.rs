//! Any number of classes from 2 to 64: every recipe learns them on both engines, is saved, and goes on as if it never stopped.

#![cfg(not(target_arch = "wasm32"))]

#[path = "common/adapter.rs"]
mod adapter;

use adapter::gpu;
use forward_forward::dataset::{Images, Label, Shape, Split};
use forward_forward::engine::{Engine, cpu::Cpu, random};
use forward_forward::model::{Checkpoint, Ends, Parameters, RecipeKind, Settings};
use forward_forward::negatives::Negatives;
use forward_forward::training::{Evaluation, Evaluator, Trainer, TrainingSet};
use pollster::block_on;

const RECIPES: [RecipeKind; 4] =
    [RecipeKind::Supervised, RecipeKind::Unsupervised, RecipeKind::Recurrent, RecipeKind::Backprop];
const COUNT: usize = 640;
const READ: usize = 128;

/// Pictures of 7×7 squares of ink, a pattern for each class, of which every picture has some the other way round.
fn pictures(classes: usize) -> Split {
    let square = |pixel: usize| pixel / 28 / 4 * 7 + pixel % 28 / 4;
    let draw = |seed: u32, at: usize, square: usize| random::uniform(seed, at as u32, square as u32);
    let mut bytes = vec![];
    for index in 0..COUNT {
        let ink = |at: usize| (draw(1, index % classes, at) < 0.2) != (draw(2, index, at) < 0.04);
        bytes.extend((0..784).map(|pixel| if ink(square(pixel)) { 255 } else { 0 }));
    }
    let labels = (0..COUNT).map(|index| Label::new((index % classes) as u8).expect("below 64")).collect();
    Split::new(Images::new(Shape::MNIST, bytes).expect("whole pictures"), labels).expect("a label each")
}

fn settings(recipe: RecipeKind, negatives: Negatives) -> Settings {
    let layers = vec![120, 80];
    Settings { layers, batch: 64, epochs: 40, jitter: 0, negatives, ..Settings::recommended(recipe) }
}

fn learn(engine: &dyn Engine, trainer: &mut Trainer, split: &Split, steps: usize) -> Vec<Parameters> {
    let set = TrainingSet::new(engine, split).expect("room");
    for _ in 0..steps {
        trainer.step(engine, &set).expect("a step");
    }
    block_on(trainer.checkpoint(engine)).expect("a checkpoint").layers
}

fn measured(engine: &dyn Engine, trainer: &Trainer, split: &Split) -> Evaluation {
    let images = engine.dataset(&split.images).expect("room");
    let mut evaluator = Evaluator::new(engine, trainer.network(), READ, 64).expect("room");
    while block_on(evaluator.advance(engine, trainer.network(), &images, &split.labels)).expect("a reading") {}
    evaluator.evaluation().clone()
}

fn begun(engine: &dyn Engine, settings: &Settings, classes: usize) -> Trainer {
    let ends = Ends::new(settings, Shape::MNIST, classes);
    Trainer::fresh(engine, settings.clone(), ends, COUNT).expect("a trainer")
}

#[test]
fn a_label_longer_than_a_row_and_a_half_has_inputs_of_its_own() {
    let inputs = |recipe, classes| Ends::new(&settings(recipe, Negatives::Random), Shape::MNIST, classes).inputs;
    assert_eq!([10, 42, 43, 64].map(|classes| inputs(RecipeKind::Supervised, classes)), [784, 784, 827, 848]);
    assert_eq!(inputs(RecipeKind::Recurrent, 64), 784);
}

#[test]
fn every_recipe_learns_few_and_many_classes() {
    for (recipe, classes) in RECIPES.into_iter().flat_map(|recipe| [3, 47].map(|classes| (recipe, classes))) {
        let split = pictures(classes);
        // Goodness takes the longer, the more labels share the wrong ones.
        let long = recipe == RecipeKind::Supervised && classes > 10;
        let (layers, steps) = if long { (vec![300, 300], 500) } else { (vec![120, 80], 60) };
        let settings = Settings { layers, batch: 64, epochs: 60, ..Settings::recommended(recipe) };
        let mut trainer = begun(&Cpu, &settings, classes);
        let before = measured(&Cpu, &trainer, &split);
        learn(&Cpu, &mut trainer, &split, steps);
        let after = measured(&Cpu, &trainer, &split);
        assert_eq!((after.confusion.len(), after.images()), (classes, READ));
        // By chance 67 and 98 %.
        let error = after.softmax_error().expect("a head that has learned");
        assert!(error < 25.0, "{recipe:?}, {classes} classes: {error} % by softmax");
        if let (Some(before), Some(after)) = (before.goodness_error(), after.goodness_error()) {
            assert!(after < before / 2.0, "{recipe:?}, {classes} classes: {before} % by goodness, then {after} %");
        }
    }
}

#[test]
fn both_engines_learn_the_same() {
    let Some(gpu) = gpu() else { return };
    for (recipe, classes) in RECIPES.into_iter().flat_map(|recipe| [2, 47, 64].map(|classes| (recipe, classes))) {
        let split = pictures(classes);
        let settings = settings(recipe, Negatives::Random);
        let mut theirs = begun(&Cpu, &settings, classes);
        let mut ours = begun(&gpu, &settings, classes);
        let before = block_on(theirs.checkpoint(&Cpu)).expect("a checkpoint").layers;
        let (theirs, ours) = (learn(&Cpu, &mut theirs, &split, 5), learn(&gpu, &mut ours, &split, 5));
        for (index, layer) in theirs.iter().enumerate() {
            let tensors = layer.tensors().into_iter().zip(ours[index].tensors()).zip(before[index].tensors());
            for (((name, a, _), (_, b, _)), (_, begun, _)) in tensors.filter(|((tensor, _), _)| !tensor.1.is_empty()) {
                let far = |from: &[f32]| from.iter().zip(a).map(|(b, a)| (b - a).abs()).sum::<f32>();
                let (apart, moved) = (far(b), far(begun));
                assert!(
                    apart <= 0.02 * moved,
                    "{recipe:?}, {classes} classes: {name} of layer {index} is {apart} apart where it moved by {moved}"
                );
            }
        }
    }
}

#[test]
fn hard_negatives_are_drawn_from_all_classes() {
    let split = pictures(47);
    for negatives in [Negatives::Softmax, Negatives::Goodness] {
        let mut trainer = begun(&Cpu, &settings(RecipeKind::Supervised, negatives), 47);
        learn(&Cpu, &mut trainer, &split, 10);
        let newest = block_on(trainer.newest_negatives(&Cpu)).expect("a reading").expect("negatives");
        assert!(newest.truth.iter().zip(&newest.shown).all(|(truth, shown)| truth != shown && *shown < 47));
        assert!(newest.shown.iter().any(|&shown| shown > 9));
    }
}

#[test]
fn a_saved_run_goes_on_as_if_it_had_never_stopped() {
    for (recipe, classes) in RECIPES.into_iter().flat_map(|recipe| [3, 47].map(|classes| (recipe, classes))) {
        let split = pictures(classes);
        let settings = settings(recipe, Negatives::Random);
        let mut whole = begun(&Cpu, &settings, classes);
        let whole = learn(&Cpu, &mut whole, &split, 6);
        let mut first = begun(&Cpu, &settings, classes);
        learn(&Cpu, &mut first, &split, 3);
        let saved = block_on(first.checkpoint(&Cpu)).expect("a checkpoint").to_bytes();
        let read = Checkpoint::from_bytes("saved", &saved).expect("a checkpoint");
        assert_eq!(read.shape(), Some(Shape::MNIST));
        let mut second = Trainer::new(&Cpu, read, COUNT).expect("a trainer");
        assert!(learn(&Cpu, &mut second, &split, 3) == whole, "{recipe:?}, {classes} classes");
    }
}
