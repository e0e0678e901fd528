//! Files that a person gave.

use super::Result;
use crate::dataset::Shape;
use crate::dataset::files::{Given, Reader};
use crate::dataset::source::{DataSource, SOURCES, Source};
use crate::error::Error;
use crate::session::{self, DataInfo};
use serde::Serialize;
use tsify::{Ts, Tsify};
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

/// What files are: a data set, pictures in folders, or a checkpoint.
#[wasm_bindgen]
pub struct GivenFiles(Given);

#[wasm_bindgen]
impl GivenFiles {
    /// The path of the checkpoint among them. It was passed over if they are a data set.
    pub fn checkpoint(&self) -> Option<String> {
        match &self.0 {
            Given::Data { checkpoint, .. } => checkpoint.clone(),
            Given::Checkpoint(path) => Some(path.clone()),
            Given::Pictures(_) => None,
        }
    }

    /// The paths of the pictures that have to be decoded before there is a data set.
    pub fn pictures(&self) -> Vec<String> {
        match &self.0 {
            Given::Pictures(album) => album.paths().map(str::to_owned).collect(),
            _ => vec![],
        }
    }

    /// The data set, if they are one. `rgb` are the decoded pictures one after another, each fitted to 28×28 pixels, or with
    /// `colour` to 32×32, of red, green and blue.
    pub fn data(self, rgb: &[u8], colour: bool) -> Result<Option<Data>> {
        Ok(match self.0 {
            Given::Data { dataset, .. } => Some(Data(dataset.into())),
            Given::Pictures(album) => {
                let shape = if colour { Shape::CIFAR } else { Shape::MNIST };
                Some(Data(album.dataset(shape, rgb, 1)?.into()))
            }
            Given::Checkpoint(_) => None,
        })
    }
}

/// A source of data as the page offers it.
#[derive(Serialize, Tsify)]
pub struct SourceInfo {
    name: &'static str,
    title: &'static str,
    help: &'static str,
    /// Whether its pictures are in colour.
    colour: bool,
    /// Whether all of it is made here.
    built_in: bool,
    /// The source that is the files it needs, if it needs some.
    files: Option<&'static str>,
}

/// All sources of data.
#[wasm_bindgen]
pub fn data_sources() -> Result<Vec<Ts<SourceInfo>>> {
    let info = |source: &Source| SourceInfo {
        name: source.name,
        title: source.title,
        help: source.help,
        colour: source.shape.channels > 1,
        built_in: source.files.is_none(),
        files: source.files.map(|files| Source::of(files).name),
    };
    SOURCES.iter().map(|source| Ok(info(source).into_ts()?)).collect()
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

    /// What they are.
    pub fn info(&self) -> Result<Ts<DataInfo>> {
        Ok(DataInfo::new(self.0.source(), 1.0).into_ts()?)
    }

    /// The same pictures under a title and class names of the person's own, with rows and columns exchanged if wanted.
    pub fn described(&self, title: &str, classes: Vec<String>, transposed: bool) -> Result<Data> {
        let session::Given::Read(dataset) = &self.0 else {
            return Err(Error::setting("data", self.0.source().title(), "only data from files can be named").into());
        };
        let dataset = dataset.clone().named(title, classes)?;
        Ok(Self(if transposed { dataset.transposed() } else { dataset }.into()))
    }
}

impl Data {
    pub(super) fn given(&self) -> session::Given {
        self.0.clone()
    }
}
