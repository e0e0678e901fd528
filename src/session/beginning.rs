//! How a session begins: from nothing, from a checkpoint, on another engine, beside another or in its place.

use super::Session;
use super::data::{Data, Given};
use crate::dataset::Shape;
use crate::dataset::source::DataSource;
use crate::engine::{Engine, cpu::Cpu};
use crate::error::{Error, Result};
use crate::model::{Checkpoint, Ends, Parameters, Settings};
use crate::recipe::Reader;
use crate::training::Trainer;
use std::rc::Rc;

/// Refuses more pictures than a page has memory for.
pub(super) fn bounded(train: usize, test: usize) -> Result<()> {
    const MOST: usize = 200_000;
    if train > MOST || test > MOST {
        return Err(Error::setting("data", format!("{} images", train.max(test)), format!("choose up to {MOST}")));
    }
    Ok(())
}

/// Says whether a run goes with pictures of `shape`: coloured ones are seen through windows, and grey ones are not.
fn goes_with(settings: &Settings, shape: Shape) -> Result<()> {
    match (shape == Shape::CIFAR, settings.window) {
        (true, 0) => {
            let expected = "the page shows pictures in colour to nets with windows; choose an odd number, such as 11";
            Err(Error::setting("window", 0, expected))
        }
        (false, window) if window > 0 => {
            let expected = "the page lays windows over pictures in colour; choose 0, or data in colour such as objects";
            Err(Error::setting("window", window, expected))
        }
        _ => Ok(()),
    }
}

/// Checks that `checkpoint` is of a run over pictures like those of `data`.
fn shown(checkpoint: &Checkpoint, data: &DataSource) -> Result<()> {
    let shape = data.shape();
    if let Some(source) = checkpoint.data.as_ref().filter(|source| source.shape() != shape) {
        let other = if source.in_colour() { "in colour" } else { "in black and white" };
        let problem = format!("this run learned from pictures {other}, and those in use are not; open it by itself");
        return Err(Error::data(source.title(), problem));
    }
    checkpoint.reads(shape, data.classes())?;
    goes_with(&checkpoint.settings, shape)
}

impl Session {
    /// Random weights, with the built-in strokes for data. Every session begins on the CPU engine.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is out of range, [`Error::Memory`] if there is not enough for the network.
    pub fn new(settings: Settings) -> Result<Self> {
        Self::from_checkpoint(Self::beginning(settings, &DataSource::usual("strokes")?)?)
    }

    /// Random weights, over these data.
    ///
    /// # Errors
    /// As [`Session::new`], and [`Error::Setting`] if settings do not go with the data.
    pub fn over(settings: Settings, data: impl Into<Given>) -> Result<Self> {
        let data = data.into();
        let source = data.source();
        bounded(source.train, source.test)?;
        let checkpoint = Self::beginning(settings, source)?;
        let data = match data {
            Given::Named(source) => Data::of(source),
            Given::Read(dataset) => Data::given(&Cpu, dataset, None)?,
        };
        Self::on(Rc::new(Cpu), checkpoint, data)
    }

    /// Random weights for pictures like those of `data`.
    fn beginning(settings: Settings, data: &DataSource) -> Result<Checkpoint> {
        let settings = settings.checked()?;
        goes_with(&settings, data.shape())?;
        let ends = Ends::new(&settings, data.shape(), data.classes());
        Parameters::fit(&settings, ends)?;
        let layers = Parameters::random(&settings, ends);
        Ok(Checkpoint::beginning(settings, layers))
    }

    /// What a run of `settings` over the data in use begins from: random weights.
    ///
    /// # Errors
    /// As [`Session::new`], and [`Error::Setting`] if settings do not go with the data.
    pub fn from_nothing(&self, settings: Settings) -> Result<Checkpoint> {
        Self::beginning(settings, &self.data.source())
    }

    /// A run as `checkpoint` left it. If it learned from pictures that are made here, they are made again; other data must
    /// be brought, see [`Session::use_data`].
    ///
    /// # Errors
    /// [`Error::Shape`] if the network does not read pictures like those it learned from.
    pub fn from_checkpoint(checkpoint: Checkpoint) -> Result<Self> {
        shown(&checkpoint, checkpoint.data.as_ref().unwrap_or(&DataSource::usual("strokes")?))?;
        let data = match &checkpoint.data {
            Some(source) if source.is_built_in() || checkpoint.step > 0 || !source.is_of_digits() => {
                bounded(source.train, source.test)?;
                Data::of(source.clone())
            }
            _ => Data::of(DataSource::usual("strokes")?),
        };
        Self::on(Rc::new(Cpu), checkpoint, data)
    }

    /// A run on `engine`, as `checkpoint` left it, over `data` that are there already.
    fn on(engine: Rc<dyn Engine>, checkpoint: Checkpoint, data: Data) -> Result<Self> {
        let trainer = Trainer::new(&*engine, checkpoint, data.train_count())?;
        let reader = Reader::new(&*engine, trainer.network(), 1)?;
        Ok(Self { engine, trainer, data, reader, evaluator: None, rejections: 0 })
    }

    /// The session on another engine, as `checkpoint` (its own, perhaps a little old) left it. Data in memory go along.
    ///
    /// # Errors
    /// When the engine has no room for the network or the data.
    pub fn moved(&self, engine: Rc<dyn Engine>, checkpoint: Checkpoint) -> Result<Self> {
        let data = self.data.moved(&*engine)?;
        Self::on(engine, Checkpoint { frozen: self.trainer.frozen().to_vec(), ..checkpoint }, data)
    }

    /// Another run, from its beginning, over the same data: to race against.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is out of range; when the engine has no room.
    pub fn beside(&self, settings: Settings) -> Result<Self> {
        Self::on(Rc::new(Cpu), self.from_nothing(settings)?, self.data.moved(&Cpu)?)
    }

    /// Begins another run in this one's place, over the same data and on the same engine: as `checkpoint` left it.
    ///
    /// # Errors
    /// [`Error::Shape`] if the network does not read the pictures in use; [`Error::Setting`] if the data are too few for a batch;
    /// when the engine has no room. The run under way is untouched then.
    pub fn begin_again(&mut self, checkpoint: Checkpoint) -> Result<()> {
        shown(&checkpoint, &self.data.source())?;
        let trainer = Trainer::new(&*self.engine, checkpoint, self.data.train_count())?;
        self.reader = Reader::new(&*self.engine, trainer.network(), 1)?;
        self.trainer = trainer;
        self.evaluator = None;
        Ok(())
    }
}
