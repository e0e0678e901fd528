//! The page's door to the core: the only file that knows JavaScript.
//!
//! Nothing is decided here. Plain values come in, [`crate::session`] does the work, plain values go out, and an
//! [`crate::Error`] becomes a JavaScript `Error` whose message is its sentence: that is what every function here throws.
#![allow(clippy::missing_errors_doc, reason = "said once, above")]

pub mod files;
pub mod tables;
#[cfg(feature = "threads")]
mod threads;

use crate::clock::now;
use crate::engine::choice::{Search, Wish};
use crate::engine::{Identity, cpu};
use crate::error::Error;
use crate::model::{Checkpoint, Settings, fitting};
use crate::session::{self, Answer, DataInfo, Home, Measured, Progress, Question};
use js_sys::Uint8Array;
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

type Result<T> = std::result::Result<T, JsError>;

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

    /// Answers a question, under the question's own name.
    pub async fn ask(&mut self, question: Ts<Question>) -> Result<Ts<Answer>> {
        let question: Question = question.to_rust()?;
        Ok(self.0.answer(&question, &now).await?.into_ts()?)
    }

    /// Another run over the same data, from its beginning, on the CPU engine: to race against.
    pub fn rival(&mut self, settings: Ts<Settings>) -> Result<Session> {
        Ok(self.0.session.beside(settings.to_rust()?)?.into())
    }

    /// Begins to measure on the first `images` of the test split.
    pub fn evaluate_start(&mut self, images: usize) -> Result<()> {
        Ok(self.0.session.evaluate_start(images)?)
    }

    /// Measures on for up to `budget_ms`.
    pub async fn evaluate(&mut self, budget_ms: f64) -> Result<Ts<Measured>> {
        Ok(self.0.rescued(now(), async |session| session.evaluate(budget_ms, &now).await).await?.into_ts()?)
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
