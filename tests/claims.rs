//! What the page says of itself and a short run can show: three seeds each, as ranges. docs/claims.md lists the sentences, where
//! each stands, and the commands for those that take longer.
#![cfg(not(target_arch = "wasm32"))]

use forward_forward::dataset::Dataset;
use forward_forward::dataset::source::DataSource;
use forward_forward::engine::cpu::Cpu;
use forward_forward::engine::{Engine, Obstacle};
use forward_forward::model::{Checkpoint, Ends, RecipeKind, Settings};
use forward_forward::negatives::Negatives;
use forward_forward::training::{Evaluation, Evaluator, LayerReport, Trainer, TrainingSet};
use pollster::block_on;
use std::sync::OnceLock;

const SEEDS: [u32; 3] = [1, 2, 3];
/// As many training pictures as in the page.
const TRAIN: usize = 20_000;
const TEST: usize = 500;
const PIXELS: usize = 784;

fn strokes() -> &'static Dataset {
    static DATA: OnceLock<Dataset> = OnceLock::new();
    DATA.get_or_init(|| DataSource::new("strokes", TRAIN, TEST, 1).unwrap().made_whole())
}

/// A run over the built-in strokes.
struct Run {
    trainer: Trainer,
    set: TrainingSet,
}

impl Run {
    fn fresh(settings: Settings) -> Self {
        let set = TrainingSet::new(&Cpu, &strokes().train).unwrap();
        Self { trainer: Trainer::fresh(&Cpu, settings, Ends { inputs: PIXELS, classes: 10 }, TRAIN).unwrap(), set }
    }

    /// From the weights that the page opens with.
    fn shipped(settings: Settings) -> Self {
        let bytes = include_bytes!("../assets/pretrained.safetensors");
        let shipped = Checkpoint::from_bytes("pretrained.safetensors", bytes).unwrap();
        let checkpoint = Checkpoint::beginning(settings, shipped.layers);
        let set = TrainingSet::new(&Cpu, &strokes().train).unwrap();
        Self { trainer: Trainer::new(&Cpu, checkpoint, TRAIN).unwrap(), set }
    }

    /// Learns up to batch `step`; what the layers report of the last `of` batches.
    fn until(&mut self, step: u64, of: u64) -> Vec<LayerReport> {
        while self.trainer.step_count() < step {
            if self.trainer.step_count() + of == step {
                block_on(self.trainer.report(&Cpu)).unwrap();
            }
            self.trainer.step(&Cpu, &self.set).unwrap();
        }
        block_on(self.trainer.report(&Cpu)).unwrap()
    }

    /// Root of the mean square of layer 1's weights in the four corners, 5×5 pixels each, but for the label's.
    fn corners(&self) -> f32 {
        let first = block_on(self.trainer.network().parameters(&Cpu)).unwrap().remove(0);
        let edge = |at: usize| !(5..23).contains(&at);
        let corner = |pixel: usize| pixel >= 28 && edge(pixel / 28) && edge(pixel % 28);
        let squares = first.weight.iter().enumerate().filter(|(i, _)| corner(i / first.units)).map(|(_, w)| w * w);
        let (sum, count) = squares.fold((0.0, 0), |(sum, count), square| (sum + square, count + 1));
        (sum / count as f32).sqrt()
    }

    fn measured(&mut self) -> Evaluation {
        let test = &strokes().test;
        let images = Cpu.dataset(&test.images).unwrap();
        self.trainer.settle(&Cpu);
        let mut evaluator = Evaluator::new(&Cpu, self.trainer.network(), TEST, 100).unwrap();
        while block_on(evaluator.advance(&Cpu, self.trainer.network(), &images, &test.labels)).unwrap() {}
        evaluator.evaluation().clone()
    }
}

fn softmax(run: &mut Run) -> f32 {
    run.measured().softmax_error().unwrap()
}

/// The settings the page opens with. Narrower layers behave differently: of 300 units few die without the peer term.
fn seeded(seed: u32) -> Settings {
    Settings { seed, ..Settings::default() }
}

/// What is seen of a run from random weights: the reports of its first 100 batches and of the ten up to batch 200, whose 1,000
/// pictures are what the page's cards tell of, and how it stands then.
#[derive(Clone)]
struct Seen {
    early: Vec<LayerReport>,
    newest: Vec<LayerReport>,
    tested: Evaluation,
    corners: f32,
}

fn seen(settings: Settings) -> Seen {
    let mut run = Run::fresh(settings);
    let early = run.until(100, 100);
    let newest = run.until(200, 10);
    Seen { early, newest, tested: run.measured(), corners: run.corners() }
}

/// The standard run of a seed, which runs with a part switched off are compared with.
fn standard(seed: u32) -> Seen {
    static RUNS: [OnceLock<Seen>; SEEDS.len()] = [const { OnceLock::new() }; SEEDS.len()];
    let at = SEEDS.iter().position(|&one| one == seed).unwrap();
    RUNS[at].get_or_init(|| seen(seeded(seed))).clone()
}

/// "for the first 500 batches that of layer 3 is more than twice that of layer 1. With normalisation the two are about equal
/// after 200" (`www/state/experiments/breakIt.ts`). 500 batches are seen by `ff`, see docs/claims.md.
#[test]
fn without_normalisation_the_losses_of_higher_layers_begin_high() {
    for seed in SEEDS {
        let runs = [standard(seed), seen(Settings { normalise: false, ..seeded(seed) })];
        let [on, off] = runs.map(|seen| [seen.early, seen.newest].map(|reports| reports[2].loss / reports[0].loss));
        println!("seed {seed}: loss of layer 3 over that of layer 1, on {on:?}, off {off:?}");
        assert!(off.iter().all(|&ratio| ratio > 2.0), "seed {seed}: {off:?}");
        assert!((0.5..1.8).contains(&on[1]), "seed {seed}: {on:?}");
    }
}

/// "within 200 batches their noise fades to less than a third" and "the test error falls more slowly".
#[test]
fn a_large_weight_cost_fades_what_nothing_else_moves() {
    for seed in SEEDS {
        let began = Run::fresh(seeded(seed)).corners();
        let (on, off) = (standard(seed), seen(Settings { weight_cost: 0.3, ..seeded(seed) }));
        let errors = [&on, &off].map(|seen| seen.tested.goodness_error().unwrap());
        println!("seed {seed}: corners {began} to {} on, {} off; errors {errors:?}", on.corners, off.corners);
        assert!(off.corners < began / 3.0 && on.corners > 0.98 * began);
        assert!(errors[1] > 1.3 * errors[0], "seed {seed}: {errors:?}");
    }
}

/// "within 300 batches a tenth or more of one layer falls silent, and most of these units stay so. With the peer term more than
/// 90 % of each layer are awake by then." 300 batches are seen in the page, see docs/claims.md.
#[test]
fn without_the_peer_term_units_die() {
    for seed in SEEDS {
        let most = |reports: &[LayerReport]| reports.iter().map(|r| r.dead as f32 / r.units as f32).fold(0.0, f32::max);
        let runs = [standard(seed), seen(Settings { peer: 0.0, ..seeded(seed) })];
        let [on, off] = runs.map(|seen| most(&seen.newest));
        println!("seed {seed}: dead at most, on {on}, off {off}");
        assert!(off >= 0.1 && on < 0.1 && on < 0.5 * off, "seed {seed}: on {on}, off {off}");
    }
}

/// "after 200 batches each layer has more than 90 % of them right, with hard negatives about 80 %" and, of *The other reading*,
/// "more of its fakes pass than of labels drawn blindly. Even so, fewer pass from epoch to epoch".
#[test]
fn random_negatives_are_soon_too_easy() {
    for seed in SEEDS {
        let (hard, random) = (standard(seed), seen(Settings { negatives: Negatives::Random, ..seeded(seed) }));
        for layer in 0..3 {
            let apart = [&random, &hard].map(|seen| seen.newest[layer].separated);
            let fakes =
                [&random, &hard].map(|seen| [&seen.early, &seen.newest].map(|reports| passing(&reports[layer])));
            println!("seed {seed}, layer {}: apart {apart:?}, fakes {fakes:?}", layer + 1);
            assert!(apart[0] > 0.9 && (0.7..0.88).contains(&apart[1]), "seed {seed}: {apart:?}");
            assert!(fakes[0][1] < fakes[1][1], "seed {seed}: {fakes:?}");
            assert!(fakes.iter().all(|[early, newest]| newest < early), "seed {seed}: {fakes:?}");
        }
    }
}

/// *The other reading* of the unsupervised recipe: "fewer of its fakes pass from epoch to epoch".
#[test]
fn fewer_hybrids_pass_from_epoch_to_epoch() {
    for seed in SEEDS {
        let settings =
            Settings { layers: vec![200, 200, 200], seed, ..Settings::recommended(RecipeKind::Unsupervised) };
        let mut run = Run::fresh(settings);
        let passed = [50, 100, 150].map(|step| run.until(step, 50).iter().map(passing).collect::<Vec<_>>());
        println!("seed {seed}: hybrids that pass {passed:?}");
        for layer in 0..3 {
            assert!(passed[0][layer] > passed[1][layer] && passed[1][layer] > passed[2][layer], "{passed:?}");
        }
    }
}

/// Of a layer's negatives, the share with more goodness than the threshold.
fn passing(report: &LayerReport) -> f32 {
    let bins = &report.negative_histogram;
    bins[bins.len() / 2..].iter().sum::<f32>() / bins.iter().sum::<f32>()
}

/// Race, "Backpropagation needs fewer pictures to reach the same error": as far, it has the lower one.
#[test]
fn backpropagation_needs_fewer_pictures() {
    for seed in SEEDS {
        let mut back =
            Run::fresh(Settings { jitter: 1, epochs: 10, seed, ..Settings::recommended(RecipeKind::Backprop) });
        back.until(200, 10);
        let (back, forward) = (softmax(&mut back), standard(seed).tested);
        println!("seed {seed}: backpropagation {back}, Forward-Forward {:?}", forward.softmax_error());
        assert!(back < 0.8 * forward.softmax_error().unwrap() && back < 0.8 * forward.goodness_error().unwrap());
    }
}

/// Race, "a box that no error can pass": "Its error ends at least twice as high."
#[test]
fn forward_forward_learns_past_a_box_that_backpropagation_cannot_pass() {
    for obstacle in [Obstacle::Median, Obstacle::Sine, Obstacle::Table] {
        for seed in SEEDS {
            let ends = [RecipeKind::Supervised, RecipeKind::Backprop].map(|recipe| {
                let mut run = Run::fresh(Settings {
                    layers: vec![300, 60, 300],
                    reads_from: 3,
                    jitter: 1,
                    epochs: 2,
                    ..Settings { obstacle, obstacle_after: 2, seed, ..Settings::recommended(recipe) }
                });
                run.until(400, 10);
                softmax(&mut run)
            });
            println!("{obstacle:?}, seed {seed}: {ends:?}");
            assert!(ends[0] <= ends[1] / 2.0, "{obstacle:?}, seed {seed}: {ends:?}");
        }
    }
}

/// The explanation: "Raise the rate to 1: after about a hundred batches most units of a layer are dead", in which the page's alert
/// (`www/state/run/soundness.ts`) sees a broken run.
#[test]
fn a_rate_of_one_breaks_the_shipped_network() {
    for seed in SEEDS {
        let mut run = Run::shipped(Settings { rate: 1.0, ..seeded(seed) });
        let broken = (50..=200).step_by(10).find(|&step| {
            let reports = run.until(step, 10);
            reports.iter().any(|r| 2 * r.dead > r.units) && reports.iter().all(|r| r.separated < 0.5)
        });
        println!("seed {seed}: broken after {broken:?} batches");
        assert!(broken.is_some(), "seed {seed}");
    }
}

/// The tour: "Random weights know nothing: … nine of ten digits are misread."
#[test]
fn random_weights_misread_nine_of_ten() {
    for seed in SEEDS {
        let error = Run::fresh(seeded(seed)).measured().goodness_error().unwrap();
        println!("seed {seed}: {error} %");
        assert!((80.0..=95.0).contains(&error), "seed {seed}: {error}");
    }
}
