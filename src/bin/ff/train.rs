//! `ff train`.

use crate::arguments::{self, Train};
use crate::curve::Curve;
use crate::output::{say, say_error};
use crate::profile::Profile;
use crate::{data, evaluate, weights};
use forward_forward::clock::now as clock;
use forward_forward::dataset::Dataset;
use forward_forward::dataset::source::DataSource;
use forward_forward::engine::choice::{Found, Search, Wish};
use forward_forward::engine::gpu::{KEEP_EVERY, Losses};
use forward_forward::engine::{Engine, cpu::Cpu};
use forward_forward::model::{Checkpoint, Ends, Fineness, Parameters, Settings};
use forward_forward::training::{Evaluation, LayerReport, Trainer, TrainingSet};
use forward_forward::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;
use std::time::{Duration, Instant};

/// Batches between two looks at goodness, for the bar and to notice a run that left the finite numbers.
const LOOK_EVERY: u64 = 25;

/// What came of a run.
pub struct Outcome {
    /// The newest measurement on the test split.
    pub tested: Evaluation,
    /// Images learned from.
    pub images: u64,
    /// How long that took, without testing and writing.
    pub seconds: f64,
    /// Which engine it ended on.
    pub engine: String,
    /// Why the curve is not complete, if it is not.
    trouble: Option<Error>,
}

impl Outcome {
    /// The outcome, if all files are what they should be.
    ///
    /// # Errors
    /// What befell the curve.
    pub fn complete(self) -> Result<Self> {
        match self.trouble {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}

/// Trains as the command line says.
pub fn run(arguments: &Train) -> Result<Outcome> {
    // Before anything is learned that could not be saved.
    for path in [Some(&arguments.out), arguments.weights.as_ref(), arguments.curve.as_ref()].into_iter().flatten() {
        data::writable(path)?;
    }
    let dataset = data::load(&arguments.data)?;
    let checkpoint = start(arguments, &dataset)?;
    let wish = match arguments.engine {
        arguments::Engine::Auto => Wish::Auto,
        arguments::Engine::Cpu => Wish::Cpu,
        arguments::Engine::Gpu => Wish::Gpu,
        arguments::Engine::GpuF16 => Wish::GpuHalf,
    };
    let found = block_on(Search::new(wish).finish())?;
    if wish == Wish::Auto {
        say!("{}", found.reason);
    }
    let done = arguments.resume.as_ref().map(|_| checkpoint.epochs_done(dataset.train.len()));
    let curve = Curve::open(arguments.curve.as_deref(), checkpoint.settings.layers.len(), done)?;
    let mut run = Run::new(arguments, dataset, checkpoint, curve);
    run.finish(found)?;
    let Run { images, learning, engine, tested, trouble, .. } = run;
    Ok(Outcome { tested, images, seconds: learning.as_secs_f64(), engine, trouble })
}

/// Where the run begins: random weights, a checkpoint's weights, or where a checkpoint stopped.
fn start(arguments: &Train, dataset: &Dataset) -> Result<Checkpoint> {
    let source = &dataset.source;
    if let Some(path) = &arguments.resume {
        let checkpoint = data::checkpoint(path)?;
        checkpoint.reads(source.shape(), source.classes())?;
        if let Some(then) = checkpoint.data.as_ref().filter(|then| !then.is_same(source)) {
            let said = |s: &DataSource| format!("{} ({} training images, seed {})", s.name(), s.train, s.seed);
            return Err(Error::checkpoint(
                path.display().to_string(),
                format!("learned from {}, and --data gives {}; give the same data to go on", said(then), said(source)),
            ));
        }
        return Ok(checkpoint);
    }
    let settings = arguments.settings()?;
    let ends = Ends::new(&settings, source.shape(), source.classes());
    if let Some(path) = &arguments.from {
        let checkpoint = data::checkpoint(path)?;
        checkpoint.reads(source.shape(), source.classes())?;
        let layers = checkpoint.layers;
        if arguments.given.has("layers") && checkpoint.settings.layers != settings.layers {
            return Err(Error::Shape {
                operation: "beginning from a checkpoint's weights",
                left: format!("layers {:?} of {}", checkpoint.settings.layers, path.display()),
                right: format!("--layers {:?}", settings.layers),
            });
        }
        let settings = Settings { layers: checkpoint.settings.layers, ..settings };
        return Ok(Checkpoint::beginning(settings, layers));
    }
    Parameters::fit(&settings, ends)?;
    let layers = Parameters::random(&settings, ends);
    Ok(Checkpoint::beginning(settings, layers))
}

/// A run: what it learns from, how far it is, and what it took. Engines come and go.
struct Run<'a> {
    arguments: &'a Train,
    dataset: Dataset,
    /// Where it goes on from.
    checkpoint: Checkpoint,
    curve: Curve,
    profile: Profile,
    /// Learned from so far.
    images: u64,
    learning: Duration,
    engine: String,
    tested: Evaluation,
    /// Why the curve ends early.
    trouble: Option<Error>,
}

impl<'a> Run<'a> {
    fn new(arguments: &'a Train, dataset: Dataset, checkpoint: Checkpoint, curve: Curve) -> Self {
        let tested = Evaluation::empty(dataset.source.classes());
        let (images, learning, engine) = (0, Duration::ZERO, String::new());
        let profile = Profile::new(arguments.profile);
        Self { arguments, dataset, checkpoint, curve, profile, images, learning, engine, tested, trouble: None }
    }

    /// Learns to the end on the engine that was found and, if that is lost on the way, on what comes after it.
    fn finish(&mut self, found: Found) -> Result<()> {
        let (wish, mut gpu) = (found.wish, found.gpu);
        let mut losses = Losses::default();
        while let Some(engine) = gpu {
            match self.learn(&*engine, true) {
                // Who asks for a GPU that cannot do it from the beginning may want to ask for something else.
                Err(error) if wish != Wish::Auto && self.images == 0 && engine.loss().is_none() => return Err(error),
                Err(error @ Error::Gpu { .. }) => {
                    let next = block_on(losses.next(&engine, error, wish, clock()));
                    gpu = next.gpu;
                    let place = if gpu.is_some() { "a fresh device" } else { "the CPU engine" };
                    say_error!("{}. It goes on from batch {} on {place}", next.problem, self.checkpoint.step);
                }
                done => return done,
            }
        }
        self.learn(&Cpu, false)
    }

    /// Learns to the end on `engine`; if it `may_be_lost`, with a checkpoint never much older than a second.
    fn learn(&mut self, engine: &dyn Engine, may_be_lost: bool) -> Result<()> {
        let arguments = self.arguments;
        let set = TrainingSet::new(engine, &self.dataset.train)?;
        let test = engine.dataset(&self.dataset.test.images)?;
        let mut trainer = Trainer::new(engine, self.checkpoint.clone(), set.labels.len())?;
        let settings = trainer.settings().clone();
        self.introduce(engine, &settings);
        if let Some(line) = self.profile.begin(engine, trainer.step_count())? {
            say!("{line}");
        }
        engine.identity().kind.clone_into(&mut self.engine);
        let per_epoch = trainer.steps_per_epoch();
        let bar = ProgressBar::new(trainer.total_steps());
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} batches, {eta} left {msg}").expect("a valid template"),
        );
        bar.set_position(trainer.step_count());
        let last_step = arguments
            .stop_after
            .map_or(trainer.total_steps(), |epochs| (epochs * per_epoch).min(trainer.total_steps()));
        let mut layers: Vec<LayerReport> = vec![];
        let mut kept_at = clock();
        while trainer.step_count() < last_step {
            let began = Instant::now();
            trainer.step(engine, &set)?;
            block_on(engine.pace())?;
            let step = trainer.step_count();
            let epoch_is_over = step % per_epoch == 0;
            if let Some(lines) = self.profile.told(engine, step, epoch_is_over || step >= last_step)? {
                bar.suspend(|| say!("{lines}"));
            }
            if step % LOOK_EVERY == 0 || epoch_is_over {
                let news = if epoch_is_over {
                    block_on(trainer.report(engine))?
                } else {
                    block_on(trainer.report_soon(engine))?
                };
                if !news.is_empty() {
                    layers = news;
                }
                let apart: Vec<String> = layers.iter().map(|l| format!("{:.1} %", 100.0 * l.separated)).collect();
                bar.set_message(format!("told apart {}", apart.join(" ")));
                bar.set_position(step);
            }
            let goes_on = !epoch_is_over && step < last_step;
            // It waits for the steps under way, whose time is learning's.
            if goes_on && may_be_lost && clock() - kept_at >= KEEP_EVERY {
                self.checkpoint = block_on(trainer.checkpoint(engine))?;
                kept_at = clock();
            }
            self.learning += began.elapsed();
            self.images += settings.batch as u64;
            if goes_on {
                continue;
            }
            let epoch = step / per_epoch;
            let mut saved = block_on(trainer.checkpoint(engine))?;
            saved.data = Some(self.dataset.source.clone());
            let last = step >= last_step;
            if epoch % arguments.evaluate_every == 0 || last {
                let labels = &self.dataset.test.labels;
                trainer.settle(engine);
                let tested = block_on(evaluate::measure(engine, trainer.network(), &test, labels, |_, _| ()))?;
                let line = format!("epoch {epoch:3}: test error {}", evaluate::said(&tested));
                // Through the bar, its own `println` would say nothing where there is no terminal.
                bar.suspend(|| say!("{line}"));
                let images = step * settings.batch as u64;
                self.note(&bar, |curve| curve.write(epoch, images, &tested, &layers));
                self.tested = tested;
            }
            // After the curve's row: whoever goes on from here finds it there, and a row too many is cut off then.
            self.save(&bar, &saved, last)?;
            if let Some(path) = arguments.weights.as_ref().filter(|_| last) {
                weights::write(path, &saved, Fineness::default())?;
            }
            // Only now: what is lost while an epoch is tested, is tested again.
            self.checkpoint = saved;
            kept_at = clock();
        }
        bar.finish_and_clear();
        if self.images == 0 {
            trainer.settle(engine);
            let labels = &self.dataset.test.labels;
            self.tested = block_on(evaluate::measure(engine, trainer.network(), &test, labels, |_, _| ()))?;
            say!("test error {}", evaluate::said(&self.tested));
            say!("nothing was left to learn, and nothing was written: this run is over after batch {last_step}");
            return Ok(());
        }
        let rate = self.images as f64 / self.learning.as_secs_f64().max(1e-9);
        // 10·ΣDN operations a picture: three passes and two products of the update, two operations each.
        let operations = 10.0 * trainer.network().products() as f64;
        say!(
            "{} images learned from in {:.1} s: {rate:.0} a second, {:.1} GFLOP/s; written to {}",
            self.images,
            self.learning.as_secs_f64(),
            rate * operations / 1e9,
            arguments.out.display()
        );
        Ok(())
    }

    /// Adds a row to the curve. When that fails, the run goes on without it.
    fn note(&mut self, bar: &ProgressBar, write: impl FnOnce(&mut Curve) -> Result<()>) {
        if self.trouble.is_none() {
            self.trouble = write(&mut self.curve).err();
            if let Some(error) = &self.trouble {
                bar.suspend(|| say_error!("ff: {error}. The run goes on without its curve"));
            }
        }
    }

    /// Writes the checkpoint. When that fails, only the last one is missed.
    fn save(&self, bar: &ProgressBar, saved: &Checkpoint, last: bool) -> Result<()> {
        match data::write(&self.arguments.out, &saved.to_bytes()) {
            Err(error) if !last => {
                bar.suspend(|| say_error!("ff: {error}. The run goes on, and tries again after the next epoch"));
                Ok(())
            }
            done => done,
        }
    }

    /// Says what is about to learn from what.
    fn introduce(&self, engine: &dyn Engine, settings: &Settings) {
        let identity = engine.identity();
        say!(
            "{} images of {}, {} test images; layers {:?}, ε = {}, T = {}, {:?} negatives, jitter {}, seed {}; {} \
             engine, {}",
            self.dataset.train.len(),
            self.dataset.source.name(),
            self.dataset.test.len(),
            settings.layers,
            settings.rate,
            settings.temperature,
            settings.negatives,
            settings.jitter,
            settings.seed,
            identity.kind,
            identity.name,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Arguments, Command};
    use clap::Parser;
    use forward_forward::engine::gpu::{Gpu, Preference};
    use std::path::Path;
    use std::rc::Rc;

    /// `ff` with these words and a folder of its own.
    fn ff(folder: &Path, words: &str) -> Result<Outcome> {
        let words = words.replace("IN", &folder.display().to_string());
        let Command::Train(arguments) = Arguments::parse_from(words.split(' ')).command else {
            panic!("it says train")
        };
        run(&arguments)
    }

    fn epochs(curve: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(curve).unwrap();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_resumed_run_extends_its_curve_and_a_finished_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let small = "--engine cpu --profile --train 60 --test 20 --batch 20 --layers 12,10";
        ff(folder, &format!("ff train {small} --epochs 4 --stop-after 2 --out IN/a --curve IN/c.csv")).unwrap();
        let curve = folder.join("c.csv");
        assert_eq!(epochs(&curve), ["1", "2"]);
        // A row past the checkpoint, as a run leaves that was killed between the two files.
        let text = std::fs::read_to_string(&curve).unwrap();
        let newest = text.lines().last().unwrap().replacen('2', "3", 1);
        std::fs::write(&curve, format!("{text}{newest}\n")).unwrap();
        ff(folder, &format!("ff train {small} --resume IN/a --out IN/a --curve IN/c.csv")).unwrap();
        assert_eq!(epochs(&curve), ["1", "2", "3", "4"]);
        // Nothing is left to learn: nothing is written, to no file.
        ff(folder, &format!("ff train {small} --resume IN/a --out IN/b --curve IN/c.csv")).unwrap();
        assert!(!folder.join("b").exists());
        assert_eq!(epochs(&curve), ["1", "2", "3", "4"]);
        // The baseline's layers have no goodness to write down.
        ff(folder, &format!("ff train {small} --recipe backprop --epochs 2 --out IN/e --curve IN/e.csv")).unwrap();
        assert_eq!(epochs(&folder.join("e.csv")), ["1", "2"]);
        let other = "--engine cpu --train 60 --test 20 --batch 20 --layers 12,10,10";
        ff(folder, &format!("ff train {other} --epochs 2 --stop-after 1 --out IN/d")).unwrap();
        let error = ff(folder, &format!("ff train {other} --resume IN/d --out IN/d --curve IN/c.csv"))
            .err()
            .expect("another network");
        assert!(error.to_string().contains("the curve of another network"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_curve_that_fails_on_the_way_costs_no_run() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("run");
        let words = "ff train --engine cpu --layers 12,10 --batch 20 --train 60 --test 20 --epochs 3 --out";
        let words = words.split(' ').map(str::to_owned).chain([out.display().to_string()]);
        let Command::Train(arguments) = Arguments::parse_from(words).command else { panic!("it says train") };
        let dataset = data::load(&arguments.data).unwrap();
        let checkpoint = start(&arguments, &dataset).unwrap();
        let mut run = Run::new(&arguments, dataset, checkpoint, Curve::on_a_full_disk());
        run.finish(Found { wish: Wish::Cpu, gpu: None, reason: String::new() }).unwrap();
        assert_eq!(data::checkpoint(&out).unwrap().step, 9);
        assert!(run.trouble.unwrap().to_string().starts_with("/dev/full: No space left on device"));
    }

    #[test]
    fn a_run_outlives_its_gpu() {
        let folder = std::env::temp_dir().join(format!("ff-outlives-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let out = folder.join("run.safetensors");
        let words = "ff train --engine gpu --layers 30,20 --batch 20 --train 60 --test 20 --epochs 3 --out";
        let words = words.split(' ').map(str::to_owned).chain([out.display().to_string()]);
        let Command::Train(arguments) = Arguments::parse_from(words).command else { panic!("it says train") };
        let dataset = data::load(&arguments.data).unwrap();
        let checkpoint = start(&arguments, &dataset).unwrap();
        let gpu = match block_on(Gpu::open(Preference::Any)) {
            Ok(gpu) => gpu,
            Err(error) if std::env::var("FF_WITHOUT_GPU").is_ok_and(|v| v == "1") => {
                say_error!("LEFT OUT, as FF_WITHOUT_GPU=1 asks: {error}");
                return;
            }
            Err(error) => panic!("{error}"),
        };
        gpu.lose();
        let curve = Curve::open(None, 2, None).unwrap();
        let mut run = Run::new(&arguments, dataset, checkpoint, curve);
        run.finish(Found { wish: Wish::Gpu, gpu: Some(Rc::new(gpu)), reason: String::new() }).unwrap();
        assert_eq!(data::checkpoint(&out).unwrap().step, 9);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
