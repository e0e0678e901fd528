//! `ff reproduce`: the paper's experiments on MNIST, row by row, each with the published figure beside it.

use crate::arguments::{Arguments, Command, Engine, Reproduce};
use crate::{data, train};
use clap::Parser;
use forward_forward::model::Checkpoint;
use forward_forward::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

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

/// Every experiment, in the order of the table.
const ROWS: [Row; 12] = [
    Row {
        name: "supervised-default",
        title: "supervised 3×500, the page's settings",
        words: "",
        epochs: 10,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised-random",
        title: "supervised 3×500, random negatives",
        words: "--negatives random",
        epochs: 10,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised-contrast",
        title: "supervised 3×500, negatives by accumulated goodness",
        words: "--negatives goodness",
        epochs: 10,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised-random-30",
        title: "supervised 3×500, random negatives",
        words: "--negatives random",
        epochs: 30,
        evaluate_every: 1,
        published: "–",
    },
    Row {
        name: "supervised",
        title: "supervised 4×1000",
        words: "--layers 1000,1000,1000,1000",
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
        words: "--layers 2000,2000,2000,2000",
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

/// What came of one run: a line of the results' file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    row: String,
    seed: u32,
    scale: f64,
    epochs: u64,
    goodness_error: Option<f32>,
    softmax_error: Option<f32>,
    /// Learned from in the run's last session, and how long that took.
    images: u64,
    seconds: f64,
    engine: String,
    machine: String,
    commit: String,
}

/// Runs one row, or prints the table.
pub fn run(arguments: &Reproduce) -> Result<()> {
    let lines = read_lines(&arguments.results)?;
    if arguments.table {
        print!("{}", table(&lines));
        return Ok(());
    }
    let Some(row) = arguments.name.as_ref().and_then(|name| ROWS.iter().find(|row| row.name == name)) else {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        let asked = arguments.name.clone().unwrap_or_default();
        return Err(Error::setting("reproduce", asked, format!("choose one of {}", names.join(", "))));
    };
    if !(arguments.scale > 0.0 && arguments.scale <= 10.0) {
        return Err(Error::setting("scale", arguments.scale, "choose more than 0 and up to 10"));
    }
    std::fs::create_dir_all(&arguments.out).map_err(|e| io(&arguments.out, &e))?;
    for &seed in &arguments.seeds {
        let same = |line: &&Line| {
            line.row == row.name && line.seed == seed && line.scale.to_bits() == arguments.scale.to_bits()
        };
        if let Some(line) = lines.iter().find(same) {
            println!("{} with seed {seed} is done: {}", row.name, figures(line));
            continue;
        }
        let line = one(row, seed, arguments)?;
        append(&arguments.results, &line)?;
        println!("{} with seed {seed}: {}", row.name, figures(&line));
    }
    Ok(())
}

/// One run of a row, from its beginning or from where it was interrupted.
fn one(row: &Row, seed: u32, arguments: &Reproduce) -> Result<Line> {
    let epochs = ((row.epochs as f64 * arguments.scale).round() as u64).max(1);
    let file = |ending: &str| arguments.out.join(format!("{}-{}-{seed}{ending}", row.name, arguments.scale));
    let (out, curve) = (file(".safetensors"), file(".csv"));
    if row.name == "unsupervised-last-three" && !out.exists() {
        let learned = arguments.out.join(format!("unsupervised-{}-{seed}.safetensors", arguments.scale));
        data::write(&out, &other_head(&learned)?.to_bytes())?;
    }
    let engine = match arguments.engine {
        Engine::Auto => "auto",
        Engine::Cpu => "cpu",
        Engine::Gpu => "gpu",
    };
    let mut words: Vec<String> = "ff train --data mnist".split(' ').map(str::to_owned).collect();
    words.extend(row.words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
    let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    option("engine", engine.to_owned());
    option("epochs", epochs.to_string());
    option("evaluate-every", row.evaluate_every.to_string());
    option("seed", seed.to_string());
    option("out", out.display().to_string());
    option("curve", curve.display().to_string());
    if let Some(folder) = &arguments.mnist {
        option("mnist", folder.display().to_string());
    }
    if out.exists() {
        option("resume", out.display().to_string());
    }
    let Command::Train(train) = Arguments::parse_from(words).command else { unreachable!("it says train") };
    let outcome = train::run(&train)?;
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

/// What was written so far. A last line that was cut short while it was written is none, and its run is made again.
fn read_lines(path: &PathBuf) -> Result<Vec<Line>> {
    if !path.exists() {
        return Ok(vec![]);
    }
    let text = std::fs::read_to_string(path).map_err(|e| io(path, &e))?;
    let line = |(i, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|e| Error::data(path.display().to_string(), format!("line {} is not a result ({e})", i + 1)))
    };
    let (whole, _) = whole_lines(&text);
    whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}

/// The lines of a results' file, without a last one that nothing ends and that is no result; and whether all of them end.
fn whole_lines(text: &str) -> (&str, bool) {
    let (whole, last) = text.split_at(text.rfind('\n').map_or(0, |end| end + 1));
    let cut_short = serde_json::from_str::<Line>(last).is_err();
    if cut_short { (whole, true) } else { (text, false) }
}

/// Adds a line, and returns when it is on the disk.
fn append(path: &Path, line: &Line) -> Result<()> {
    let before = if path.exists() { std::fs::read_to_string(path).map_err(|e| io(path, &e))? } else { String::new() };
    let (whole, ends) = whole_lines(&before);
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(|e| io(path, &e))?;
    let text = serde_json::to_string(line).expect("plain values");
    let text = format!("{}{text}\n", if ends { "" } else { "\n" });
    file.set_len(whole.len() as u64)
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all())
        .map_err(|e| io(path, &e))
}

/// The processor's name, where the system tells it, and how many of its threads there are.
fn machine() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    format!("{threads} threads of {name}")
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

/// Everything as Markdown.
fn table(lines: &[Line]) -> String {
    let mut text = "# The paper's experiments on MNIST\n\n\
         Made by `ff reproduce --table` from the lines that `ff reproduce NAME` wrote. Test error on MNIST's 10,000 test\n\
         images, in percent; trained on its 60,000 training images.\n\n\
         | experiment | `ff reproduce` | epochs | seeds | goodness: mean (each) | softmax: mean (each) | published | images/s |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in &ROWS {
        // A shortened run is another experiment.
        let mut by_epochs: BTreeMap<u64, Vec<&Line>> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.row == row.name) {
            by_epochs.entry(line.epochs).or_default().push(line);
        }
        for (epochs, lines) in by_epochs {
            let seeds: Vec<String> = lines.iter().map(|line| line.seed.to_string()).collect();
            let figure = |of: fn(&Line) -> Option<f32>| {
                let errors: Vec<f32> = lines.iter().filter_map(|line| of(line)).collect();
                if errors.is_empty() {
                    return "–".to_owned();
                }
                let mean = errors.iter().sum::<f32>() / errors.len() as f32;
                let each: Vec<String> = errors.iter().map(|error| format!("{error:.2}")).collect();
                format!("**{mean:.2}** ({})", each.join(", "))
            };
            let (images, seconds) =
                lines.iter().fold((0, 0.0), |(images, seconds), line| (images + line.images, seconds + line.seconds));
            writeln!(
                text,
                "| {} | `{}` | {epochs} | {} | {} | {} | {} | {:.0} |",
                row.title,
                row.name,
                seeds.join(", "),
                figure(|line| line.goodness_error),
                figure(|line| line.softmax_error),
                row.published,
                images as f64 / f64::max(seconds, 1e-9),
            )
            .expect("a string has room");
        }
    }
    let mut made: Vec<String> = lines
        .iter()
        .map(|line| format!("- `{}` on {}, {} engine, commit {}", line.row, line.machine, line.engine, line.commit))
        .collect();
    made.sort();
    made.dedup();
    text + "\n## Where they ran\n\n" + &made.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(row: &str, seed: u32, goodness: f32) -> Line {
        Line {
            row: row.to_owned(),
            seed,
            scale: 1.0,
            epochs: 10,
            goodness_error: Some(goodness),
            softmax_error: None,
            images: 1000,
            seconds: 2.0,
            engine: "cpu".to_owned(),
            machine: "a machine".to_owned(),
            commit: "abc".to_owned(),
        }
    }

    #[test]
    fn the_table_has_means_and_each_seed() {
        let text = table(&[line("recurrent", 1, 1.5), line("recurrent", 2, 2.5)]);
        assert!(text.contains("| `recurrent` | 10 | 1, 2 | **2.00** (1.50, 2.50) | – |"), "{text}");
        assert!(text.contains("| 500 |"), "{text}");
        assert!(!text.contains("`backprop`"));
    }

    #[test]
    fn every_row_is_a_run_that_ff_can_make() {
        for row in &ROWS {
            let words = format!("ff train --data mnist {}", row.words);
            let Command::Train(train) = Arguments::parse_from(words.split_whitespace()).command else { panic!() };
            assert!(train.settings().is_ok(), "{}", row.name);
        }
    }

    #[test]
    fn a_damaged_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        append(&path, &line("jitter", 1, 1.0)).unwrap();
        assert_eq!(read_lines(&path).unwrap().len(), 1);
        std::fs::write(&path, "not JSON\n").unwrap();
        assert!(read_lines(&path).unwrap_err().to_string().contains("line 1 is not a result"));
    }

    #[test]
    fn a_line_cut_short_is_written_again_and_those_before_it_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        append(&path, &line("jitter", 1, 1.0)).unwrap();
        let first = std::fs::metadata(&path).unwrap().len() as usize;
        append(&path, &line("jitter", 2, 1.0)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in first..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            // All that the last line lacks is its end.
            let all = length + 1 == whole.len();
            assert_eq!(read_lines(&path).unwrap().len(), if all { 2 } else { 1 }, "cut at {length}");
            append(&path, &line("jitter", if all { 3 } else { 2 }, 1.0)).unwrap();
            let seeds: Vec<u32> = read_lines(&path).unwrap().iter().map(|line| line.seed).collect();
            assert_eq!(seeds, if all { vec![1, 2, 3] } else { vec![1, 2] }, "cut at {length}");
        }
    }
}
