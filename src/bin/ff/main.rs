//! `ff`: the same core natively. Trains, evaluates and classifies on all cores.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod classify;
mod curve;
mod data;
mod evaluate;
mod output;
mod picture;
mod profile;
mod reproduce;
mod train;
mod weights;

use arguments::{Arguments, Command};
use clap::Parser;
use forward_forward::Result;
use output::say_error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    // The one thread that shares out work would otherwise fall asleep and be woken up again for every product.
    rayon::ThreadPoolBuilder::new().use_current_thread().build_global().ok();
    let status = match Arguments::try_parse() {
        Ok(arguments) => match run(&arguments.command) {
            Ok(()) => 0,
            Err(error) => {
                say_error!("ff: {error}");
                1
            }
        },
        // Help, the version, or what is wrong with the words.
        Err(message) => {
            let text = message.render();
            if message.use_stderr() {
                message.print().ok();
            } else if std::io::stdout().is_terminal() {
                output::write(|out| write!(out, "{}", text.ansi()));
            } else {
                output::write(|out| write!(out, "{text}"));
            }
            message.exit_code()
        }
    };
    let Some(trouble) = output::trouble() else { return ExitCode::from(status as u8) };
    say_error!("ff: {trouble}");
    ExitCode::FAILURE
}

fn run(command: &Command) -> Result<()> {
    match command {
        Command::Train(arguments) => train::run(arguments)?.complete().map(drop),
        Command::Reproduce(arguments) => reproduce::run(arguments),
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Classify(arguments) => classify::run(arguments),
        Command::Weights(arguments) => weights::run(arguments),
    }
}
