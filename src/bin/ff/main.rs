//! `ff`: the same core natively. Trains, evaluates and classifies on all cores.

mod arguments;
mod classify;
mod curve;
mod data;
mod evaluate;
mod profile;
mod reproduce;
mod train;
mod weights;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The one thread that shares out work would otherwise fall asleep and be woken up again for every product.
    rayon::ThreadPoolBuilder::new().use_current_thread().build_global().ok();
    let done = match Arguments::parse().command {
        Command::Train(arguments) => train::run(&arguments).map(drop),
        Command::Reproduce(arguments) => reproduce::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Classify(arguments) => classify::run(&arguments),
        Command::Weights(arguments) => weights::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ff: {error}");
            ExitCode::FAILURE
        }
    }
}
