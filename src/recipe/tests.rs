//! Each recipe, on both engines, against the derivative of its own objective, and what its settings promise.

#[path = "../../tests/common/adapter.rs"]
mod adapter;

use crate::dataset::strokes::Strokes;
use crate::dataset::{Label, Split};
use crate::engine::cpu::Cpu;
use crate::engine::{Activation, Engine, Goodness, MaskKey, Obstacle, Pick, Rule, Sign, Wiring, random};
use crate::model::{Checkpoint, Ends, LayerRule, Parameters, PreviousState, RecipeKind, Settings};
use crate::negatives::{Negatives, hybrid, random_wrong};
use crate::training::{Order, Trainer, TrainingSet};
use adapter::gpu;
use pollster::block_on;

const BATCH: usize = 6;
const PIXELS: usize = 784;
const CLASSES: usize = 10;
const ENDS: Ends = Ends { inputs: PIXELS, classes: CLASSES };

/// Settings of `recipe` under which one step is `rate` times the plain gradient.
fn plain(recipe: RecipeKind) -> Settings {
    Settings {
        recipe,
        layers: vec![32, 16],
        batch: BATCH,
        epochs: 2,
        jitter: 0,
        momentum: 0.0,
        peer: 0.0,
        weight_cost: 0.0,
        rate: 1e-4,
        head_rate: 0.0,
        temperature: 3.0,
        negatives: Negatives::Random,
        ..Settings::recommended(recipe)
    }
}

fn split() -> Split {
    Strokes::new(1).split(0..60)
}

/// What one step on `engine` makes of `layers`.
fn one_step(engine: &dyn Engine, settings: &Settings, layers: &[Parameters]) -> Vec<Parameters> {
    let split = split();
    let set = TrainingSet::new(engine, &split).unwrap();
    let checkpoint = Checkpoint::beginning(settings.clone(), layers.to_vec());
    let mut trainer = Trainer::new(engine, checkpoint, split.len()).unwrap();
    trainer.step(engine, &set).unwrap();
    block_on(trainer.checkpoint(engine)).unwrap().layers
}

/// Random layers whose biases and heads are not zero, so that nothing hides behind a zero.
fn lively(settings: &Settings) -> Vec<Parameters> {
    let mut layers = Parameters::random(settings, ENDS);
    for (i, layer) in layers.iter_mut().enumerate() {
        let noise = |purpose: u32, j: usize| 0.4 * (random::uniform(purpose, i as u32, j as u32) - 0.5);
        layer.bias.iter_mut().enumerate().for_each(|(j, b)| *b = noise(1, j));
        layer.head_weight.iter_mut().enumerate().for_each(|(j, v)| *v = noise(2, j));
    }
    layers
}

/// The first batch: pictures, partners, true and wrong labels.
struct Shown {
    pictures: Vec<Vec<f64>>,
    partners: Vec<Vec<f64>>,
    truth: Vec<usize>,
    wrong: Vec<usize>,
}

fn shown(settings: &Settings) -> Shown {
    let split = split();
    let mut order = Order::new(settings.seed, split.len());
    let mut batch = order.batch(0, BATCH, 0, &split.labels);
    order.pair(&mut batch, 0, 0, &split.labels).unwrap();
    let ink = |pick: &Pick| split.images.image(pick.index as usize).iter().map(|&p| f64::from(p) / 255.0).collect();
    let value = |label: Label| usize::from(label.value());
    Shown {
        pictures: batch.picks.iter().map(ink).collect(),
        partners: batch.partners.iter().map(ink).collect(),
        truth: batch.labels.iter().map(|l| value(*l)).collect(),
        wrong: batch
            .labels
            .iter()
            .enumerate()
            .map(|(row, l)| value(random_wrong(*l, CLASSES, settings.seed, 0, row as u32)))
            .collect(),
    }
}

fn direction(u: &[f64]) -> Vec<f64> {
    let rms = (u.iter().map(|v| v * v).sum::<f64>() / u.len() as f64).sqrt() + 1e-10;
    u.iter().map(|v| v / rms).collect()
}

/// `x·W` of a row-major `[D, N]` matrix.
fn product(x: &[f64], weight: &[f32], units: usize) -> Vec<f64> {
    (0..units).map(|j| x.iter().enumerate().map(|(i, x)| x * f64::from(weight[i * units + j])).sum()).collect()
}

/// `x·W` whatever the wiring; under local wiring `W: [N, F]` over each unit's window.
fn wired(x: &[f64], weight: &[f32], units: usize, wiring: Wiring) -> Vec<f64> {
    let Wiring::Local(local) = wiring else { return product(x, weight, units) };
    let places = local.places();
    let heard = |unit: usize, place: usize| {
        local.seen(unit, place).map_or(0.0, |seen| x[seen] * f64::from(weight[unit * places + place]))
    };
    (0..units).map(|unit| (0..places).map(|place| heard(unit, place)).sum()).collect()
}

fn activities(x: &[f64], layer: &Parameters, activation: Activation) -> Vec<f64> {
    let z = wired(x, &layer.weight, layer.units, layer.wiring[0]);
    let z = z.iter().zip(&layer.bias).map(|(z, b)| z + f64::from(*b));
    match activation {
        Activation::Relu => z.map(|z| z.max(0.0)).collect(),
        Activation::Tanh => z.map(f64::tanh).collect(),
    }
}

/// `T·Σ ln p(right)` of one row of activities under a layer's rule; half of it where the factor 2 is folded into the rate.
fn objective(h: &[f64], settings: &Settings, index: usize, positive: bool) -> f64 {
    let Rule { goodness, sign, blocks, .. } = settings.layer_rule(index).rule();
    let block = h.len() / blocks;
    let temperature = f64::from(settings.temperature_of(index));
    let threshold = f64::from(settings.threshold_of(index)) * block as f64;
    let folded = if goodness == Goodness::Squares { 0.5 } else { 1.0 };
    h.chunks_exact(block)
        .map(|h| {
            let g: f64 = match goodness {
                Goodness::Squares => h.iter().map(|h| h * h).sum(),
                Goodness::Sum => h.iter().sum(),
            };
            let logit = f64::from(sign.factor()) * (g - threshold) / temperature;
            let wrong = if positive { -logit } else { logit };
            -folded * temperature * (wrong.max(0.0) + (-wrong.abs()).exp().ln_1p())
        })
        .sum()
}

/// Compares what one step did to single numbers of `tensor` with central differences of `objective`.
fn differences(
    name: &str,
    settings: &Settings,
    tensor: impl Fn(&mut Parameters) -> &mut Vec<f32>,
    layer: usize,
    objective: impl Fn(&[Parameters]) -> f64,
) {
    let mut before = lively(settings);
    let mut stepped = vec![("CPU", one_step(&Cpu, settings, &before))];
    if let Some(gpu) = gpu() {
        stepped.push(("GPU", one_step(&gpu, settings, &before)));
    }
    let count = tensor(&mut before[layer]).len();
    let mut moved_at_all = 0;
    // Most weights of windows hear nothing but paper.
    let trials = if settings.window > 0 { 60 } else { 24 };
    let here = objective(&before);
    for trial in 0..trials {
        let place = random::hash(trial, layer as u32, 9)[0] as usize % count;
        let value = tensor(&mut before[layer])[place];
        let at = |by: f32| {
            let mut layers = before.clone();
            tensor(&mut layers[layer])[place] = value + by;
            objective(&layers)
        };
        let nudge = 1e-3_f32;
        let slope = |rise: f64| rise / f64::from(nudge) / BATCH as f64;
        let [up, down] = [slope(at(nudge) - here), slope(here - at(-nudge))];
        let numeric = f64::midpoint(up, down);
        // Where a unit comes on within the nudge there is no slope to compare with; of the many that windows take, some do.
        if settings.window > 0 && (up - down).abs() > 4e-3 + 0.02 * numeric.abs() {
            continue;
        }
        moved_at_all += usize::from(numeric.abs() > 1e-3);
        for (engine, after) in &mut stepped {
            let ours = f64::from(tensor(&mut after[layer])[place] - value) / f64::from(settings.rate);
            assert!(
                (numeric - ours).abs() < 4e-3 + 0.02 * numeric.abs(),
                "{name} on the {engine}, layer {layer}, place {place}: by differences {numeric}, by the step {ours}"
            );
        }
    }
    assert!(moved_at_all > 3, "{name}, layer {layer}: {moved_at_all} moved, so next to nothing was compared");
}

/// A labelled picture as the supervised net sees it.
fn labelled(picture: &[f64], label: usize) -> Vec<f64> {
    let mut u = picture.to_vec();
    u[..CLASSES].fill(0.0);
    u[label] = 1.0;
    u
}

#[test]
fn rules_of_single_layers_follow_their_own_objective() {
    let rules = [
        LayerRule { sign: Sign::Minimise, ..LayerRule::default() },
        LayerRule { goodness: Goodness::Sum, threshold: Some(0.5), ..LayerRule::default() },
        LayerRule { activation: Activation::Tanh, threshold: Some(0.5), ..LayerRule::default() },
        LayerRule {
            activation: Activation::Tanh,
            goodness: Goodness::Sum,
            threshold: Some(0.1),
            ..LayerRule::default()
        },
        LayerRule { blocks: 4, temperature: Some(1.5), ..LayerRule::default() },
        LayerRule { blocks: 2, goodness: Goodness::Sum, sign: Sign::Minimise, ..LayerRule::default() },
    ];
    for rule in rules {
        for layer in 0..2 {
            let mut rules = vec![LayerRule::default(); 2];
            rules[layer] = rule;
            let settings = Settings { rules, ..plain(RecipeKind::Supervised) };
            let shown = shown(&settings);
            let objective = |layers: &[Parameters]| {
                let rows = (0..BATCH).flat_map(|i| [(i, shown.truth[i], true), (i, shown.wrong[i], false)]);
                rows.map(|(i, label, positive)| {
                    let mut h = labelled(&shown.pictures[i], label);
                    for (l, parameters) in layers[..=layer].iter().enumerate() {
                        h = activities(&direction(&h), parameters, settings.layer_rule(l).activation);
                    }
                    objective(&h, &settings, layer, positive)
                })
                .sum()
            };
            let name = format!("{rule:?}");
            differences(&name, &settings, |p| &mut p.weight, layer, objective);
            differences(&name, &settings, |p| &mut p.bias, layer, objective);
        }
    }
}

#[test]
fn the_unsupervised_step_follows_its_objective_on_pictures_and_hybrids() {
    let settings = plain(RecipeKind::Unsupervised);
    let shown = shown(&settings);
    let key = hybrid::key(settings.seed, 0, settings.blurs);
    for layer in 0..2 {
        let objective = |layers: &[Parameters]| {
            (0..BATCH)
                .map(|i| {
                    let mask = hybrid::mask(crate::dataset::Shape::MNIST, &key, i as u32);
                    let pick = |(p, m): (usize, &bool)| if *m { shown.pictures[i][p] } else { shown.partners[i][p] };
                    let mixed: Vec<f64> = mask.iter().enumerate().map(pick).collect();
                    let side = |picture: &[f64], positive| {
                        let mut h = picture.to_vec();
                        for parameters in &layers[..=layer] {
                            h = activities(&direction(&h), parameters, Activation::Relu);
                        }
                        super::tests::objective(&h, &settings, layer, positive)
                    };
                    side(&shown.pictures[i], true) + side(&mixed, false)
                })
                .sum()
        };
        differences("unsupervised", &settings, |p| &mut p.weight, layer, objective);
        differences("unsupervised", &settings, |p| &mut p.bias, layer, objective);
    }
}

#[test]
fn the_recurrent_step_follows_the_objective_of_its_time_step() {
    // One time step, so that one update is seen alone; the states before it are held constant.
    // Through windows as well: positions by the picture's 28×28, one or two units each, for either sign.
    let windows = Settings { window: 5, layers: vec![784, 2 * 784], ..plain(RecipeKind::Recurrent) };
    let minimised = vec![LayerRule { sign: Sign::Minimise, ..LayerRule::default() }; 2];
    for (previous, kind) in [
        (PreviousState::Raw, plain(RecipeKind::Recurrent)),
        (PreviousState::Normalised, plain(RecipeKind::Recurrent)),
        (PreviousState::Raw, windows.clone()),
        (PreviousState::Raw, Settings { rules: minimised, ..windows }),
    ] {
        let settings = Settings { steps: 1, settled: [1, 1], previous, ..kind };
        let shown = shown(&settings);
        let before = lively(&settings);
        let begin = |picture: &[f64]| {
            let mut states = vec![];
            let mut h = picture.to_vec();
            for parameters in &before {
                h = activities(&direction(&h), parameters, Activation::Relu);
                states.push(h.clone());
            }
            states
        };
        let damping = f64::from(settings.damping);
        for layer in 0..2 {
            let objective = |layers: &[Parameters]| {
                let rows = (0..BATCH).flat_map(|i| [(i, shown.truth[i], true), (i, shown.wrong[i], false)]);
                rows.map(|(i, label, positive)| {
                    let states = begin(&shown.pictures[i]);
                    let below = if layer == 0 { &shown.pictures[i] } else { &states[0] };
                    let mut top = vec![0.0; CLASSES];
                    top[label] = 10_f64.sqrt();
                    let above = if layer == 1 { &top } else { &states[1] };
                    let p = &layers[layer];
                    let from_below = wired(&direction(below), &p.weight, p.units, p.wiring[0]);
                    let from_above = wired(&direction(above), &p.above_weight, p.units, p.wiring[1]);
                    let old = match previous {
                        PreviousState::Raw => states[layer].clone(),
                        PreviousState::Normalised => direction(&states[layer]),
                    };
                    // Nothing is learned through a unit that is off, and the damped state's slope counts as one: the rate
                    // takes the factor 1 − d.
                    let h: Vec<f64> = (0..p.units)
                        .map(|j| {
                            let z = from_below[j] + from_above[j] + f64::from(p.bias[j]);
                            (1.0 - damping) * z.max(0.0) + damping * old[j]
                        })
                        .collect();
                    super::tests::objective(&h, &settings, layer, positive) / (1.0 - damping)
                })
                .sum()
            };
            let name = format!("recurrent, {previous:?} state, window {}", settings.window);
            differences(&name, &settings, |p| &mut p.weight, layer, objective);
            differences(&name, &settings, |p| &mut p.above_weight, layer, objective);
            differences(&name, &settings, |p| &mut p.bias, layer, objective);
        }
    }
}

#[test]
fn the_baseline_follows_the_cross_entropy_through_all_layers() {
    for settings in [
        Settings { layers: vec![24, 20, 16], ..plain(RecipeKind::Backprop) },
        Settings { layers: vec![784, 2 * 784, 784], window: 3, ..plain(RecipeKind::Backprop) },
    ] {
        follows_the_cross_entropy(&Settings { head_rate: 1e-4, ..settings });
    }
}

fn follows_the_cross_entropy(settings: &Settings) {
    let shown = shown(settings);
    let objective = |layers: &[Parameters]| {
        (0..BATCH)
            .map(|i| {
                let mut h = shown.pictures[i].clone();
                for parameters in layers {
                    h = activities(&h, parameters, Activation::Relu);
                }
                let logits = product(&h, &layers[2].head_weight, CLASSES);
                let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                logits[shown.truth[i]] - largest - logits.iter().map(|l| (l - largest).exp()).sum::<f64>().ln()
            })
            .sum()
    };
    for layer in 0..3 {
        differences("backprop", settings, |p| &mut p.weight, layer, objective);
        differences("backprop", settings, |p| &mut p.bias, layer, objective);
    }
    differences("backprop's softmax", settings, |p| &mut p.head_weight, 2, objective);
}

/// The layers after `steps` steps of `settings`.
fn run(settings: &Settings, steps: usize) -> Vec<Parameters> {
    let split = split();
    let set = TrainingSet::new(&Cpu, &split).unwrap();
    let mut trainer = Trainer::fresh(&Cpu, settings.clone(), ENDS, split.len()).unwrap();
    for _ in 0..steps {
        trainer.step(&Cpu, &set).unwrap();
    }
    block_on(trainer.checkpoint(&Cpu)).unwrap().layers
}

#[test]
fn layers_that_do_not_wait_learn_the_same_to_the_bit() {
    let settings = Settings {
        layers: vec![20, 16, 12],
        batch: BATCH,
        epochs: 3,
        negatives: Negatives::Random,
        ..Settings::default()
    };
    let waiting = run(&settings, 17);
    let pipelined = Settings { pipelined: true, ..settings.clone() };
    assert_eq!(run(&pipelined, 17), waiting);
    assert_ne!(run(&settings, 16), waiting, "a batch more would be seen");
    let refused = Settings { negatives: Negatives::Softmax, ..pipelined }.checked().unwrap_err().to_string();
    assert!(refused.contains("random negatives"), "{refused}");
}

#[test]
fn nothing_comes_back_through_a_box_but_both_sides_learn_without_backprop() {
    for obstacle in [Obstacle::Median, Obstacle::Sine, Obstacle::Table] {
        let with_box = |recipe| Settings {
            layers: vec![20, 16, 12],
            batch: BATCH,
            obstacle,
            obstacle_after: 2,
            ..Settings::recommended(recipe)
        };
        for (recipe, learns) in [(RecipeKind::Supervised, [true; 3]), (RecipeKind::Backprop, [false, false, true])] {
            let settings = with_box(recipe);
            let begun = Parameters::random(&settings, ENDS);
            for (i, (before, after)) in begun.iter().zip(run(&settings, 10)).enumerate() {
                assert_eq!(before.weight != after.weight, learns[i], "{recipe:?} {obstacle:?} layer {}", i + 1);
            }
        }
    }
}

#[test]
fn blocks_keep_to_their_regions_and_see_the_label() {
    let rules = vec![LayerRule { blocks: 4, regions: true, ..LayerRule::default() }];
    let settings = Settings { layers: vec![16, 12], batch: BATCH, jitter: 0, rules, ..Settings::default() };
    let layers = run(&settings, 10);
    let weight = |pixel: usize, unit: usize| layers[0].weight[pixel * 16 + unit];
    // Unit 0 is of the upper left block, unit 15 of the lower right one.
    let [upper_left, lower_right] = [5 * 28 + 5, 22 * 28 + 22];
    assert!(weight(upper_left, 0) != 0.0 && weight(lower_right, 15) != 0.0);
    assert!(weight(upper_left, 15) == 0.0 && weight(lower_right, 0) == 0.0);
    assert!((0..CLASSES).all(|label| weight(label, 0) != 0.0 && weight(label, 15) != 0.0));
}

#[test]
fn a_single_layer_has_a_head_and_may_have_hard_negatives() {
    let settings = Settings { layers: vec![30], batch: BATCH, epochs: 20, jitter: 0, ..Settings::default() };
    assert_eq!(settings.clone().checked(), Ok(settings.clone()));
    let layers = run(&settings, 5);
    assert_eq!(layers[0].head_weight.len(), 30 * CLASSES);
    assert!(layers[0].head_weight.iter().any(|&v| v != 0.0));
}

#[test]
fn the_head_learns_afterwards_and_nothing_else_does() {
    let settings = Settings {
        layers: vec![20, 16],
        batch: BATCH,
        epochs: 1,
        head_epochs: 1,
        ..Settings::recommended(RecipeKind::Unsupervised)
    };
    let (layers, all) = (run(&settings, 10), run(&settings, 20));
    assert!(layers.iter().all(|l| l.head_weight.iter().all(|&v| v == 0.0)));
    for (before, after) in layers.iter().zip(&all) {
        assert_eq!(before.weight, after.weight);
        assert_ne!(before.head_weight, after.head_weight);
    }
}

#[test]
fn hybrids_on_the_engine_are_what_their_masks_say() {
    let split = split();
    let key = MaskKey { seed: 4, step: 2, blurs: 6 };
    let pairs: Vec<[Pick; 2]> = (0..8)
        .map(|i| {
            let pick = |index, dx| Pick { index, dx, dy: -1 };
            [pick(i, 1), pick(i + 20, -2)]
        })
        .collect();
    let mut rows = super::room::plain(&Cpu, 10, PIXELS).unwrap();
    Cpu.mix(&Cpu.dataset(&split.images).unwrap(), &pairs, 2, &key, &mut rows);
    let values = block_on(Cpu.read(&rows.values)).unwrap();
    for (i, [a, b]) in pairs.iter().enumerate() {
        let mask = hybrid::mask(crate::dataset::Shape::MNIST, &key, i as u32);
        let [a, b] = [a, b].map(|p| split.images.shifted(p.index as usize, p.dx, p.dy));
        for (p, m) in mask.iter().enumerate() {
            let expected = f32::from(if *m { a[p] } else { b[p] }) / 255.0;
            assert_eq!(values[(i + 2) * PIXELS + p].to_bits(), expected.to_bits());
        }
    }
    assert!(values[..2 * PIXELS].iter().all(|&v| v == 0.0), "rows before the first are left alone");
}

#[test]
fn what_does_not_go_together_is_named_with_what_would() {
    let refused = |settings: Settings| settings.checked().unwrap_err().to_string();
    let of = Settings::recommended;
    let deep = Settings { layers: vec![50; 4], ..of(RecipeKind::Recurrent) };
    assert!(refused(deep).contains("2 or 3 hidden layers"));
    let labelled = Settings { negatives: Negatives::Softmax, ..of(RecipeKind::Unsupervised) };
    assert!(refused(labelled).contains("hybrids; choose random"));
    let rules = vec![LayerRule { activation: Activation::Tanh, ..LayerRule::default() }];
    assert!(refused(Settings { rules, ..of(RecipeKind::Supervised) }).contains("can never reach θ = N"));
    let boxed = Settings { obstacle: Obstacle::Median, obstacle_after: 3, ..of(RecipeKind::Supervised) };
    assert!(refused(boxed).contains("between two hidden layers"));
    let late = Settings { settled: [3, 9], ..of(RecipeKind::Recurrent) };
    assert!(refused(late).contains("choose 3 to 8"));
    for kind in [RecipeKind::Supervised, RecipeKind::Unsupervised, RecipeKind::Recurrent, RecipeKind::Backprop] {
        assert_eq!(of(kind).checked(), Ok(of(kind)));
    }
}

#[test]
fn nets_with_windows_stop_and_go_on_to_the_bit() {
    let rules = vec![LayerRule { sign: Sign::Minimise, ..LayerRule::default() }; 2];
    let local =
        Settings { layers: vec![784, 784], window: 5, batch: BATCH, ..Settings::recommended(RecipeKind::Recurrent) };
    let settings = Settings { rules, ..local };
    let split = split();
    let set = TrainingSet::new(&Cpu, &split).unwrap();
    let mut trainer = Trainer::fresh(&Cpu, settings.clone(), ENDS, split.len()).unwrap();
    trainer.step(&Cpu, &set).unwrap();
    let written = block_on(trainer.checkpoint(&Cpu)).unwrap();
    let read = Checkpoint::from_bytes("x", &written.to_bytes()).unwrap();
    assert!(read.settings == written.settings && read.layers == written.layers);
    let mut resumed = Trainer::new(&Cpu, read, split.len()).unwrap();
    for trainer in [&mut trainer, &mut resumed] {
        trainer.step(&Cpu, &set).unwrap();
    }
    let [ours, theirs] = [&trainer, &resumed].map(|trainer| block_on(trainer.network().parameters(&Cpu)).unwrap());
    assert!(ours == theirs);
    // No weight has come to be beyond an edge.
    for parameters in &ours {
        let Wiring::Local(below) = parameters.wiring[0] else { panic!("windows") };
        for (i, weight) in parameters.weight.iter().enumerate() {
            let there = below.seen(i / below.places(), i % below.places()).is_some();
            assert_eq!(*weight != 0.0, there, "weight {i}");
        }
    }
    let wider = Settings { window: 7, ..settings };
    let other = Checkpoint { settings: wider, ..block_on(trainer.checkpoint(&Cpu)).unwrap() };
    let error = Checkpoint::from_bytes("x", &other.to_bytes()).unwrap_err().to_string();
    assert!(error.contains("holds windows of 25 values, which are of no picture"), "{error}");
}
