//! `ff reproduce`: the paper's experiments on MNIST and CIFAR-10, row by row, each with the published figure beside it.

mod cifar;
mod document;
mod negatives;
mod results;

use crate::arguments::{Arguments, Command, Engine, Reproduce};
use crate::output::{self, say};
use crate::{data, train};
use clap::Parser;
use forward_forward::engine::Engine as _;
use forward_forward::engine::cpu::Cpu;
use forward_forward::model::Checkpoint;
use forward_forward::{Error, Result};
use results::{Line, append, curve_points, read_lines};
use std::io::Write;
use std::path::Path;

/// One experiment.
struct Row {
    name: &'static str,
    title: &'static str,
    /// Its settings, as words of `ff train`.
    words: &'static str,
    epochs: u64,
    evaluate_every: u64,
    published: &'static str,
}

impl Row {
    /// The data set it learns from.
    fn data(&self) -> &'static str {
        if self.name.starts_with("cifar-") { "cifar10" } else { "mnist" }
    }
}

/// Every experiment, in the order of the table.
fn rows() -> impl Iterator<Item = &'static Row> {
    MNIST.iter().chain(&cifar::ROWS)
}

const MNIST: [Row; 14] = [
    Row {
        name: "supervised-default",
        title: "supervised 3×500, the page's settings (jitter ±1)",
        words: "",
        epochs: 10,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised-hard",
        title: "supervised 3×500, hard negatives from the head",
        words: "--jitter 0",
        epochs: 10,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised-random",
        title: "supervised 3×500, random negatives",
        words: "--jitter 0 --negatives random",
        epochs: 10,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised-contrast",
        title: "supervised 3×500, negatives by accumulated goodness",
        words: "--jitter 0 --negatives goodness",
        epochs: 10,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised-random-30",
        title: "supervised 3×500, random negatives",
        words: "--jitter 0 --negatives random",
        epochs: 30,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised",
        title: "supervised 4×1000",
        words: "--jitter 0 --layers 1000,1000,1000,1000",
        epochs: 30,
        evaluate_every: 5,
        published: "4×2000, 60 epochs: 1.36 %",
    },
    Row {
        name: "supervised-3x1000",
        title: "supervised 3×1000, Hinton's settings",
        words: "--preset hinton --layers 1000,1000,1000",
        epochs: 100,
        evaluate_every: 10,
        published: "3×1000, 100 epochs: 1.44–1.47 %",
    },
    Row {
        name: "supervised-full",
        title: "supervised 4×2000",
        words: "--jitter 0 --layers 2000,2000,2000,2000",
        epochs: 60,
        evaluate_every: 20,
        published: "4×2000, 60 epochs: 1.36 %",
    },
    Row {
        name: "supervised-full-t80",
        title: "supervised 4×2000, T = 80: as much a unit as the page's 3×500 has",
        words: "--jitter 0 --layers 2000,2000,2000,2000 --temperature 80",
        epochs: 60,
        evaluate_every: 20,
        published: "4×2000, 60 epochs: 1.36 %",
    },
    Row {
        name: "jitter",
        title: "supervised 3×500, jitter ±2",
        words: "--jitter 2",
        epochs: 30,
        evaluate_every: 5,
        published: "4×2000, 500 epochs: 0.64 %",
    },
    Row {
        name: "unsupervised",
        title: "unsupervised 4×1000, softmax on all layers",
        words: "--recipe unsupervised --layers 1000,1000,1000,1000 --head-epochs 10 --head-rate 0.1",
        epochs: 20,
        evaluate_every: 5,
        published: "4×2000, 100 epochs: 1.37 %",
    },
    Row {
        name: "unsupervised-last-three",
        title: "… softmax on the last three layers of the same nets",
        words: "",
        epochs: 20,
        evaluate_every: 5,
        published: "4×2000, 100 epochs: 1.37 %",
    },
    Row {
        name: "recurrent",
        title: "recurrent 2×500, goodness of steps 3–5",
        words: "--recipe recurrent",
        epochs: 10,
        evaluate_every: 1,
        published: "2–3×2000, 60 epochs: 1.31 %",
    },
    Row {
        name: "backprop",
        title: "backprop 3×500",
        words: "--recipe backprop",
        epochs: 20,
        evaluate_every: 1,
        published: "about 1.4 %",
    },
];

/// Runs one row, or prints the table.
pub fn run(arguments: &Reproduce) -> Result<()> {
    let lines = read_lines(&arguments.results)?;
    if arguments.table {
        output::write(|out| write!(out, "{}", document::markdown(&lines)));
        return Ok(());
    }
    if let Some(file) = &arguments.chart {
        return data::write(file, negatives::svg(&lines)?.as_bytes());
    }
    let Some(row) = arguments.name.as_ref().and_then(|name| rows().find(|row| row.name == name)) else {
        let names: Vec<&str> = rows().map(|row| row.name).collect();
        let asked = arguments.name.clone().unwrap_or_default();
        return Err(Error::setting("reproduce", asked, format!("choose one of {}", names.join(", "))));
    };
    if !(arguments.scale > 0.0 && arguments.scale <= 10.0) {
        return Err(Error::setting("scale", arguments.scale, "choose more than 0 and up to 10"));
    }
    std::fs::create_dir_all(&arguments.out).map_err(|e| io(&arguments.out, &e))?;
    data::writable(&arguments.results)?;
    for &seed in &arguments.seeds {
        let same = |line: &&Line| {
            line.row == row.name
                && line.seed == seed
                && line.scale.to_bits() == arguments.scale.to_bits()
                && line.note == arguments.note
        };
        if let Some(line) = lines.iter().find(same) {
            say!("{} with seed {seed} is done: {}", row.name, figures(line));
            continue;
        }
        let line = one(row, seed, arguments)?;
        say!("{} with seed {seed}: {}", row.name, figures(&line));
        append(&arguments.results, &line)?;
    }
    Ok(())
}

/// One run of a row, from its beginning or from where it was interrupted.
fn one(row: &Row, seed: u32, arguments: &Reproduce) -> Result<Line> {
    let epochs = ((row.epochs as f64 * arguments.scale).round() as u64).max(1);
    // Other data are another run, and must not go on with this one's checkpoint.
    let letter = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let note =
        arguments.note.as_ref().map_or_else(String::new, |note| format!("-{note}").chars().map(letter).collect());
    let file = |ending: &str| arguments.out.join(format!("{}-{}-{seed}{note}{ending}", row.name, arguments.scale));
    let (out, curve) = (file(".safetensors"), file(".csv"));
    if row.name == "unsupervised-last-three" && !out.exists() {
        let learned = arguments.out.join(format!("unsupervised-{}-{seed}.safetensors", arguments.scale));
        data::write(&out, &other_head(&learned)?.to_bytes())?;
    }
    let engine = match arguments.engine {
        Engine::Auto => "auto",
        Engine::Cpu => "cpu",
        Engine::Gpu => "gpu",
        Engine::GpuF16 => "gpu-f16",
    };
    let mut words: Vec<String> = ["ff", "train", "--data", row.data()].map(str::to_owned).into();
    words.extend(row.words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
    let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    option("engine", engine.to_owned());
    option("epochs", epochs.to_string());
    option("evaluate-every", row.evaluate_every.to_string());
    option("seed", seed.to_string());
    option("out", out.display().to_string());
    option("curve", curve.display().to_string());
    for (name, path) in [("mnist", &arguments.mnist), ("cifar", &arguments.cifar)] {
        if let Some(path) = path {
            option(name, path.display().to_string());
        }
    }
    if out.exists() {
        option("resume", out.display().to_string());
    }
    let Command::Train(train) = Arguments::parse_from(words).command else { unreachable!("it says train") };
    // A curve that could not be written costs no run, but without its points there is no result.
    let outcome = train::run(&train)?.complete()?;
    Ok(Line {
        row: row.name.to_owned(),
        seed,
        scale: arguments.scale,
        epochs,
        goodness_error: outcome.tested.goodness_error(),
        softmax_error: outcome.tested.softmax_error(),
        images: outcome.images,
        seconds: outcome.seconds,
        engine: outcome.engine,
        machine: machine(),
        commit: commit(),
        note: arguments.note.clone(),
        curve: curve_points(&curve)?,
    })
}

/// The layers of a finished unsupervised run with a fresh head, which reads all but the first of four.
fn other_head(learned: &Path) -> Result<Checkpoint> {
    if !learned.exists() {
        let problem = "is not there; reproduce `unsupervised` with the same seed and scale first";
        return Err(Error::data(learned.display().to_string(), problem));
    }
    let mut checkpoint = data::checkpoint(learned)?;
    let pictures = checkpoint.data.as_ref().map_or(0, |data| data.train);
    checkpoint.settings.reads_from = 2;
    checkpoint.step = checkpoint.settings.epochs as u64 * (pictures / checkpoint.settings.batch) as u64;
    let first = checkpoint.settings.first_voter();
    for (i, layer) in checkpoint.layers.iter_mut().enumerate() {
        let values = if i < first { 0 } else { layer.head_weight.len() };
        layer.head_weight = vec![0.0; values];
        layer.head_velocity = vec![0.0; values];
    }
    Ok(checkpoint)
}

fn figures(line: &Line) -> String {
    let figure = |error: Option<f32>, how| error.map(|error| format!("{error:.2} % by {how}"));
    let figures = [figure(line.goodness_error, "goodness"), figure(line.softmax_error, "softmax")];
    figures.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn io(path: &Path, error: &std::io::Error) -> Error {
    Error::Io { file: path.display().to_string(), problem: error.to_string() }
}

/// The processor's name, where the system tells it, and how many of its threads there are.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    format!("{} of {name}", Cpu.identity().name)
}

/// The commit this was built from, as far as the folder it runs in knows.
fn commit() -> String {
    let git = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    git.ok()
        .filter(|done| done.status.success())
        .map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned())
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use forward_forward::dataset::Shape;

    #[test]
    fn every_row_is_a_run_that_ff_can_make() {
        for row in rows() {
            let words = format!("ff train --data {} {}", row.data(), row.words);
            let Command::Train(train) = Arguments::parse_from(words.split_whitespace()).command else { panic!() };
            let settings = train.settings().unwrap_or_else(|error| panic!("{}: {error}", row.name));
            let shape = if row.data() == "mnist" { Shape::MNIST } else { Shape::CIFAR };
            assert!(settings.wirings(shape.pixels()).is_ok(), "{}", row.name);
            assert_eq!(settings.window > 0, row.data() == "cifar10", "{}", row.name);
        }
    }
}
