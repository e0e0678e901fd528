//! The data a session learns from: made slice by slice, or brought as files.

use crate::dataset::registry::Source;
use crate::dataset::source::DataSource;
use crate::dataset::{Dataset, Images, Label, Shape, Split};
use crate::engine::{Engine, ImageBytes, Pick};
use crate::error::{Error, Result};
use crate::training::TrainingSet;
use serde::Serialize;

/// Pictures made between two looks at the clock.
const SLICE: usize = 50;

/// Data for a session.
#[derive(Debug, Clone)]
pub enum Given {
    /// Data that are made here, or whose files are still to be given.
    Named(DataSource),
    /// Data that were read from files.
    Read(Dataset),
}

impl Given {
    /// Where they come from.
    pub fn source(&self) -> &DataSource {
        match self {
            Self::Named(source) => source,
            Self::Read(dataset) => &dataset.source,
        }
    }
}

impl From<DataSource> for Given {
    fn from(source: DataSource) -> Self {
        Self::Named(source)
    }
}

impl From<Dataset> for Given {
    fn from(dataset: Dataset) -> Self {
        Self::Read(dataset)
    }
}

/// Which data a session uses.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct DataInfo {
    /// `strokes`, `mnist`, `objects` …
    pub name: String,
    /// The name of what a person chooses for it: where files are joined by what is made here, the files.
    pub choice: String,
    /// The name a person reads.
    pub title: String,
    /// The name of each class, in the order of the labels.
    pub classes: Vec<String>,
    /// Whether its pictures are in colour.
    pub colour: bool,
    /// Whether all of it is made here.
    pub built_in: bool,
    /// Whether its title and its class names are the person's to choose.
    pub own: bool,
    /// Training images.
    pub train: usize,
    /// Test images.
    pub test: usize,
    /// How much of it is there, 0 to 1; training needs all.
    pub prepared: f32,
}

impl DataInfo {
    /// Data of `source`, of which the share `prepared` is there.
    pub fn new(source: &DataSource, prepared: f32) -> Self {
        let (name, description) = (source.name().to_owned(), source.description());
        let (title, classes) = (description.title().to_owned(), description.classes().to_vec());
        let (colour, built_in, own) = (source.in_colour(), source.is_built_in(), source.kind.classes.is_empty());
        let choice = source.kind.files.map_or(source.name(), |files| Source::of(files).name).to_owned();
        Self { name, choice, title, classes, colour, built_in, own, train: source.train, test: source.test, prepared }
    }
}

/// The data, or the way to them.
#[derive(Debug)]
pub struct Data {
    source: DataSource,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Pictures are being made; their test split comes first, unless they join MNIST, which brings its own.
    Writing {
        bytes: Vec<u8>,
        labels: Vec<Label>,
        joins: Option<Dataset>,
    },
    /// A checkpoint learned from data that the person has to bring again.
    Awaited,
    Ready {
        dataset: Dataset,
        train: TrainingSet,
        test: ImageBytes,
    },
}

/// A test split on its engine.
pub struct Test<'a> {
    pub images: &'a ImageBytes,
    pub labels: &'a [Label],
}

impl Data {
    /// The data of `source`: made here, none of them yet, or awaited until their files are given.
    pub fn of(source: DataSource) -> Self {
        let state = if source.is_built_in() {
            State::Writing { bytes: vec![], labels: vec![], joins: None }
        } else {
            State::Awaited
        };
        Self { source, state }
    }

    /// What somebody has to bring.
    pub fn awaits(&self) -> Option<&DataSource> {
        matches!(self.state, State::Awaited).then_some(&self.source)
    }

    /// Data as they were read from their files. Where they are those that are `wanted`, as many as are wanted, joined by
    /// what is still to be made.
    pub fn given(engine: &dyn Engine, mut dataset: Dataset, wanted: Option<&DataSource>) -> Result<Self> {
        let Some(wanted) = wanted.filter(|wanted| wanted.takes(&dataset.source)) else {
            return Ok(Self { source: dataset.source.clone(), state: State::ready(engine, dataset)? });
        };
        let [train, made] = wanted.shares();
        if dataset.train.len() < train || dataset.test.len() < wanted.test {
            let problem = format!(
                "has {} training and {} test images, and this run learned from {train} and {}",
                dataset.train.len(),
                dataset.test.len(),
                wanted.test
            );
            return Err(Error::data(dataset.source.title(), problem));
        }
        dataset.truncate(train, wanted.test);
        let source = wanted.clone();
        let state = if made == 0 {
            State::ready(engine, dataset)?
        } else {
            State::Writing { bytes: vec![], labels: vec![], joins: Some(dataset) }
        };
        Ok(Self { source, state })
    }

    /// The same data for another engine.
    pub fn moved(&self, engine: &dyn Engine) -> Result<Self> {
        let state = match &self.state {
            State::Writing { bytes, labels, joins } => {
                State::Writing { bytes: bytes.clone(), labels: labels.clone(), joins: joins.clone() }
            }
            State::Awaited => State::Awaited,
            State::Ready { dataset, .. } => State::ready(engine, dataset.clone())?,
        };
        Ok(Data { source: self.source.clone(), state })
    }

    /// Enough to find the data again.
    pub fn source(&self) -> DataSource {
        self.source.clone()
    }

    /// The shape of its pictures.
    pub fn shape(&self) -> Shape {
        self.source.shape()
    }

    /// How many training images there are, or will be.
    pub fn train_count(&self) -> usize {
        self.source.train
    }

    /// What a person is told.
    pub fn info(&self) -> DataInfo {
        let prepared = match &self.state {
            State::Writing { labels, joins, .. } => {
                let [test, train] = self.to_write(joins.is_some());
                labels.len() as f32 / (train + test).max(1) as f32
            }
            State::Awaited => 0.0,
            State::Ready { .. } => 1.0,
        };
        DataInfo::new(&self.source, prepared)
    }

    /// Makes pictures for up to `budget` milliseconds of `clock`; the share done.
    pub fn prepare(&mut self, engine: &dyn Engine, budget: f64, clock: &dyn Fn() -> f64) -> Result<f32> {
        let shape = self.shape();
        let [test, train] = self.to_write(matches!(&self.state, State::Writing { joins: Some(_), .. }));
        let State::Writing { bytes, labels, joins } = &mut self.state else { return Ok(self.info().prepared) };
        let began = clock();
        while labels.len() < test + train {
            let from = labels.len();
            let slice = if from < test {
                self.source.made_tests(from..(from + SLICE).min(test))
            } else {
                let range = from - test..(from - test + SLICE).min(train);
                self.source.made(range.start as u64..range.end as u64)
            };
            bytes.extend_from_slice(slice.images.bytes());
            labels.extend(slice.labels);
            if clock() - began >= budget && labels.len() < test + train {
                return Ok(self.info().prepared);
            }
        }
        let (train_bytes, train_labels) = (bytes.split_off(test * shape.pixels()), labels.split_off(test));
        let split = |bytes, labels| Split::new(Images::new(shape, bytes)?, labels);
        let written = split(train_bytes, train_labels)?;
        let (train, test) = match joins.take() {
            Some(files) => (files.train.joined(&written)?, files.test),
            None => (written, split(std::mem::take(bytes), std::mem::take(labels))?),
        };
        let dataset = Dataset::new(self.source.clone(), train, test);
        self.state = State::ready(engine, dataset)?;
        Ok(1.0)
    }

    /// Pictures to be made, for testing and for training.
    fn to_write(&self, joins: bool) -> [usize; 2] {
        let [_, strokes] = self.source.shares();
        [if joins { 0 } else { self.source.test }, strokes]
    }

    /// The training split.
    pub fn training_set(&self) -> Result<&TrainingSet> {
        match &self.state {
            State::Ready { train, .. } => Ok(train),
            _ => Err(self.not_ready()),
        }
    }

    /// The test split.
    pub fn test(&self) -> Result<Test<'_>> {
        match &self.state {
            State::Ready { dataset, test, .. } => Ok(Test { images: test, labels: &dataset.test.labels }),
            _ => Err(self.not_ready()),
        }
    }

    /// Picture `index` of the test split, going round at its end. Those made here need not be there yet.
    pub fn test_picture(&self, index: usize) -> Result<(Vec<u8>, Label)> {
        let count = self.source.test;
        if count == 0 {
            return Err(Error::data(self.source.title(), "has no test images"));
        }
        let index = index % count;
        match &self.state {
            State::Ready { dataset, .. } => Ok((dataset.test.images.image(index).to_vec(), dataset.test.labels[index])),
            State::Writing { joins: Some(dataset), .. } => {
                Ok((dataset.test.images.image(index).to_vec(), dataset.test.labels[index]))
            }
            State::Writing { .. } => {
                let one = self.source.made_tests(index..index + 1);
                Ok((one.images.image(0).to_vec(), one.labels[0]))
            }
            State::Awaited => Err(self.not_ready()),
        }
    }

    /// The first `count` pictures of the training split, or all if there are fewer. Those made
    /// here need not be there yet.
    pub fn first_training_pictures(&self, count: usize) -> Result<Split> {
        let count = count.min(self.source.train);
        let of = |split: &Split| {
            let count = count.min(split.len());
            let bytes = (0..count).flat_map(|i| split.images.image(i)).copied().collect();
            Split::new(Images::new(split.images.shape(), bytes)?, split.labels[..count].to_vec())
        };
        match &self.state {
            State::Ready { dataset, .. } | State::Writing { joins: Some(dataset), .. } => of(&dataset.train),
            State::Writing { .. } => Ok(self.source.made(0..count as u64)),
            State::Awaited => Err(self.not_ready()),
        }
    }

    /// Picture `pick` of the training split, shifted as it was shown.
    pub fn training_picture(&self, pick: Pick) -> Result<(Vec<u8>, Label)> {
        let State::Ready { dataset, .. } = &self.state else { return Err(self.not_ready()) };
        let index = pick.index as usize;
        Ok((dataset.train.images.shifted(index, pick.dx, pick.dy), dataset.train.labels[index]))
    }

    fn not_ready(&self) -> Error {
        let problem = match &self.state {
            State::Awaited => "this run learned from these data; give them again to go on".to_owned(),
            _ => format!("are still being prepared ({:.0} %)", 100.0 * self.info().prepared),
        };
        Error::data(self.source.title(), problem)
    }
}

impl State {
    fn ready(engine: &dyn Engine, dataset: Dataset) -> Result<Self> {
        let train = TrainingSet::new(engine, &dataset.train)?;
        let test = engine.dataset(&dataset.test.images)?;
        Ok(Self::Ready { dataset, train, test })
    }
}
