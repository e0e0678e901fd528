//! `ff train`.

use crate::arguments::{self, Train};
use crate::{data, evaluate};
use forward_forward::dataset::Dataset;
use forward_forward::engine::gpu::{Gpu, Preference, Tuning, advise};
use forward_forward::engine::{Engine, cpu::Cpu};
use forward_forward::model::checkpoint::DataSource;
use forward_forward::model::{Checkpoint, Parameters};
use forward_forward::training::{LayerReport, Trainer, TrainingSet};
use forward_forward::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::time::Instant;

/// Batches between two looks at goodness, for the bar and to notice a run that left the finite numbers.
const LOOK_EVERY: u64 = 25;

/// Trains as the command line says.
pub fn run(arguments: &Train) -> Result<()> {
    let dataset = data::load(&arguments.data)?;
    let source = data::source(&dataset, &arguments.data);
    let checkpoint = start(arguments, &dataset, &source)?;
    let gpu = match arguments.engine {
        arguments::Engine::Cpu => None,
        arguments::Engine::Gpu => Some(pollster::block_on(Gpu::open(Preference::Any, Tuning::Measure))?),
        arguments::Engine::Auto => {
            let advice = pollster::block_on(advise(Tuning::Measure));
            println!("{}", advice.reason);
            advice.gpu
        }
    };
    match gpu {
        Some(gpu) => train(&gpu, checkpoint, &dataset, &source, arguments),
        None => train(&Cpu, checkpoint, &dataset, &source, arguments),
    }
}

/// Where the run begins: random weights, a checkpoint's weights, or where a checkpoint stopped.
fn start(arguments: &Train, dataset: &Dataset, source: &DataSource) -> Result<Checkpoint> {
    if let Some(path) = &arguments.resume {
        let checkpoint = data::checkpoint(path)?;
        if let Some(then) = checkpoint.data.as_ref().filter(|then| *then != source) {
            let said = |s: &DataSource| format!("{} ({} training images, seed {})", s.name, s.train, s.seed);
            return Err(Error::checkpoint(
                path.display().to_string(),
                format!("learned from {}, and --data gives {}; give the same data to go on", said(then), said(source)),
            ));
        }
        return Ok(checkpoint);
    }
    let settings = arguments.settings()?;
    let inputs = dataset.train.images.shape().pixels();
    if let Some(path) = &arguments.from {
        let checkpoint = data::checkpoint(path)?;
        let layers = checkpoint.layers;
        if arguments.layers.is_some() && checkpoint.settings.layers != settings.layers {
            return Err(Error::Shape {
                operation: "beginning from a checkpoint's weights",
                left: format!("layers {:?} of {}", checkpoint.settings.layers, path.display()),
                right: format!("--layers {:?}", settings.layers),
            });
        }
        let settings = forward_forward::model::Settings { layers: checkpoint.settings.layers, ..settings };
        return Ok(Checkpoint { settings, step: 0, data: None, layers });
    }
    let layers = Parameters::random(&settings, inputs);
    Ok(Checkpoint { settings, step: 0, data: None, layers })
}

fn train<E: Engine>(
    engine: &E,
    checkpoint: Checkpoint,
    dataset: &Dataset,
    source: &DataSource,
    arguments: &Train,
) -> Result<()> {
    let set = TrainingSet::new(engine, &dataset.train)?;
    let test = engine.dataset(&dataset.test.images)?;
    let mut trainer = Trainer::new(engine, checkpoint, set.labels.len())?;
    let settings = trainer.settings().clone();
    let identity = engine.identity();
    println!(
        "{} images of {}, {} test images; layers {:?}, ε = {}, T = {}, {:?} negatives, jitter {}, seed {}; {} engine, {}",
        dataset.train.len(),
        dataset.name,
        dataset.test.len(),
        settings.layers,
        settings.rate,
        settings.temperature,
        settings.negatives,
        settings.jitter,
        settings.seed,
        identity.kind,
        identity.name,
    );
    let mut curve = Curve::open(arguments.curve.as_deref(), settings.layers.len())?;
    let per_epoch = trainer.steps_per_epoch();
    let bar = ProgressBar::new(trainer.total_steps());
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} batches, {eta} left {msg}").expect("a valid template"),
    );
    bar.set_position(trainer.step_count());
    let mut learning = std::time::Duration::ZERO;
    let first_step = trainer.step_count();
    let last_step =
        arguments.stop_after.map_or(trainer.total_steps(), |epochs| (epochs * per_epoch).min(trainer.total_steps()));
    let mut layers: Vec<LayerReport> = vec![];
    while trainer.step_count() < last_step {
        let began = Instant::now();
        trainer.step(engine, &set)?;
        pollster::block_on(engine.pace())?;
        let step = trainer.step_count();
        let epoch_is_over = step % per_epoch == 0;
        if step % LOOK_EVERY == 0 || epoch_is_over {
            layers = pollster::block_on(trainer.report(engine))?;
            let apart: Vec<String> = layers.iter().map(|l| format!("{:.1} %", 100.0 * l.separated)).collect();
            bar.set_message(format!("told apart {}", apart.join(" ")));
            bar.set_position(step);
        }
        learning += began.elapsed();
        if !epoch_is_over && step < last_step {
            continue;
        }
        let epoch = step / per_epoch;
        let mut saved = pollster::block_on(trainer.checkpoint(engine))?;
        saved.data = Some(source.clone());
        data::write(&arguments.out, &saved.to_bytes())?;
        let last = step >= last_step;
        if epoch % arguments.evaluate_every == 0 || last {
            let tested = pollster::block_on(evaluate::measure(
                engine,
                trainer.network(),
                &test,
                &dataset.test.labels,
                |_, _| (),
            ))?;
            let line = format!(
                "epoch {epoch:3}: test error {:.2} % by goodness, {:.2} % by softmax",
                tested.goodness_error(),
                tested.softmax_error()
            );
            // Through the bar, `println` would say nothing where there is no terminal.
            bar.suspend(|| println!("{line}"));
            curve.write(epoch, step * settings.batch as u64, &tested, &layers)?;
        }
        if let Some(path) = arguments.weights.as_ref().filter(|_| last) {
            data::write(path, &saved.weights_to_bytes())?;
        }
    }
    bar.finish_and_clear();
    let images = ((trainer.step_count() - first_step) * settings.batch as u64) as f64;
    let rate = images / learning.as_secs_f64().max(1e-9);
    // 10·ΣDN operations a picture: three passes and two products of the update, two operations each.
    let operations = 10.0 * trainer.network().products() as f64;
    println!(
        "{images} images learned from in {:.1} s: {rate:.0} a second, {:.1} GFLOP/s; written to {}",
        learning.as_secs_f64(),
        rate * operations / 1e9,
        arguments.out.display()
    );
    Ok(())
}

/// The CSV of a run's test error and losses.
struct Curve(Option<csv::Writer<std::fs::File>>, String);

impl Curve {
    fn open(path: Option<&Path>, layers: usize) -> Result<Self> {
        let Some(path) = path else { return Ok(Self(None, String::new())) };
        let file = path.display().to_string();
        let problem = |e: csv::Error| Error::Io { file: file.clone(), problem: e.to_string() };
        let mut writer = csv::Writer::from_path(path).map_err(problem)?;
        let mut header: Vec<String> =
            ["epoch", "images_seen", "test_images", "goodness_error_percent", "softmax_error_percent"]
                .map(str::to_owned)
                .to_vec();
        for layer in 1..=layers {
            header.extend(
                ["loss", "positive_goodness", "negative_goodness", "separated"].map(|n| format!("{n}_{layer}")),
            );
        }
        writer.write_record(header).map_err(problem)?;
        Ok(Self(Some(writer), file))
    }

    fn write(
        &mut self,
        epoch: u64,
        images_seen: u64,
        tested: &forward_forward::training::Evaluation,
        layers: &[LayerReport],
    ) -> Result<()> {
        let Some(writer) = &mut self.0 else { return Ok(()) };
        let mut row = vec![
            epoch.to_string(),
            images_seen.to_string(),
            tested.images().to_string(),
            format!("{:.2}", tested.goodness_error()),
            format!("{:.2}", tested.softmax_error()),
        ];
        for l in layers {
            row.extend([l.loss, l.positive_goodness, l.negative_goodness, l.separated].map(|v| v.to_string()));
        }
        let problem = |e: String| Error::Io { file: self.1.clone(), problem: e };
        writer.write_record(row).map_err(|e| problem(e.to_string()))?;
        writer.flush().map_err(|e| problem(e.to_string()))
    }
}
