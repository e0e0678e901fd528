//! The GPU engine under a trainer: the same run as on the CPU, no leak, and a sentence when something goes wrong.

#![cfg(not(target_arch = "wasm32"))]

#[path = "common/adapter.rs"]
mod adapter;

use adapter::gpu;
use forward_forward::Error;
use forward_forward::dataset::source::DataSource;
use forward_forward::dataset::{Dataset, Split};
use forward_forward::engine::choice::{Found, Search, Wish};
use forward_forward::engine::gpu::{Gpu, Preference};
use forward_forward::engine::{Engine, cpu::Cpu};
use forward_forward::model::{Checkpoint, Ends, Settings};
use forward_forward::negatives::Negatives;
use forward_forward::session::{Home, Session};
use forward_forward::training::{Evaluator, LayerReport, Trainer, TrainingSet};
use pollster::block_on;
use std::cell::Cell;
use std::rc::Rc;

fn settings(negatives: Negatives) -> Settings {
    Settings { layers: vec![65, 50], batch: 30, negatives, jitter: 1, ..Settings::default() }
}

fn strokes(train: usize, test: usize, seed: u64) -> DataSource {
    DataSource::new("strokes", train, test, seed).unwrap()
}

fn data() -> Dataset {
    strokes(300, 60, 1).made_whole()
}

/// Steps through `train`, and what was reported.
async fn learn(engine: &dyn Engine, trainer: &mut Trainer, train: &Split, steps: usize) -> Vec<LayerReport> {
    let set = TrainingSet::new(engine, train).expect("room");
    for _ in 0..steps {
        trainer.step(engine, &set).expect("a step");
        engine.pace().await.expect("a working engine");
    }
    trainer.report(engine).await.expect("a working engine")
}

fn fresh(engine: &dyn Engine, negatives: Negatives) -> Trainer {
    Trainer::fresh(engine, settings(negatives), Ends { inputs: 784, classes: 10 }, 300).expect("a trainer")
}

/// Largest difference in weights, absolute: they are a few hundredths.
fn difference(a: &Checkpoint, b: &Checkpoint) -> f32 {
    let weights = |c: &Checkpoint| -> Vec<f32> { c.layers.iter().flat_map(|l| l.weight.clone()).collect() };
    let (a, b) = (weights(a), weights(b));
    assert_eq!(a.len(), b.len());
    a.iter().zip(&b).fold(0.0, |worst, (a, b)| if (a - b).is_nan() { f32::INFINITY } else { worst.max((a - b).abs()) })
}

#[test]
fn every_recipe_and_rule_learns_the_same_as_on_the_cpu() {
    use forward_forward::engine::{Activation, Goodness, Obstacle, Sign};
    use forward_forward::model::{LayerRule, RecipeKind};
    let Some(gpu) = gpu() else { return };
    let data = data();
    let of = |recipe| Settings { layers: vec![60, 40], batch: 30, jitter: 1, ..Settings::recommended(recipe) };
    let supervised = of(RecipeKind::Supervised);
    let rules = vec![
        LayerRule { blocks: 5, regions: true, sign: Sign::Minimise, ..LayerRule::default() },
        LayerRule {
            activation: Activation::Tanh,
            goodness: Goodness::Sum,
            threshold: Some(0.2),
            ..LayerRule::default()
        },
    ];
    let runs = [
        of(RecipeKind::Unsupervised),
        of(RecipeKind::Recurrent),
        of(RecipeKind::Backprop),
        Settings { rules, negatives: Negatives::Goodness, ..supervised.clone() },
        Settings { obstacle: Obstacle::Median, ..supervised.clone() },
        Settings { normalise: false, ..supervised.clone() },
        Settings { pipelined: true, negatives: Negatives::Random, ..supervised.clone() },
        Settings { layers: vec![60], ..supervised },
    ];
    for settings in runs {
        let mut ours =
            Trainer::fresh(&gpu, settings.clone(), Ends { inputs: 784, classes: 10 }, 300).expect("a trainer");
        let mut theirs =
            Trainer::fresh(&Cpu, settings.clone(), Ends { inputs: 784, classes: 10 }, 300).expect("a trainer");
        let begun = block_on(theirs.checkpoint(&Cpu)).unwrap();
        block_on(learn(&gpu, &mut ours, &data.train, 8));
        block_on(learn(&Cpu, &mut theirs, &data.train, 8));
        let (a, b) = (block_on(ours.checkpoint(&gpu)).unwrap(), block_on(theirs.checkpoint(&Cpu)).unwrap());
        let apart = difference(&a, &b);
        let moved = difference(&begun, &b);
        assert!(apart < 0.02 * moved, "{settings:?}: {apart} apart where {moved} was learned");
    }
}

/// Whatever adapter there is, with activities in half precision.
fn half() -> Option<Gpu> {
    gpu().map(|_| block_on(Gpu::open(Preference::Half)).expect("as it was with whole ones"))
}

#[test]
fn activities_in_half_precision_take_half_the_room_and_are_off_by_one_part_in_2048_at_most() {
    let Some(gpu) = half() else { return };
    let before = gpu.memory().bytes;
    let mut values = gpu.values(40, 30).unwrap();
    let halves = gpu.memory().bytes - before;
    let weights = gpu.matrix(40, 30).unwrap();
    assert_eq!(2 * halves, gpu.memory().bytes - before - halves);
    let written: Vec<f32> = (1..=1200).map(|i| i as f32 / 7.0).collect();
    gpu.write(&mut values, &written);
    let read = block_on(gpu.read(&values)).unwrap();
    let errors = read.iter().zip(&written).map(|(read, written)| (read / written - 1.0).abs());
    let worst = errors.fold(0.0, f32::max);
    assert!(worst > 0.0 && worst <= 1.0 / 2048.0, "off by {worst}");
    assert_eq!(block_on(gpu.read(&weights)).unwrap(), vec![0.0; 1200]);
    assert!(gpu.identity().name.ends_with(", activities in f16"));
}

#[test]
fn a_run_with_activities_in_half_precision_is_near_the_one_with_whole_ones() {
    use forward_forward::model::RecipeKind;
    let (Some(whole), Some(half)) = (gpu(), half()) else { return };
    let data = data();
    for recipe in [RecipeKind::Supervised, RecipeKind::Unsupervised, RecipeKind::Recurrent, RecipeKind::Backprop] {
        let settings = Settings { layers: vec![60, 40], batch: 30, jitter: 1, ..Settings::recommended(recipe) };
        let run = |engine: &Gpu| {
            let mut trainer =
                Trainer::fresh(engine, settings.clone(), Ends { inputs: 784, classes: 10 }, 300).expect("a trainer");
            let begun = block_on(trainer.checkpoint(engine)).unwrap();
            let report = block_on(learn(engine, &mut trainer, &data.train, 8));
            (begun, report, block_on(trainer.checkpoint(engine)).unwrap())
        };
        let ((begun, our_report, ours), (_, their_report, theirs)) = (run(&half), run(&whole));
        let (apart, moved) = (difference(&ours, &theirs), difference(&begun, &theirs));
        assert!(apart > 0.0 && apart < 0.05 * moved, "{recipe:?}: {apart} apart where {moved} was learned");
        for (a, b) in our_report.iter().zip(&their_report) {
            assert!((a.loss - b.loss).abs() <= 2e-3 * b.loss.abs(), "{recipe:?}: {a:?} {b:?}");
        }
    }
}

#[test]
fn a_run_is_the_same_as_on_the_cpu_with_every_kind_of_negatives() {
    let Some(gpu) = gpu() else { return };
    let data = data();
    for negatives in [Negatives::Random, Negatives::Softmax, Negatives::Goodness] {
        let (mut ours, mut theirs) = (fresh(&gpu, negatives), fresh(&Cpu, negatives));
        let our_report = block_on(learn(&gpu, &mut ours, &data.train, 8));
        let their_report = block_on(learn(&Cpu, &mut theirs, &data.train, 8));
        for (a, b) in our_report.iter().zip(&their_report) {
            assert!((a.positive_goodness / b.positive_goodness - 1.0).abs() < 1e-3, "{negatives:?}: {a:?} {b:?}");
            assert!((a.negative_goodness / b.negative_goodness - 1.0).abs() < 1e-3, "{negatives:?}: {a:?} {b:?}");
            assert!((a.loss / b.loss - 1.0).abs() < 1e-3, "{negatives:?}: {a:?} {b:?}");
            let counted: f32 = a.positive_histogram.iter().chain(&a.negative_histogram).sum();
            assert!((counted - 2.0 * 8.0 * 30.0).abs() < 0.5, "every row is in a bin");
        }
        let (a, b) = (block_on(ours.checkpoint(&gpu)).unwrap(), block_on(theirs.checkpoint(&Cpu)).unwrap());
        assert!(difference(&a, &b) < 1e-4, "{negatives:?}: weights differ by {}", difference(&a, &b));
    }
}

#[test]
fn a_step_of_three_layers_is_no_more_than_sixteen_dispatches() {
    let Some(gpu) = gpu() else { return };
    let set = TrainingSet::new(&gpu, &data().train).unwrap();
    for negatives in [Negatives::Random, Negatives::Softmax] {
        let settings = Settings { layers: vec![65, 50, 40], ..settings(negatives) };
        let mut trainer = Trainer::fresh(&gpu, settings, Ends { inputs: 784, classes: 10 }, 300).expect("a trainer");
        let before = gpu.dispatches();
        trainer.step(&gpu, &set).unwrap();
        let dispatches = gpu.dispatches() - before;
        assert!((1..=16).contains(&dispatches), "{negatives:?} negatives: {dispatches} dispatches");
    }
}

#[test]
fn reports_are_not_waited_for_and_none_is_lost() {
    let Some(gpu) = gpu() else { return };
    let data = data();
    let set = TrainingSet::new(&gpu, &data.train).unwrap();
    let mut trainer = fresh(&gpu, Negatives::Softmax);
    let counted = |report: &[LayerReport]| -> f32 {
        report.first().map_or(0.0, |layer| layer.positive_histogram.iter().sum::<f32>())
    };
    let mut pictures = vec![];
    for _ in 0..12 {
        for _ in 0..20 {
            trainer.step(&gpu, &set).unwrap();
        }
        pictures.push(counted(&block_on(trainer.report_soon(&gpu)).unwrap()));
        block_on(gpu.pace()).unwrap();
    }
    pictures.push(counted(&block_on(trainer.report(&gpu)).unwrap()));
    assert!(pictures[0] < 1.0, "twenty steps are not done the moment they are enqueued: {pictures:?}");
    let soon: f32 = pictures[..4].iter().sum();
    assert!(soon > 0.0, "no more than two submissions are under way when the fourth report is asked for: {pictures:?}");
    assert!((pictures.iter().sum::<f32>() - 12.0 * 20.0 * 30.0).abs() < 0.5, "{pictures:?}");
    assert!(block_on(trainer.report(&gpu)).unwrap().is_empty(), "nothing happened since");
}

#[test]
fn a_profile_says_where_a_step_s_time_goes() {
    let Some(gpu) = gpu() else { return };
    let set = TrainingSet::new(&gpu, &data().train).unwrap();
    let mut trainer = fresh(&gpu, Negatives::Random);
    assert!(block_on(gpu.spent()).unwrap().is_empty(), "nothing was watched");
    if !gpu.watch().unwrap() {
        eprintln!("{} has no timestamps", gpu.adapter().name);
        return;
    }
    let before = gpu.dispatches();
    for _ in 0..3 {
        trainer.step(&gpu, &set).unwrap();
    }
    let spent = block_on(gpu.spent()).unwrap();
    assert_eq!(spent.iter().map(|s| s.times).sum::<u64>(), gpu.dispatches() - before, "{spent:?}");
    assert!(spent.iter().any(|s| s.what == "update" && s.times == 6 && s.milliseconds > 0.0), "{spent:?}");
    assert!(spent.is_sorted_by(|a, b| a.milliseconds >= b.milliseconds), "{spent:?}");
    assert!(block_on(gpu.spent()).unwrap().is_empty(), "told once");
    assert!(gpu.watch().unwrap());
    assert!(block_on(gpu.spent()).unwrap().is_empty(), "nothing was dispatched");
    gpu.watch().unwrap();
    trainer.step(&gpu, &set).unwrap();
    gpu.lose();
    let error = block_on(gpu.spent()).unwrap_err().to_string();
    assert!(error.contains("lost"), "{error}");
}

#[test]
fn a_session_is_profiled_by_a_copy_of_its_run() {
    let Some(gpu) = gpu() else { return };
    let mut session = Session::new(settings(Negatives::Softmax)).unwrap();
    let beginning = block_on(session.checkpoint()).unwrap();
    let mut session = session.moved(Rc::new(gpu), beginning).unwrap();
    session.use_data(strokes(100, 20, 1)).unwrap();
    while session.prepare(0.0, &|| 0.0).unwrap() < 1.0 {}
    block_on(session.step(&|| 0.0)).unwrap();
    let before = block_on(session.checkpoint()).unwrap();
    // A clock on which each look is a second after the one before.
    let now = Cell::new(0.0);
    let profile = block_on(session.profile(&|| now.replace(now.get() + 1000.0))).unwrap();
    assert_eq!(block_on(session.checkpoint()).unwrap(), before);
    let Some(profile) = profile else { return };
    assert_eq!(profile.steps, 1, "there was no time for a second one");
    let judged = profile.spent.iter().find(|s| s.what == "judge").expect("each layer is judged");
    assert_eq!(judged.times, session.settings().layers.len() as u64);
}

#[test]
fn a_thousand_steps_with_reports_wait_for_nothing_to_come_back() {
    let Some(gpu) = gpu() else { return };
    let set = TrainingSet::new(&gpu, &data().train).unwrap();
    let mut trainer = fresh(&gpu, Negatives::Softmax);
    let before = gpu.waits();
    let mut reports = 0;
    for step in 1..=1000 {
        trainer.step(&gpu, &set).unwrap();
        block_on(gpu.pace()).unwrap();
        if step % 10 == 0 {
            reports += usize::from(!block_on(trainer.report_soon(&gpu)).unwrap().is_empty());
        }
    }
    assert_eq!(gpu.waits() - before, 0, "{reports} reports were read");
    assert!(reports > 10, "most of what was asked for arrives while the run goes on, not {reports} of 100");
    block_on(trainer.report(&gpu)).unwrap();
    assert!(gpu.waits() > before, "a report that must be whole is waited for, and counted");
}

#[test]
fn a_run_moves_between_engines_through_its_checkpoint() {
    let Some(gpu) = gpu() else { return };
    let data = data();
    let mut whole = fresh(&Cpu, Negatives::Softmax);
    block_on(learn(&Cpu, &mut whole, &data.train, 8));

    let mut first = fresh(&Cpu, Negatives::Softmax);
    block_on(learn(&Cpu, &mut first, &data.train, 3));
    let file = block_on(first.checkpoint(&Cpu)).unwrap().to_bytes();
    let mut second = Trainer::new(&gpu, Checkpoint::from_bytes("memory", &file).unwrap(), 300).unwrap();
    block_on(learn(&gpu, &mut second, &data.train, 3));
    let file = block_on(second.checkpoint(&gpu)).unwrap().to_bytes();
    let mut third = Trainer::new(&Cpu, Checkpoint::from_bytes("memory", &file).unwrap(), 300).unwrap();
    block_on(learn(&Cpu, &mut third, &data.train, 2));

    let (a, b) = (block_on(third.checkpoint(&Cpu)).unwrap(), block_on(whole.checkpoint(&Cpu)).unwrap());
    assert_eq!(a.step, b.step);
    assert!(difference(&a, &b) < 1e-4, "weights differ by {}", difference(&a, &b));
}

/// The labels read on the test pictures.
async fn read(engine: &dyn Engine, trainer: &Trainer, test: &Split) -> Vec<u8> {
    let images = engine.dataset(&test.images).unwrap();
    let mut evaluator = Evaluator::new(engine, trainer.network(), test.len(), 25).unwrap();
    while evaluator.advance(engine, trainer.network(), &images, &test.labels).await.unwrap() {}
    evaluator.evaluation().read.iter().map(|l| l.expect("a label").value()).collect()
}

#[test]
fn evaluation_reads_the_same_labels() {
    let Some(gpu) = gpu() else { return };
    let data = data();
    let mut trainer = fresh(&Cpu, Negatives::Softmax);
    block_on(learn(&Cpu, &mut trainer, &data.train, 30));
    let there = Trainer::new(&gpu, block_on(trainer.checkpoint(&Cpu)).unwrap(), 300).unwrap();
    assert_eq!(block_on(read(&gpu, &there, &data.test)), block_on(read(&Cpu, &trainer, &data.test)));
}

#[test]
fn slices_of_a_measurement_are_not_waited_for_one_by_one() {
    let Some(gpu) = gpu() else { return };
    let data = data();
    // Wide enough not to be done the moment it is enqueued.
    let wide = Settings { layers: vec![1000, 1000], ..Settings::default() };
    let trainer = Trainer::fresh(&gpu, wide, Ends { inputs: 784, classes: 10 }, 300).unwrap();
    let test = gpu.dataset(&data.test.images).unwrap();
    let mut evaluator = Evaluator::new(&gpu, trainer.network(), data.test.len(), 20).unwrap();
    let mut most = 0;
    while block_on(evaluator.advance(&gpu, trainer.network(), &test, &data.test.labels)).unwrap() {
        most = most.max(evaluator.under_way());
    }
    assert!(most >= 1, "a slice is left under way while there is another one to begin");
    assert_eq!(evaluator.evaluation().images(), data.test.len());
    assert_eq!(evaluator.under_way(), 0);
}

#[test]
fn picks_reach_their_pictures_wherever_a_portion_ends() {
    use forward_forward::engine::{Activity, Pick};
    let Some(gpu) = gpu() else { return };
    let images = data().train.images;
    // Thousands of small pieces fill the megabyte of a portion many times, at every place a piece can begin.
    let picks: Vec<Pick> = (0..10_000_u32).map(|i| Pick { index: i * 7 % 300, dx: (i % 5) as i8 - 2, dy: 0 }).collect();
    let room = |rows| Activity {
        values: gpu.matrix(rows, 784).unwrap(),
        squares: gpu.matrix(rows, 1).unwrap(),
        goodness: None,
    };
    let dataset = gpu.dataset(&images).unwrap();
    let mut rows = room(picks.len());
    for (i, pick) in picks.iter().enumerate() {
        gpu.gather(&dataset, std::slice::from_ref(pick), i, 0, &mut rows);
    }
    let values = block_on(gpu.read(&rows.values)).unwrap();
    for (i, (row, pick)) in values.chunks_exact(784).zip(&picks).enumerate() {
        let shifted = images.shifted(pick.index as usize, pick.dx, pick.dy);
        let right = row.iter().zip(&shifted).all(|(v, byte)| (v - f32::from(*byte) / 255.0).abs() < 1e-6);
        assert!(right, "picture {i} is another one");
    }
}

#[test]
fn memory_is_flat_after_fifty_restarts() {
    let Some(gpu) = gpu() else { return };
    let data = data();
    let before = gpu.memory();
    let mut after_first = None;
    for _ in 0..50 {
        let mut trainer = fresh(&gpu, Negatives::Goodness);
        block_on(learn(&gpu, &mut trainer, &data.train, 1));
        assert!(gpu.memory().buffers > before.buffers + 20, "a run holds buffers");
        drop(trainer);
        let now = gpu.memory();
        assert_eq!(*after_first.get_or_insert(now), now);
    }
    let kept = after_first.expect("restarted").buffers - before.buffers;
    assert!(kept <= 6, "between runs only scratch and read-back buffers stay, not {kept}");
}

#[test]
fn a_lost_device_is_a_sentence_and_the_run_goes_on_elsewhere() {
    let Some(gpu) = gpu() else { return };
    let data = data();
    let mut trainer = fresh(&gpu, Negatives::Softmax);
    block_on(learn(&gpu, &mut trainer, &data.train, 4));
    let checkpoint = block_on(trainer.checkpoint(&gpu)).unwrap();
    let set = TrainingSet::new(&gpu, &data.train).unwrap();

    gpu.lose();
    // Steps may still be recorded; whoever waits for the device is told.
    let told = (0..100).find_map(|_| trainer.step(&gpu, &set).and_then(|()| block_on(gpu.pace())).err());
    let error = told.or_else(|| block_on(trainer.report(&gpu)).err()).expect("someone is told");
    let Error::Gpu { problem } = &error else { panic!("{error:?}") };
    assert!(problem.contains("was lost") && problem.contains("last checkpoint"), "{problem}");
    assert!(gpu.loss().is_some());
    assert!(block_on(trainer.checkpoint(&gpu)).is_err());
    assert!(gpu.matrix(3, 3).is_err());
    drop(trainer);

    let mut on_cpu = Trainer::new(&Cpu, checkpoint, 300).unwrap();
    block_on(learn(&Cpu, &mut on_cpu, &data.train, 4));
    assert_eq!(on_cpu.step_count(), 8);
}

#[test]
fn what_does_not_fit_is_named_with_its_limit() {
    let Some(gpu) = gpu() else { return };
    let error = gpu.matrix(70_000, 4).unwrap_err().to_string();
    assert!(error.contains("maxComputeWorkgroupsPerDimension is 65535"), "{error}");
    let error = gpu.matrix(60_000, 4_000_000).unwrap_err().to_string();
    assert!(error.contains("maxStorageBufferBindingSize is") && error.contains("times smaller"), "{error}");
    block_on(gpu.finish()).expect("and the engine goes on");
}

#[test]
fn auto_never_takes_an_imitation() {
    let Some(gpu) = gpu() else { return };
    if !gpu.adapter().fallback {
        return;
    }
    let error = block_on(Gpu::open(Preference::Hardware)).unwrap_err().to_string();
    assert!(error.contains("only imitates a GPU"), "{error}");
    let found = block_on(Search::new(Wish::Auto).finish()).expect("auto always finds something");
    assert!(found.gpu.is_none() && found.reason.contains("only imitates"), "{found:?}");
}

#[test]
fn a_search_is_done_in_pieces_and_finds_what_was_wished_for() {
    if gpu().is_none() {
        return;
    }
    let mut search = Search::new(Wish::Gpu);
    let mut shares = vec![search.share()];
    while search.share() < 1.0 {
        block_on(search.advance()).expect("an adapter, as there was one just now");
        shares.push(search.share());
    }
    assert!(shares[0] < 1.0 && shares.is_sorted(), "{shares:?}");
    assert!(block_on(search.finish()).expect("it is done").gpu.is_some(), "one was wished for");
}

#[test]
fn a_lost_gpu_is_replaced_once_a_minute() {
    let Some(gpu) = gpu() else { return };
    let mut home = Home::from(Session::new(settings(Negatives::Softmax)).unwrap());
    home.session.use_data(strokes(300, 60, 1)).unwrap();
    while home.session.prepare(1e9, &|| 0.0).unwrap() < 1.0 {}
    block_on(home.move_to(Found { wish: Wish::Gpu, gpu: Some(Rc::new(gpu)), reason: String::new() }, 0.0)).unwrap();

    let lose_at = |home: &mut Home, now: f64| {
        home.lose().unwrap();
        let progress = block_on(home.rescued(now, async |session| session.step(&|| now).await)).unwrap();
        (progress.step, home.session.identity().kind, home.take_notice().expect("said in words"))
    };
    let (step, kind, notice) = lose_at(&mut home, 1_000.0);
    assert_eq!((step, kind), (1, "webgpu"));
    assert!(notice.contains("was lost"), "{notice}");
    assert!(notice.ends_with("from batch 0 on a fresh device; nothing else was lost"), "{notice}");
    block_on(home.keep(3_000.0));
    let (step, kind, notice) = lose_at(&mut home, 62_000.0);
    assert_eq!((step, kind), (2, "webgpu"), "{notice}");
    block_on(home.keep(64_000.0));
    let (step, kind, notice) = lose_at(&mut home, 65_000.0);
    assert_eq!((step, kind), (3, "cpu"));
    assert!(notice.ends_with("from batch 2 on the CPU engine; nothing else was lost"), "{notice}");
    assert!(home.reason().contains("was lost"), "{}", home.reason());
    assert_eq!(home.take_notice(), None);
}
