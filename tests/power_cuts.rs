//! `ff` is killed at random moments, many times, and goes on each time as if nothing had happened.
#![cfg(all(unix, feature = "cli"))]

use forward_forward::model::Checkpoint;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const EPOCHS: usize = 400;
const KILLS: usize = 60;

/// A run that does little else than write: an epoch of two batches, then the curve's row and the checkpoint.
fn ff(folder: &Path, resume: bool) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ff"));
    let words =
        "train --engine cpu --train 40 --test 10 --batch 20 --layers 40,30 --out run --curve curve.csv --epochs";
    command.args(words.split(' ')).arg(EPOCHS.to_string()).current_dir(folder);
    if resume {
        command.args(["--resume", "run"]);
    }
    command.env("RAYON_NUM_THREADS", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Runs to the end; how long that took.
fn finish(folder: &Path, resume: bool) -> Duration {
    let began = Instant::now();
    let done = ff(folder, resume).output().expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    began.elapsed()
}

/// The checkpoint a kill left, if it came after the first.
fn left(folder: &Path) -> Option<Checkpoint> {
    let bytes = std::fs::read(folder.join("run")).ok()?;
    Some(Checkpoint::from_bytes("run", &bytes).unwrap_or_else(|error| panic!("a kill left half a file: {error}")))
}

#[test]
fn a_run_killed_at_any_moment_goes_on_and_ends_where_it_would_have() {
    let [whole, killed] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [whole, killed] = [whole.path(), killed.path()];
    let took = finish(whole, false);

    let mut random = ChaCha8Rng::seed_from_u64(14);
    let mut step = 0;
    for kill in 0..KILLS {
        let mut run = ff(killed, step > 0).spawn().expect("it starts");
        // Some are killed before they have read their checkpoint, most between two bytes of one of some dozen epochs.
        std::thread::sleep(took.mul_f64(random.random_range(0.0..2.0) / KILLS as f64));
        run.kill().expect("it is ours");
        let ended = run.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(said.is_empty(), "kill {kill}: {said}");
        let checkpoint = left(killed);
        let now = checkpoint.map_or(0, |checkpoint| checkpoint.step);
        assert!(now >= step, "kill {kill} cost what was safe: {now} after {step}");
        step = now;
    }
    assert!(step > 0, "no kill came after the first checkpoint");
    finish(killed, step > 0);
    // The order of names in a checkpoint's header is of no meaning.
    assert!(left(whole) == left(killed), "the network is not what it would have been");
    let curve = |folder: &Path| std::fs::read_to_string(folder.join("curve.csv")).unwrap();
    assert_eq!(curve(whole), curve(killed));
    assert_eq!(curve(killed).lines().count(), EPOCHS + 1);
}
