//! The page's door to the core: the only file that knows JavaScript.
//!
//! Nothing is decided here. Plain values come in, [`crate::session`] does the work, plain values go out, and an
//! [`crate::Error`] becomes a JavaScript `Error` whose message is its sentence: that is what every function here throws.
#![allow(clippy::missing_errors_doc, reason = "said once, above")]

mod colour;
pub mod files;
mod profile;
pub mod tables;
#[cfg(feature = "threads")]
mod threads;

use crate::clock::now;
use crate::drawing;
use crate::engine::choice::{Search, Wish};
use crate::engine::{Identity, cpu};
use crate::error::Error;
use crate::model::{Checkpoint, Settings, fitting};
use crate::session::{
    self, DataInfo, Evidence, Exciting, Field, Followed, Home, Hybrid, Look, Measured, Mistake, Negative, Progress,
    Reading, Rejection, Sample, Shifted,
};
use js_sys::Uint8Array;
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

type Result<T> = std::result::Result<T, JsError>;

/// The settings, if each of them is possible and they go together; throws a sentence otherwise.
#[wasm_bindgen]
pub fn checked_settings(settings: Ts<Settings>) -> Result<Ts<Settings>> {
    let settings: Settings = settings.to_rust()?;
    Ok(settings.possible()?.into_ts()?)
}

/// Settings that go together.
#[derive(Serialize, Tsify)]
pub struct Fitting {
    settings: Settings,
    /// What had to be replaced by what is recommended, and why, each a sentence.
    complaints: Vec<String>,
}

/// What comes nearest to `settings`, with the layers' `rules` as they stand in the address, if they do.
#[wasm_bindgen]
pub fn fitting_settings(settings: Ts<Settings>, rules: Option<String>) -> Result<Ts<Fitting>> {
    let text = rules.as_deref();
    let (given, unread) = fitting::rules(text);
    let mut settings: Settings = settings.to_rust()?;
    if text.is_some() {
        settings.rules = given;
    }
    let (settings, errors) = settings.fitting();
    let complaints = unread.iter().chain(&errors).map(ToString::to_string).collect();
    Ok(Fitting { settings, complaints }.into_ts()?)
}

/// Where the arithmetic runs.
#[derive(Serialize, Tsify)]
pub struct EngineInfo {
    /// `cpu` or `webgpu`.
    #[tsify(type = "\"cpu\" | \"webgpu\"")]
    kind: &'static str,
    /// The adapter, or the instruction set.
    name: String,
    /// Why this one; empty if nobody asked.
    reason: String,
    /// Threads the CPU engine computes on.
    threads: usize,
}

/// Looks for an engine, in pieces of work of some dozen milliseconds.
#[wasm_bindgen]
pub struct EngineSearch(Search);

#[wasm_bindgen]
impl EngineSearch {
    /// For `auto`, `webgpu` or `cpu`.
    #[wasm_bindgen(constructor)]
    pub fn new(wish: &str) -> Result<EngineSearch> {
        Ok(Self(Search::new(wished(wish)?)))
    }

    /// Works on; the share done, 0 to 1, which is the end. Throws if a GPU was asked for and cannot be had.
    pub async fn advance(&mut self) -> Result<f32> {
        self.0.advance().await?;
        Ok(self.0.share())
    }
}

fn wished(wish: &str) -> Result<Wish> {
    match wish {
        "cpu" => Ok(Wish::Cpu),
        "webgpu" => Ok(Wish::Gpu),
        "webgpu-f16" => Ok(Wish::GpuHalf),
        "auto" => Ok(Wish::Auto),
        _ => Err(Error::setting("engine", wish, "choose auto, webgpu, webgpu-f16 or cpu").into()),
    }
}

/// A network, its data and a run. Asynchronous methods must be awaited one after another.
#[wasm_bindgen]
pub struct Session(Home);

impl From<session::Session> for Session {
    fn from(session: session::Session) -> Self {
        Self(session.into())
    }
}

#[wasm_bindgen]
impl Session {
    /// Random weights, with the built-in strokes for data, on the CPU engine.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: Ts<Settings>) -> Result<Session> {
        Ok(session::Session::new(settings.to_rust()?)?.into())
    }

    /// A run as a checkpoint left it, on the CPU engine; `name` is what to call the file in errors.
    pub fn load(checkpoint: &[u8], name: &str) -> Result<Session> {
        Ok(session::Session::from_checkpoint(Checkpoint::from_bytes(name, checkpoint)?)?.into())
    }

    /// Begins another run in this one's place, over the same data and on the same engine: from random weights.
    pub fn begin_again(&mut self, settings: Ts<Settings>) -> Result<()> {
        let beginning = self.0.session.from_nothing(settings.to_rust()?)?;
        Ok(self.0.begin_again(beginning, now())?)
    }

    /// As `begin_again`, from a checkpoint's weights; `name` is what to call the file in errors.
    pub fn load_again(&mut self, checkpoint: &[u8], name: &str) -> Result<()> {
        Ok(self.0.begin_again(Checkpoint::from_bytes(name, checkpoint)?, now())?)
    }

    /// Frees everything but the GPU that it is on: with that, which has its kernels, the search for `wish` begins that was
    /// found for the same; `undefined` for any other.
    pub fn leave(self, wish: &str) -> Option<EngineSearch> {
        let left = self.0.leave()?;
        Some(EngineSearch(Search::with(left, wished(wish).ok()?)?))
    }

    /// The run's settings.
    pub fn settings(&mut self) -> Result<Ts<Settings>> {
        Ok(self.0.session.settings().into_ts()?)
    }

    /// Where the arithmetic runs.
    pub fn engine(&self) -> Result<Ts<EngineInfo>> {
        let Identity { kind, name } = self.0.session.identity();
        Ok(EngineInfo { kind, name, reason: self.0.reason().to_owned(), threads: cpu::threads() }.into_ts()?)
    }

    /// Moves with everything to the engine that `search` found. Throws, and stays where it is, if that is too small.
    pub async fn use_engine(&mut self, search: EngineSearch) -> Result<Ts<EngineInfo>> {
        self.0.move_to(search.0.finish().await?, now()).await?;
        self.engine()
    }

    /// What has to be told to the person since this was last asked: that a GPU was lost, say.
    pub fn notice(&mut self) -> Option<String> {
        self.0.take_notice()
    }

    /// Loses the GPU on purpose, to see that nothing else is.
    pub fn lose_gpu(&self) -> Result<()> {
        Ok(self.0.lose()?)
    }

    /// Takes on what a run may change on its way; throws if a change needs a restart.
    pub fn apply(&mut self, settings: Ts<Settings>) -> Result<()> {
        Ok(self.0.session.apply(settings.to_rust()?)?)
    }

    /// Random weights on the CPU engine, over these data.
    pub fn over(settings: Ts<Settings>, data: &files::Data) -> Result<Session> {
        Ok(session::Session::over(settings.to_rust()?, data.given())?.into())
    }

    /// Learns from other data from now on; `prepare` makes what is made here.
    pub fn use_data(&mut self, data: &files::Data) -> Result<()> {
        Ok(self.0.session.use_data(data.given())?)
    }

    /// Whether it waits for these data.
    pub fn awaits(&self, data: &files::Data) -> bool {
        self.0.session.awaits(data.given().source())
    }

    /// Makes built-in pictures for up to `budget_ms`; the share done, 0 to 1.
    pub fn prepare(&mut self, budget_ms: f64) -> Result<f32> {
        Ok(self.0.session.prepare(budget_ms, &now)?)
    }

    /// Which data are in use.
    pub fn data(&mut self) -> Result<Ts<DataInfo>> {
        Ok(self.0.session.data().into_ts()?)
    }

    /// Learns until `budget_ms` are over or the run is.
    pub async fn train(&mut self, budget_ms: f64) -> Result<Ts<Progress>> {
        let progress = self.0.rescued(now(), async |session| session.train(budget_ms, &now).await).await?;
        self.0.keep(now()).await;
        Ok(progress.into_ts()?)
    }

    /// Learns from one batch.
    pub async fn step(&mut self) -> Result<Ts<Progress>> {
        Ok(self.0.rescued(now(), async |session| session.step(&now).await).await?.into_ts()?)
    }

    /// Keeps a layer (from 1) from learning, or lets it learn again.
    pub fn freeze(&mut self, layer: usize, frozen: bool) -> Result<()> {
        Ok(self.0.session.freeze(layer, frozen)?)
    }

    /// Reads a drawing: `points` are x, y, pressure triples, `stroke_ends` the number of points up to each stroke's end.
    /// `undefined` if nothing was drawn.
    pub async fn read_drawing(
        &mut self,
        points: Vec<f32>,
        stroke_ends: Vec<u32>,
        pen_width: f32,
    ) -> Result<Option<Ts<Reading>>> {
        let strokes = drawing::strokes(&points, &stroke_ends);
        let reading = self.0.rescued(now(), async |session| session.read_drawing(&strokes, pen_width).await).await?;
        Ok(match reading {
            Some(reading) => Some(reading.into_ts()?),
            None => None,
        })
    }

    /// Reads a picture of 28×28 bytes, or of 32×32×3 where the data are in colour.
    pub async fn read_image(&mut self, image: Vec<u8>) -> Result<Ts<Reading>> {
        Ok(self.0.rescued(now(), async |session| session.read_image(&image).await).await?.into_ts()?)
    }

    /// A picture of the test split, going round at its end.
    pub fn sample(&mut self, index: usize) -> Result<Ts<Sample>> {
        Ok(self.0.session.sample(index)?.into_ts()?)
    }

    /// Negatives of the newest batch; none before the first.
    pub async fn negatives(&mut self, count: usize) -> Result<Vec<Ts<Negative>>> {
        all(&self.0.rescued(now(), async |session| session.negatives(count).await).await?)
    }

    /// How the newest batch's hybrid negatives were made; none but in the unsupervised recipe.
    pub async fn hybrids(&mut self, count: usize) -> Result<Vec<Ts<Hybrid>>> {
        all(&self.0.rescued(now(), async |session| session.hybrids(count).await).await?)
    }

    /// Each layer's goodness of a picture of 28×28 bytes as it is, with no label but what is painted into it.
    pub async fn goodness_of(&mut self, image: Vec<u8>) -> Result<Vec<f32>> {
        Ok(self.0.rescued(now(), async |session| session.goodness_of(&image).await).await?)
    }

    /// The test pictures that excite a unit (from 0) of a layer (from 1) most.
    pub async fn exciting(&mut self, layer: usize, unit: usize, count: usize) -> Result<Vec<Ts<Exciting>>> {
        all(&self.0.rescued(now(), async |session| session.exciting(layer, unit, count).await).await?)
    }

    /// What the network makes of some training pictures, without learning from them.
    pub async fn look(&mut self, negatives: usize) -> Result<Ts<Look>> {
        Ok(self.0.rescued(now(), async |session| session.look(negatives).await).await?.into_ts()?)
    }

    /// A picture of the next batch followed through the step; `units` names a unit a layer, −1 where the one that is pulled at
    /// most is wanted. `undefined` for recipes in which a picture does not go up once, layer by layer.
    pub async fn follow(&mut self, row: usize, units: Vec<i32>) -> Result<Option<Ts<Followed>>> {
        let units: Vec<Option<usize>> = units.into_iter().map(|unit| usize::try_from(unit).ok()).collect();
        let followed = self.0.rescued(now(), async |session| session.follow(row, &units).await).await?;
        Ok(match followed {
            Some(followed) => Some(followed.into_ts()?),
            None => None,
        })
    }

    /// Which strokes of a picture of 28×28 bytes speak for a label and which against it, by occlusion.
    pub async fn evidence(&mut self, image: Vec<u8>, label: u8) -> Result<Ts<Evidence>> {
        Ok(self.0.rescued(now(), async |session| session.evidence(&image, label).await).await?.into_ts()?)
    }

    /// Teaches the network to reject a picture of 28×28 bytes, in `lessons` batches beside the run.
    pub async fn reject(&mut self, image: Vec<u8>, lessons: usize) -> Result<Ts<Rejection>> {
        Ok(self.0.rescued(now(), async |session| session.reject(&image, lessons).await).await?.into_ts()?)
    }

    /// Another run over the same data, from its beginning, on the CPU engine: to race against.
    pub fn rival(&mut self, settings: Ts<Settings>) -> Result<Session> {
        Ok(self.0.session.beside(settings.to_rust()?)?.into())
    }

    /// What units of a layer (from 1) look for, `count` of them in the order of their use, the one of rank `first` (from 0)
    /// first.
    pub async fn receptive_fields(&mut self, layer: usize, first: usize, count: usize) -> Result<Vec<Ts<Field>>> {
        all(&self.0.rescued(now(), async |session| session.receptive_fields(layer, first, count).await).await?)
    }

    /// What one unit (from 0) of a layer (from 1) looks for.
    pub async fn receptive_field(&mut self, layer: usize, unit: usize) -> Result<Ts<Field>> {
        Ok(self.0.rescued(now(), async |session| session.receptive_field(layer, unit).await).await?.into_ts()?)
    }

    /// One training picture as it is shifted in `count` successive epochs, this one first.
    pub fn shifts(&mut self, count: usize) -> Result<Vec<Ts<Shifted>>> {
        all(&self.0.session.shifts(count)?)
    }

    /// Begins to measure on the first `images` of the test split.
    pub fn evaluate_start(&mut self, images: usize) -> Result<()> {
        Ok(self.0.session.evaluate_start(images)?)
    }

    /// Measures on for up to `budget_ms`.
    pub async fn evaluate(&mut self, budget_ms: f64) -> Result<Ts<Measured>> {
        Ok(self.0.rescued(now(), async |session| session.evaluate(budget_ms, &now).await).await?.into_ts()?)
    }

    /// Test pictures of `label` that the newest measurement read as `read`.
    pub fn mistakes(&mut self, label: u8, read: u8, count: usize) -> Result<Vec<Ts<Mistake>>> {
        all(&self.0.session.mistakes(label, read, count)?)
    }

    /// A checkpoint: everything needed to go on. Its file is put together outside the core's memory, which only ever grows.
    pub async fn save(&mut self) -> Result<Uint8Array> {
        let checkpoint = self.0.checkpoint(now()).await?;
        let pieces = checkpoint.pieces();
        let bytes = Uint8Array::new_with_length(pieces.iter().map(|piece| piece.len() as u32).sum());
        let mut from = 0;
        for piece in pieces {
            let to = from + piece.len() as u32;
            bytes.subarray(from, to).copy_from(&piece);
            from = to;
        }
        Ok(bytes)
    }
}

fn all<T: Tsify + Serialize>(values: &[T]) -> Result<Vec<Ts<T>>> {
    values.iter().map(|value| Ok(value.into_ts()?)).collect()
}
