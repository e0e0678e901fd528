//! Files that a person gave.

use super::Result;
use crate::dataset::Dataset;
use crate::dataset::files::{Given, Reader};
use wasm_bindgen::prelude::*;

/// Reads files one after another, each in pieces: which data set they are, or a sentence that says why they are none.
#[wasm_bindgen]
#[derive(Default)]
pub struct FilesReader(Reader);

#[wasm_bindgen]
impl FilesReader {
    /// No files yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the file of this path and size; whether its content is wanted.
    pub fn begin(&mut self, path: &str, size: f64) -> bool {
        self.0.begin(path, size as u64)
    }

    /// Takes the next piece of it; whether more is wanted.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.0.push(bytes)
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.0.end();
    }

    /// Ends it, because it cannot be read.
    pub fn unreadable(&mut self, why: &str) {
        self.0.unreadable(why);
    }

    /// What the files are, which are together called `given`.
    pub fn finish(self, given: &str) -> Result<GivenFiles> {
        Ok(GivenFiles(self.0.finish(given)?))
    }
}

/// What files are: a data set, or a checkpoint.
#[wasm_bindgen]
pub struct GivenFiles(Given);

#[wasm_bindgen]
impl GivenFiles {
    /// The path of the checkpoint among them. It was passed over if they are a data set.
    pub fn checkpoint(&self) -> Option<String> {
        match &self.0 {
            Given::Data { checkpoint, .. } => checkpoint.clone(),
            Given::Checkpoint(path) => Some(path.clone()),
        }
    }

    /// The data set, if they are one.
    pub fn data(self) -> Option<Data> {
        match self.0 {
            Given::Data { dataset, .. } => Some(Data(dataset)),
            Given::Checkpoint(_) => None,
        }
    }
}

/// MNIST or CIFAR-10, for as many sessions as need it.
#[wasm_bindgen]
pub struct Data(Dataset);

#[wasm_bindgen]
impl Data {
    /// `mnist` or `cifar10`.
    pub fn name(&self) -> String {
        self.0.name.clone()
    }
}

impl Data {
    pub(super) fn dataset(&self) -> &Dataset {
        &self.0
    }
}
