//! Every primitive of the GPU engine against its CPU twin, on shapes that are not multiples of anything.

#![cfg(not(target_arch = "wasm32"))]

#[path = "common/adapter.rs"]
mod adapter;
#[path = "common/compare.rs"]
mod compare;
#[path = "common/primitives.rs"]
mod primitives;
#[path = "common/replay.rs"]
mod replay;

use adapter::gpu;
use compare::{Outcome, assert_same, assert_within};
use forward_forward::dataset::Shape;
use forward_forward::engine::cpu::Cpu;
use forward_forward::engine::gpu::{Gpu, Preference, Tiling};
use forward_forward::engine::{Local, Obstacle};
use pollster::block_on;

/// Runs `primitive` on both engines and compares everything it leaves.
macro_rules! same {
    ($gpu:expr, $primitive:expr) => {{
        let theirs: Vec<Outcome> = block_on($primitive(&Cpu));
        let ours: Vec<Outcome> = block_on($primitive($gpu));
        assert_same(&ours, &theirs, stringify!($primitive));
    }};
}

/// Rows, inner and columns.
const SHAPES: [[usize; 3]; 8] = [
    [1, 10, 10],
    [7, 65, 345],
    [65, 345, 7],
    [1, 784, 500],
    [100, 500, 65],
    [345, 65, 1],
    [7, 2000, 784],
    [65, 500, 2000],
];

/// How many classes there are beside each of the shapes: mostly ten, and the fewest and the most there may be.
const CLASSES: [usize; 8] = [10, 10, 47, 10, 64, 3, 10, 2];

#[test]
fn gather() {
    let Some(gpu) = gpu() else { return };
    let cifar = Shape { height: 32, width: 32, channels: 3 };
    let odd = Shape { height: 5, width: 13, channels: 1 };
    for (shape, count) in [(Shape::MNIST, 1), (Shape::MNIST, 65), (cifar, 7), (odd, 345)] {
        for (label_pixels, front) in [(0, false), (10, false), (47, true)] {
            same!(&gpu, async |e: &_| primitives::gather(e, shape, count, label_pixels, front).await);
        }
    }
}

#[test]
fn products_in_every_tiling() {
    let Some(gpu) = gpu() else { return };
    for tiling in Tiling::ALL {
        gpu.use_only(tiling);
        // The last of more rows than an update weighs at once.
        for [rows, inner, columns] in [[7, 65, 345], [67, 345, 65], [1, 10, 500], [300, 21, 34]] {
            eprintln!("{tiling:?}");
            same!(&gpu, async |e: &_| primitives::forward(e, rows, inner, columns).await);
            same!(&gpu, async |e: &_| primitives::connect(e, rows, inner, columns).await);
            same!(&gpu, async |e: &_| primitives::given(e, rows, inner, columns).await);
            same!(&gpu, async |e: &_| primitives::forward_pictures(e, rows, inner, columns, 10).await);
            same!(&gpu, async |e: &_| primitives::update(e, rows, inner, columns).await);
            same!(&gpu, async |e: &_| primitives::update_pictures(e, rows, inner, columns, 10).await);
        }
    }
}

/// With activities and pixels stored in half precision each is off by up to 4.9e-4, of which products make less and updates more.
#[test]
fn half_precision() {
    const TOLERANCE: f32 = 3e-3;
    if gpu().is_none() {
        return;
    }
    let gpu = block_on(Gpu::open(Preference::Half)).expect("as it was without");
    macro_rules! near {
        ($primitive:expr) => {{
            let theirs: Vec<Outcome> = block_on($primitive(&Cpu));
            assert_within(TOLERANCE, &block_on($primitive(&gpu)), &theirs, stringify!($primitive));
        }};
    }
    let odd = Shape { height: 5, width: 13, channels: 1 };
    near!(async |e: &_| primitives::gather(e, odd, 65, 10, false).await);
    near!(async |e: &_| primitives::mix(e, Shape::MNIST, 7).await);
    for tiling in Tiling::ALL {
        gpu.use_only(tiling);
        for [rows, inner, columns] in [[7, 65, 345], [67, 345, 65]] {
            eprintln!("{tiling:?}");
            near!(async |e: &_| primitives::forward(e, rows, inner, columns).await);
            near!(async |e: &_| primitives::connect(e, rows, inner, columns).await);
            near!(async |e: &_| primitives::given(e, rows, inner, columns).await);
            near!(async |e: &_| primitives::forward_pictures(e, rows, inner, columns, 10).await);
            near!(async |e: &_| primitives::update(e, rows, inner, columns).await);
            near!(async |e: &_| primitives::update_pictures(e, rows, inner, columns, 10).await);
        }
    }
    for [rows, inner, columns] in [[7, 65, 345], [65, 345, 8]] {
        near!(async |e: &_| primitives::connect_pictures(e, rows, inner, columns).await);
        near!(async |e: &_| primitives::settle(e, rows, columns).await);
        near!(async |e: &_| primitives::express(e, rows, 10).await);
        near!(async |e: &_| primitives::backward(e, rows, inner, columns).await);
        near!(async |e: &_| primitives::judge(e, rows, columns).await);
        near!(async |e: &_| primitives::classify(e, rows, columns, 10).await);
        near!(async |e: &_| primitives::learn_head(e, rows, columns, 10).await);
        for obstacle in [Obstacle::Median, Obstacle::Sine, Obstacle::Table] {
            near!(async |e: &_| primitives::transform(e, obstacle, rows, columns).await);
        }
    }
    for rule in primitives::rules(60) {
        eprintln!("{rule:?}");
        near!(async |e: &_| primitives::rule(e, rule, 7, 65, 60).await);
    }
    let local = Local { height: 6, width: 8, inputs: 3, units: 3, window: 5, tile: 4 };
    near!(async |e: &_| primitives::local(e, local, 7).await);
}

#[test]
fn hybrids() {
    let Some(gpu) = gpu() else { return };
    let cifar = Shape { height: 32, width: 32, channels: 3 };
    let odd = Shape { height: 5, width: 13, channels: 1 };
    for (shape, count) in [(Shape::MNIST, 1), (Shape::MNIST, 65), (cifar, 7), (odd, 345)] {
        same!(&gpu, async |e: &_| primitives::mix(e, shape, count).await);
    }
}

#[test]
fn inputs_from_both_sides() {
    let Some(gpu) = gpu() else { return };
    for ([rows, inner, columns], classes) in SHAPES.into_iter().zip(CLASSES) {
        same!(&gpu, async |e: &_| primitives::connect(e, rows, inner, columns).await);
        same!(&gpu, async |e: &_| primitives::connect_pictures(e, rows, inner, columns).await);
        same!(&gpu, async |e: &_| primitives::settle(e, rows, columns).await);
        same!(&gpu, async |e: &_| primitives::express(e, rows, classes).await);
    }
}

#[test]
fn what_comes_back() {
    let Some(gpu) = gpu() else { return };
    for [rows, inner, columns] in SHAPES {
        same!(&gpu, async |e: &_| primitives::backward(e, rows, inner, columns).await);
        same!(&gpu, async |e: &_| primitives::given(e, rows, inner, columns).await);
    }
}

/// Windows cut off at all four edges, and wider than the grid; tiles that divide it and that do not.
#[test]
fn windows() {
    let local = |height, width, inputs, units, window, tile| Local { height, width, inputs, units, window, tile };
    for (local, rows) in [
        (local(6, 8, 3, 3, 5, 4), 7),
        (local(5, 7, 1, 2, 3, 2), 1),
        // More rows than an update weighs at once.
        (local(4, 3, 2, 5, 9, 3), 300),
        (local(12, 11, 3, 3, 11, 4), 3),
    ] {
        let dense = block_on(primitives::masked(&Cpu, local, rows));
        assert_same(&block_on(primitives::local(&Cpu, local, rows)), &dense, "windows against a dense layer, CPU");
        let Some(gpu) = gpu() else { continue };
        assert_same(&block_on(primitives::local(&gpu, local, rows)), &dense, "windows against a dense layer, GPU");
    }
}

#[test]
fn boxes_and_masks() {
    let Some(gpu) = gpu() else { return };
    for [rows, inner, columns] in SHAPES {
        // Nothing is above the median of one unit.
        let columns = columns.max(2);
        for obstacle in [Obstacle::Median, Obstacle::Sine, Obstacle::Table] {
            same!(&gpu, async |e: &_| primitives::transform(e, obstacle, rows, columns).await);
        }
        same!(&gpu, async |e: &_| primitives::mask(e, inner, columns).await);
    }
}

#[test]
fn rules() {
    let Some(gpu) = gpu() else { return };
    for [rows, inner, columns] in [[7, 65, 345], [65, 345, 7], [100, 500, 60], [1, 784, 500]] {
        for rule in primitives::rules(columns) {
            eprintln!("{rule:?}");
            same!(&gpu, async |e: &_| primitives::rule(e, rule, rows, inner, columns).await);
        }
    }
}

#[test]
fn forward() {
    let Some(gpu) = gpu() else { return };
    for [rows, inner, columns] in SHAPES {
        same!(&gpu, async |e: &_| primitives::forward(e, rows, inner, columns).await);
    }
}

#[test]
fn project_and_forward_of_pictures() {
    let Some(gpu) = gpu() else { return };
    for ([rows, inner, columns], classes) in SHAPES.into_iter().zip(CLASSES) {
        same!(&gpu, async |e: &_| primitives::forward_pictures(e, rows, inner, columns, classes).await);
    }
}

#[test]
fn judge() {
    let Some(gpu) = gpu() else { return };
    for [rows, _, columns] in SHAPES {
        same!(&gpu, async |e: &_| primitives::judge(e, rows, columns).await);
    }
}

#[test]
fn update() {
    let Some(gpu) = gpu() else { return };
    for [rows, inner, columns] in SHAPES {
        same!(&gpu, async |e: &_| primitives::update(e, rows, inner, columns).await);
    }
}

#[test]
fn update_of_pictures() {
    let Some(gpu) = gpu() else { return };
    for ([rows, inner, columns], classes) in SHAPES.into_iter().zip(CLASSES) {
        same!(&gpu, async |e: &_| primitives::update_pictures(e, rows, inner, columns, classes).await);
    }
}

#[test]
fn the_softmax_head() {
    let Some(gpu) = gpu() else { return };
    for ([rows, _, columns], classes) in SHAPES.into_iter().zip(CLASSES) {
        same!(&gpu, async |e: &_| primitives::classify(e, rows, columns, classes).await);
        same!(&gpu, async |e: &_| primitives::learn_head(e, rows, columns, classes).await);
    }
}

#[test]
fn hard_negatives() {
    let Some(gpu) = gpu() else { return };
    for (rows, classes) in [1, 7, 65, 345, 500, 784, 2000, 3].into_iter().zip(CLASSES) {
        same!(&gpu, async |e: &_| primitives::tally(e, rows, classes).await);
        same!(&gpu, async |e: &_| primitives::propose(e, rows, classes).await);
    }
}

#[test]
fn replay_of_the_published_code() {
    /// Largest difference allowed, relative where values exceed 1.
    const TOLERANCE: f32 = 1e-4;
    let Some(gpu) = gpu() else { return };
    let compared = block_on(replay::replay(&gpu, &replay::Recording::open()));
    replay::assert_within(TOLERANCE, &compared);
    let worst = compared.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    eprintln!("largest difference of {}: {worst:?}", compared.len());
}
