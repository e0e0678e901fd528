//! Times each primitive of the CPU engine at the sizes of the first and second layer of 784-500-500-500, batch 100:
//! `cargo bench`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use forward_forward::dataset::strokes::Strokes;
use forward_forward::dataset::{Label, Shape};
use forward_forward::drawing;
use forward_forward::engine::cpu::Cpu;
use forward_forward::engine::{
    Activity, Blocks, Connection, Delta, Engine, Input, Layer, Local, Matrix, Objective, Pick, Pictures, Rates, Rule,
    Verdict, Wiring, metric,
};
use forward_forward::model::{Ends, Settings};
use forward_forward::recipe::{supervised, unsupervised};
use forward_forward::training::Trainer;
use std::hint::black_box;

const BATCH: usize = 100;
const INPUTS: usize = 784;
const CLASSES: usize = 10;
const UNITS: usize = 500;
const BLOCKS: Blocks = Blocks { positive: BATCH..2 * BATCH, negative: 2 * BATCH..3 * BATCH };
const RATES: Rates = Rates { rate: 1e-6, momentum: 0.9, weight_cost: 0.001 };

fn matrix(rows: usize, columns: usize) -> Matrix {
    let mut matrix = Cpu.matrix(rows, columns).expect("room");
    let values: Vec<f32> = (0..rows * columns).map(|i| ((i * 7919) % 1000) as f32 / 20_000.0 - 0.025).collect();
    Cpu.write(&mut matrix, &values);
    matrix
}

fn layer(inputs: usize) -> Layer {
    Layer {
        rule: Rule::default(),
        below: Connection::dense(matrix(inputs, UNITS), matrix(inputs, UNITS)),
        above: None,
        bias: matrix(1, UNITS),
        bias_velocity: matrix(1, UNITS),
        mean_activity: matrix(1, UNITS),
    }
}

fn activity(rows: usize, units: usize) -> Activity {
    Activity { values: matrix(rows, units), squares: matrix(rows, 1), goodness: None }
}

fn local<'a>(activity: &'a Activity, verdict: &'a Verdict) -> Delta<'a> {
    Delta::Local { values: &activity.values, verdict, blocks: &BLOCKS, rule: Rule::default() }
}

fn primitives(c: &mut Criterion) {
    let strokes = Strokes::new(1);
    let split = strokes.split(0..1000);
    let dataset = Cpu.dataset(&split.images).expect("room");
    let picks: Vec<Pick> = (0..BATCH as u32).map(|index| Pick { index, dx: 1, dy: -1 }).collect();
    let mut pictures = Pictures { rows: activity(BATCH, INPUTS), product: matrix(BATCH, UNITS), label_pixels: CLASSES };
    let mut labels = Cpu.labels(3 * BATCH).expect("room");
    let codes: Vec<u8> = split.labels[..BATCH].iter().copied().map(Label::value).collect();
    Cpu.write_labels(&mut labels, BATCH, &codes);
    let (mut first, mut second) = (layer(INPUTS), layer(UNITS));
    let (mut below, mut above) = (activity(3 * BATCH, UNITS), activity(3 * BATCH, UNITS));
    let mut verdict = Verdict {
        coefficients: matrix(3 * BATCH, 1),
        peer: matrix(1, UNITS),
        metrics: Cpu.matrix(1, metric::COUNT).expect("room"),
    };
    let objective = Objective { threshold: UNITS as f32, temperature: 20.0, peer: 0.03 };
    let mut head = [Connection::dense(matrix(UNITS, 10), matrix(UNITS, 10))];
    let (mut logits, mut error) = (matrix(BATCH, 10), matrix(BATCH, 10));

    let mut group = c.benchmark_group("cpu");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("gather", |b| b.iter(|| Cpu.gather(&dataset, &picks, 0, CLASSES, &mut pictures.rows)));
    group.bench_function("project", |b| b.iter(|| Cpu.project(&mut pictures, BATCH, &first.below)));
    group.bench_function("forward, first layer", |b| {
        let input = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: BATCH };
        b.iter(|| Cpu.forward(&input, &first, 0..3 * BATCH, &mut below));
    });
    group.bench_function("forward", |b| {
        b.iter(|| Cpu.forward(&Input::layer(&below), &second, 0..3 * BATCH, &mut above));
    });
    group.bench_function("judge", |b| b.iter(|| Cpu.judge(&above, &BLOCKS, &objective, &mut second, &mut verdict)));
    group.bench_function("update, first layer", |b| {
        let input = Input::Pictures { pictures: &pictures, labels: &labels, first_picture: 0, count: BATCH };
        b.iter(|| Cpu.update(&input, &local(&below, &verdict), &RATES, &mut first.below));
    });
    group.bench_function("update", |b| {
        b.iter(|| Cpu.update(&Input::layer(&below), &local(&above, &verdict), &RATES, &mut second.below));
    });
    group.bench_function("update_bias", |b| {
        b.iter(|| Cpu.update_bias(&local(&above, &verdict), &RATES, &mut second));
    });
    group.bench_function("classify", |b| b.iter(|| Cpu.classify(&[&above], &head, true, BATCH, &mut logits)));
    group.bench_function("blame", |b| b.iter(|| Cpu.blame(&logits, &labels, BLOCKS.positive, &mut error)));
    group.bench_function("learn_head", |b| {
        b.iter(|| Cpu.learn_head(&[&above], &error, true, BATCH, &RATES, &mut head));
    });
    group.bench_function("propose", |b| b.iter(|| Cpu.propose(&logits, &BLOCKS, 1, 2, &mut labels)));
    group.finish();

    let mut group = c.benchmark_group("pictures");
    group.throughput(Throughput::Elements(1));
    group.bench_function("a stroke digit", |b| {
        let mut index = 0;
        b.iter(|| {
            index += 1;
            black_box(strokes.digit(index))
        });
    });
    let (_, drawn) = strokes.drawing(5);
    group.bench_function("a drawing prepared", |b| b.iter(|| black_box(drawing::prepare(&drawn, 0.1))));
    group.finish();
}

/// A layer of 32×32×3 units with windows of 11×11×3 below them, by how many positions a tile has each way: one picture's activities,
/// and one picture's share of a step of the weights.
fn windows(c: &mut Criterion) {
    let mut group = c.benchmark_group("windows");
    group.throughput(Throughput::Elements(BATCH as u64));
    let wiring = Local::new(Shape::CIFAR, 3, 3, 11);
    let [units, _] = wiring.sides();
    let (below, mut above) = (activity(3 * BATCH, units), matrix(3 * BATCH, units));
    let delta = matrix(3 * BATCH, units);
    for tile in [1, 2, 4, 8, 16] {
        let [weight, velocity] = [matrix(units, wiring.places()), matrix(units, wiring.places())];
        let mut connection = Connection { weight, velocity, wiring: Wiring::Local(Local { tile, ..wiring }) };
        group.bench_function(format!("forward, tiles of {tile}×{tile}"), |b| {
            b.iter(|| Cpu.connect(&Input::layer(&below), &connection, 0..BATCH, false, &mut above));
        });
        group.bench_function(format!("update, tiles of {tile}×{tile}"), |b| {
            let delta = Delta::Given { delta: &delta, rows: 0..BATCH };
            b.iter(|| Cpu.update(&Input::layer(&below), &delta, &RATES, &mut connection));
        });
    }
    group.finish();
}

/// Reading 100 pictures with 784-500-500-500: with each of the ten labels and the neutral one, and in a single pass.
fn reading(c: &mut Criterion) {
    let dataset = Cpu.dataset(&Strokes::new(1).split(0..BATCH as u64).images).expect("room");
    let picks: Vec<Pick> = (0..BATCH as u32).map(|index| Pick { index, ..Pick::default() }).collect();
    let trainer =
        Trainer::fresh(&Cpu, Settings::default(), Ends { inputs: INPUTS, classes: CLASSES }, BATCH).expect("room");
    let network = trainer.network();
    let mut group = c.benchmark_group("reading");
    group.throughput(Throughput::Elements(BATCH as u64));
    let mut reader = supervised::Reader::new(&Cpu, network, BATCH).expect("room");
    group.bench_function("every label", |b| b.iter(|| black_box(reader.begin(&Cpu, network, &dataset, &picks))));
    let mut reader = unsupervised::Reader::new(&Cpu, network, BATCH).expect("room");
    group.bench_function("one pass", |b| b.iter(|| black_box(reader.begin(&Cpu, network, &dataset, &picks))));
    group.finish();
}

criterion_group!(benches, primitives, windows, reading);
criterion_main!(benches);
