//! The data a session learns from: made slice by slice, or brought as files.

use crate::dataset::{Dataset, Images, Label, Shape, Split};
use crate::engine::{Engine, ImageBytes, Pick};
use crate::error::{Error, Result};
use crate::model::checkpoint::DataSource;
use crate::training::TrainingSet;
use serde::Serialize;

/// Pictures made between two looks at the clock.
const SLICE: usize = 50;

/// Which data a session uses.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct DataInfo {
    /// `strokes`, `mnist`, `objects` …
    pub name: String,
    /// Training images.
    pub train: usize,
    /// Test images.
    pub test: usize,
    /// How much of it is there, 0 to 1; training needs all.
    pub prepared: f32,
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
    /// Built-in strokes, none written yet.
    pub fn strokes(train: usize, test: usize, seed: u64) -> Self {
        Self::written(DataSource { name: "strokes".to_owned(), train, test, seed })
    }

    /// Data that are written here, none of them yet.
    pub fn written(source: DataSource) -> Self {
        Self { source, state: State::Writing { bytes: vec![], labels: vec![], joins: None } }
    }

    /// Data that somebody has to bring.
    pub fn awaited(source: DataSource) -> Self {
        Self { source, state: State::Awaited }
    }

    /// What somebody has to bring.
    pub fn awaits(&self) -> Option<&DataSource> {
        matches!(self.state, State::Awaited).then_some(&self.source)
    }

    /// Data as they were read from their files. Of MNIST or CIFAR-10 as much as is `wanted`, with the strokes that are to join
    /// it still to be written.
    pub fn given(engine: &dyn Engine, dataset: &Dataset, wanted: Option<&DataSource>) -> Result<Self> {
        let mut dataset = dataset.clone();
        let is_of =
            |wanted: &&DataSource| wanted.name == dataset.name || wanted.needs_mnist() && dataset.name == "mnist";
        let mut source =
            DataSource { name: dataset.name.clone(), train: dataset.train.len(), test: dataset.test.len(), seed: 0 };
        let mut strokes = 0;
        if let Some(wanted) = wanted.filter(is_of) {
            let generated = if wanted.needs_mnist() { wanted.shares()[1] } else { 0 };
            let train = wanted.train - generated;
            if dataset.train.len() < train || dataset.test.len() < wanted.test {
                let (name, has) =
                    (if wanted.needs_mnist() { "MNIST" } else { "CIFAR-10" }, [source.train, source.test]);
                let problem = format!(
                    "has {} training and {} test images, and this run learned from {train} and {}",
                    has[0], has[1], wanted.test
                );
                return Err(Error::data(name, problem));
            }
            dataset.train.truncate(train);
            dataset.test.truncate(wanted.test);
            wanted.name.clone_into(&mut dataset.name);
            (source, strokes) = (wanted.clone(), generated);
        }
        let state = if strokes == 0 {
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
        let DataSource { name, train, test, .. } = self.source.clone();
        DataInfo { name, train, test, prepared }
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
        let dataset = match joins.take() {
            Some(Dataset { name, train, test }) => Dataset { name, train: train.joined(&written)?, test },
            None => Dataset {
                name: self.source.name.clone(),
                train: written,
                test: split(std::mem::take(bytes), std::mem::take(labels))?,
            },
        };
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
            return Err(Error::data(&self.source.name, "has no test images"));
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
            State::Awaited => "this run learned from these data; bring them again to go on".to_owned(),
            _ => format!("are still being prepared ({:.0} %)", 100.0 * self.info().prepared),
        };
        Error::data(&self.source.name, problem)
    }
}

impl State {
    fn ready(engine: &dyn Engine, dataset: Dataset) -> Result<Self> {
        let train = TrainingSet::new(engine, &dataset.train)?;
        let test = engine.dataset(&dataset.test.images)?;
        Ok(Self::Ready { dataset, train, test })
    }
}
