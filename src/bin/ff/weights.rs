//! `ff weights`: what a network has learned, in a small file.

use crate::arguments::Weights;
use crate::data;
use crate::output::say;
use forward_forward::model::{Checkpoint, Fineness};
use forward_forward::{Error, Result};
use std::path::Path;
use zopfli::{Format, Options};

/// Writes the weights as the command line says.
pub fn run(arguments: &Weights) -> Result<()> {
    let checkpoint = data::checkpoint(&arguments.checkpoint)?;
    let size = write(&arguments.out, &checkpoint, Fineness(arguments.fineness))?;
    say!("{size} bytes written to {}", arguments.out.display());
    Ok(())
}

/// Writes the weights of `checkpoint` alone and returns the file's size in bytes. Zopfli's gzip is a twentieth smaller here than
/// the usual one, and takes seconds.
pub fn write(path: &Path, checkpoint: &Checkpoint, fineness: Fineness) -> Result<usize> {
    let mut packed = vec![];
    let bytes = checkpoint.weights_to_bytes(fineness);
    zopfli::compress(Options::default(), Format::Gzip, &bytes[..], &mut packed)
        .map_err(|e| Error::Io { file: path.display().to_string(), problem: e.to_string() })?;
    data::write(path, &packed)?;
    Ok(packed.len())
}
