//! The page's door to the core: the only file that knows JavaScript.
//!
//! Nothing is decided here. Plain values come in, [`crate::session`] does the work, plain values go out, and an
//! [`crate::Error`] becomes a JavaScript `Error` whose message is its sentence: that is what every function here throws.
#![allow(clippy::missing_errors_doc, reason = "said once, above")]

use crate::drawing::{Point, Stroke};
use crate::engine::gpu::{Gpu, Plan, Preference, Tuning, advise};
use crate::engine::{Identity, cpu::Cpu, metric};
use crate::model::{Checkpoint, Settings};
use crate::session::{self, DataInfo, Field, Measured, Mistake, Negative, Progress, Reading, Sample};
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

type Result<T> = std::result::Result<T, JsError>;

/// Milliseconds, from the worker's own clock.
fn now() -> f64 {
    use wasm_bindgen::JsCast;
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    scope.performance().map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// Settings recommended for the page.
#[wasm_bindgen]
pub fn default_settings() -> Result<Ts<Settings>> {
    Ok(Settings::default().into_ts()?)
}

/// Hinton's published settings.
#[wasm_bindgen]
pub fn hinton_settings() -> Result<Ts<Settings>> {
    Ok(Settings::hinton().into_ts()?)
}

/// The axis of goodness histograms: octaves above the threshold, `log2(g/θ)`; the end bins collect the rest.
#[derive(Serialize, Tsify)]
pub struct HistogramAxis {
    from: f32,
    to: f32,
    bins: usize,
}

/// The axis of goodness histograms.
#[wasm_bindgen]
pub fn histogram_axis() -> Result<Ts<HistogramAxis>> {
    Ok(HistogramAxis { from: metric::FROM, to: metric::TO, bins: metric::BINS }.into_ts()?)
}

/// Where the arithmetic runs.
#[derive(Serialize, Tsify)]
pub struct EngineInfo {
    /// `cpu` or `webgpu`.
    #[tsify(type = "\"cpu\" | \"webgpu\"")]
    kind: &'static str,
    /// The adapter, or the instruction set.
    name: String,
}

/// What became of a wish for another engine.
#[derive(Serialize, Tsify)]
pub struct EngineChange {
    engine: EngineInfo,
    /// Why this one, as a sentence.
    reason: String,
    /// What was measured on a GPU, to be handed in next time; empty for the CPU.
    plan: String,
}

/// A session on either engine.
enum Laboratory {
    Cpu(Box<session::Session<Cpu>>),
    Gpu(Box<session::Session<Gpu>>),
}

/// The same for a session on whichever engine.
macro_rules! on {
    ($laboratory:expr, $session:ident => $result:expr) => {
        match $laboratory {
            Laboratory::Cpu($session) => $result,
            Laboratory::Gpu($session) => $result,
        }
    };
}

impl From<Identity> for EngineInfo {
    fn from(Identity { kind, name }: Identity) -> Self {
        Self { kind, name }
    }
}

/// A network, its data and a run. Asynchronous methods must be awaited one after another.
#[wasm_bindgen]
pub struct Session(Laboratory);

#[wasm_bindgen]
impl Session {
    /// Random weights, with the built-in strokes for data.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: Ts<Settings>) -> Result<Session> {
        Ok(Self(Laboratory::Cpu(Box::new(session::Session::new(Cpu, settings.to_rust()?)?))))
    }

    /// A run as a checkpoint left it; `name` is what to call the file in errors.
    pub fn load(checkpoint: &[u8], name: &str) -> Result<Session> {
        let checkpoint = Checkpoint::from_bytes(name, checkpoint)?;
        Ok(Self(Laboratory::Cpu(Box::new(session::Session::from_checkpoint(Cpu, checkpoint)?))))
    }

    /// The run's settings.
    pub fn settings(&self) -> Result<Ts<Settings>> {
        Ok(on!(&self.0, s => s.settings()).into_ts()?)
    }

    /// Where the arithmetic runs.
    pub fn engine(&self) -> Result<Ts<EngineInfo>> {
        Ok(EngineInfo::from(on!(&self.0, s => s.identity())).into_ts()?)
    }

    /// Moves the run to another engine: `cpu`, `webgpu` (software included), or `auto`, which takes a hardware GPU that
    /// beats the CPU. `plan` is what an earlier change returned; `checkpoint` is where to go on from if the present engine
    /// was lost. Nothing is lost if it throws.
    pub async fn use_engine(
        &mut self,
        wanted: String,
        plan: Option<String>,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<Ts<EngineChange>> {
        let remembered: Option<Plan> = plan.and_then(|text| serde_json::from_str(&text).ok());
        let tuning = remembered.map_or(Tuning::Measure, Tuning::Remembered);
        let (gpu, reason) = match wanted.as_str() {
            "cpu" => (None, "The CPU was asked for.".to_owned()),
            "webgpu" => (Some(Gpu::open(Preference::Any, tuning).await?), "WebGPU was asked for.".to_owned()),
            "auto" => {
                let advice = advise(tuning).await;
                (advice.gpu, advice.reason)
            }
            other => {
                return Err(crate::Error::setting("engine", other, "choose auto, cpu or webgpu").into());
            }
        };
        let checkpoint = match checkpoint {
            Some(bytes) => Checkpoint::from_bytes("the last one", &bytes)?,
            None => on!(&self.0, s => s.checkpoint().await)?,
        };
        let plan = gpu.as_ref().map_or(Ok(String::new()), |gpu| serde_json::to_string(&gpu.plan()))?;
        self.0 = match gpu {
            Some(gpu) => Laboratory::Gpu(Box::new(on!(&self.0, s => s.moved(gpu, checkpoint))?)),
            None => Laboratory::Cpu(Box::new(on!(&self.0, s => s.moved(Cpu, checkpoint))?)),
        };
        Ok(EngineChange { engine: on!(&self.0, s => s.identity()).into(), reason, plan }.into_ts()?)
    }

    /// Takes on what a run may change on its way; throws if a change needs a restart.
    pub fn apply(&mut self, settings: Ts<Settings>) -> Result<()> {
        Ok(on!(&mut self.0, s => s.apply(settings.to_rust()?))?)
    }

    /// Learns from the built-in strokes from now on; `prepare` writes them.
    pub fn use_strokes(&mut self, train: usize, test: usize, seed: u32) -> Result<()> {
        Ok(on!(&mut self.0, s => s.use_strokes(train, test, u64::from(seed)))?)
    }

    /// Learns from MNIST from now on, given its four files, plain or gzip.
    pub fn use_mnist(
        &mut self,
        train_images: &[u8],
        train_labels: &[u8],
        test_images: &[u8],
        test_labels: &[u8],
    ) -> Result<()> {
        Ok(on!(&mut self.0, s => s.use_mnist([train_images, train_labels], [test_images, test_labels]))?)
    }

    /// Writes strokes for up to `budget_ms`; the share done, 0 to 1.
    pub fn prepare(&mut self, budget_ms: f64) -> Result<f32> {
        Ok(on!(&mut self.0, s => s.prepare(budget_ms, &now))?)
    }

    /// Which data are in use.
    pub fn data(&self) -> Result<Ts<DataInfo>> {
        Ok(on!(&self.0, s => s.data()).into_ts()?)
    }

    /// Learns until `budget_ms` are over or the run is.
    pub async fn train(&mut self, budget_ms: f64) -> Result<Ts<Progress>> {
        Ok(on!(&mut self.0, s => s.train(budget_ms, &now).await)?.into_ts()?)
    }

    /// Learns from one batch.
    pub async fn step(&mut self) -> Result<Ts<Progress>> {
        Ok(on!(&mut self.0, s => s.step(&now).await)?.into_ts()?)
    }

    /// Keeps a layer (from 1) from learning, or lets it learn again.
    pub fn freeze(&mut self, layer: usize, frozen: bool) -> Result<()> {
        Ok(on!(&mut self.0, s => s.freeze(layer, frozen))?)
    }

    /// Reads a drawing: `points` are x, y, pressure triples, `stroke_ends` the number of points up to each stroke's end.
    /// `undefined` if nothing was drawn.
    pub async fn read_drawing(
        &mut self,
        points: Vec<f32>,
        stroke_ends: Vec<u32>,
        pen_width: f32,
    ) -> Result<Option<Ts<Reading>>> {
        let points: Vec<Point> =
            points.as_chunks().0.iter().map(|&[x, y, pressure]| Point { x, y, pressure }).collect();
        let mut strokes: Vec<Stroke> = vec![];
        let mut from = 0;
        for end in stroke_ends {
            let end = (end as usize).clamp(from, points.len());
            strokes.push(points[from..end].to_vec());
            from = end;
        }
        Ok(match on!(&mut self.0, s => s.read_drawing(&strokes, pen_width).await)? {
            Some(reading) => Some(reading.into_ts()?),
            None => None,
        })
    }

    /// Reads a picture of 28×28 bytes.
    pub async fn read_image(&mut self, image: Vec<u8>) -> Result<Ts<Reading>> {
        Ok(on!(&mut self.0, s => s.read_image(&image).await)?.into_ts()?)
    }

    /// A picture of the test split, going round at its end.
    pub fn sample(&self, index: usize) -> Result<Ts<Sample>> {
        Ok(on!(&self.0, s => s.sample(index))?.into_ts()?)
    }

    /// Negatives of the newest batch; none before the first.
    pub async fn negatives(&mut self, count: usize) -> Result<Vec<Ts<Negative>>> {
        all(&on!(&mut self.0, s => s.negatives(count).await)?)
    }

    /// What the first units of a layer (from 1) look for.
    pub async fn receptive_fields(&self, layer: usize, count: usize) -> Result<Vec<Ts<Field>>> {
        all(&on!(&self.0, s => s.receptive_fields(layer, count).await)?)
    }

    /// Begins to measure on the first `images` of the test split.
    pub fn evaluate_start(&mut self, images: usize) -> Result<()> {
        Ok(on!(&mut self.0, s => s.evaluate_start(images))?)
    }

    /// Measures on for up to `budget_ms`.
    pub async fn evaluate(&mut self, budget_ms: f64) -> Result<Ts<Measured>> {
        Ok(on!(&mut self.0, s => s.evaluate(budget_ms, &now).await)?.into_ts()?)
    }

    /// Test pictures of `label` that the newest measurement read as `read`.
    pub fn mistakes(&self, label: u8, read: u8, count: usize) -> Result<Vec<Ts<Mistake>>> {
        all(&on!(&self.0, s => s.mistakes(label, read, count))?)
    }

    /// A checkpoint: everything needed to go on.
    pub async fn save(&self) -> Result<Vec<u8>> {
        Ok(on!(&self.0, s => s.checkpoint().await)?.to_bytes())
    }
}

fn all<T: Tsify + Serialize>(values: &[T]) -> Result<Vec<Ts<T>>> {
    values.iter().map(|value| Ok(value.into_ts()?)).collect()
}
