//! Files that a person gave.

use super::Result;
use crate::dataset::files::{Given, Reader};
use crate::dataset::source::DataSource;
use crate::session;
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
            Given::Data { dataset, .. } => Some(Data(dataset.into())),
            Given::Checkpoint(_) => None,
        }
    }
}

/// Data for as many sessions as need them.
#[wasm_bindgen]
pub struct Data(session::Given);

#[wasm_bindgen]
impl Data {
    /// Data of this name, made here or still to be given as files; as many as usual where no numbers are given.
    pub fn named(name: &str, train: Option<usize>, test: Option<usize>, seed: Option<u32>) -> Result<Data> {
        let usual = DataSource::usual(name)?;
        let [train, test] = [train.unwrap_or(usual.train), test.unwrap_or(usual.test)];
        Ok(Self(DataSource::new(name, train, test, seed.map_or(usual.seed, u64::from))?.into()))
    }

    /// The name of their source, such as `mnist`.
    pub fn name(&self) -> String {
        self.0.source().name().to_owned()
    }
}

impl Data {
    pub(super) fn given(&self) -> session::Given {
        self.0.clone()
    }
}
