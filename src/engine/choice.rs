//! Which engine a run gets: what was wished for, what there is, and whether the GPU is worth it here.

use super::cpu::Cpu;
use super::gpu::{Gpu, Preference};
use super::{Activity, Connection, Engine, Input, Layer, Rule};
use crate::clock;
use crate::error::Result;
use std::rc::Rc;

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A hardware GPU if there is one and it wins a short race, else the CPU.
    Auto,
    /// Whatever WebGPU (natively Vulkan, Metal or Direct3D) offers, software included.
    Gpu,
    /// The same, with activities and pixels stored in half precision, an error of up to 4.9e-4 of each.
    GpuHalf,
    /// The CPU engine.
    Cpu,
}

impl Wish {
    /// Which adapters will do for it.
    #[must_use]
    pub fn preference(self) -> Preference {
        match self {
            Self::Gpu => Preference::Any,
            Self::GpuHalf => Preference::Half,
            Self::Auto | Self::Cpu => Preference::Hardware,
        }
    }
}

/// What a wish came to.
#[derive(Debug)]
pub struct Found {
    /// The wish.
    pub wish: Wish,
    /// The engine to use; `None` for the CPU engine.
    pub gpu: Option<Rc<Gpu>>,
    /// Why, as a sentence for people.
    pub reason: String,
}

/// Finds the engine for a wish in short pieces of work, between which a page answers and trains on.
#[derive(Debug)]
pub struct Search {
    wish: Wish,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// A GPU is open already, and perhaps still there.
    Left(Rc<Gpu>, String),
    Open,
    RaceGpu(Rc<Gpu>),
    RaceCpu(Rc<Gpu>, f64),
    Done(Option<Rc<Gpu>>, String),
}

impl Search {
    /// For `wish`.
    #[must_use]
    pub fn new(wish: Wish) -> Self {
        let stage = match wish {
            Wish::Cpu => Stage::Done(None, "chosen".to_owned()),
            Wish::Auto | Wish::Gpu | Wish::GpuHalf => Stage::Open,
        };
        Self { wish, stage }
    }

    /// For `wish`, with the GPU of a run that is over, whose kernels are compiled; nothing where it was not found for that wish.
    #[must_use]
    pub fn with(left: Found, wish: Wish) -> Option<Self> {
        let gpu = left.gpu.filter(|_| left.wish == wish)?;
        Some(Self { wish, stage: Stage::Left(gpu, left.reason) })
    }

    /// The share of the work that is done, 0 to 1, which is the end.
    #[must_use]
    pub fn share(&self) -> f32 {
        match &self.stage {
            Stage::Left(..) | Stage::Open => 0.0,
            Stage::RaceGpu(_) => 0.4,
            Stage::RaceCpu(..) => 0.8,
            Stage::Done(..) => 1.0,
        }
    }

    /// Works for some dozen milliseconds.
    ///
    /// # Errors
    /// [`crate::Error::Gpu`] if a GPU was wished for and cannot be had.
    pub async fn advance(&mut self) -> Result<()> {
        // A search that fails, or is not waited for, has found nothing.
        let stage = std::mem::replace(&mut self.stage, Stage::Done(None, "the search was broken off".to_owned()));
        self.stage = match (self.next(stage).await, self.wish) {
            (Err(error), Wish::Auto) => Stage::Done(None, error.to_string()),
            (stage, _) => stage?,
        };
        Ok(())
    }

    async fn next(&self, stage: Stage) -> Result<Stage> {
        Ok(match stage {
            Stage::Left(gpu, reason) => match gpu.finish().await {
                Ok(()) => Stage::Done(Some(gpu), reason),
                Err(_) => Stage::Open,
            },
            Stage::Open => {
                let gpu = Rc::new(Gpu::open(self.wish.preference()).await?);
                match self.wish {
                    Wish::Auto => Stage::RaceGpu(gpu),
                    _ => Stage::Done(Some(gpu), "chosen".to_owned()),
                }
            }
            Stage::RaceGpu(gpu) => {
                let rate = rate(&*gpu).await?;
                Stage::RaceCpu(gpu, rate)
            }
            Stage::RaceCpu(gpu, ours) => {
                let theirs = rate(&Cpu).await?;
                let name = &gpu.adapter().name;
                if ours > theirs {
                    let reason = format!("{name} did {ours:.0} GFLOP/s, the CPU {theirs:.0}");
                    Stage::Done(Some(gpu), reason)
                } else {
                    Stage::Done(None, format!("the CPU did {theirs:.0} GFLOP/s, {name} only {ours:.0}"))
                }
            }
            done @ Stage::Done(..) => done,
        })
    }

    /// Works until the end.
    ///
    /// # Errors
    /// As [`Search::advance`].
    pub async fn finish(mut self) -> Result<Found> {
        loop {
            let Stage::Done(gpu, reason) = self.stage else {
                self.advance().await?;
                continue;
            };
            return Ok(Found { wish: self.wish, gpu, reason });
        }
    }
}

/// Rows, inputs and units of the layer that both engines run against each other.
const RACE: [usize; 3] = [300, 500, 500];
/// How long each runs, milliseconds.
const RACE_MS: f64 = 20.0;

/// 10⁹ operations a second of `forward` on `engine`.
async fn rate(engine: &dyn Engine) -> Result<f64> {
    let [rows, inputs, units] = RACE;
    let activity = |columns| -> Result<Activity> {
        Ok(Activity { values: engine.values(rows, columns)?, squares: engine.sums(rows, columns)?, goodness: None })
    };
    let below = activity(inputs)?;
    let mut above = activity(units)?;
    let layer = Layer {
        rule: Rule::default(),
        below: Connection::dense(engine.matrix(inputs, units)?, engine.matrix(1, 1)?),
        above: None,
        bias: engine.matrix(1, units)?,
        bias_velocity: engine.matrix(1, 1)?,
        mean_activity: engine.matrix(1, 1)?,
    };
    let mut times = 1_u32;
    loop {
        let start = clock::now();
        for _ in 0..times {
            engine.forward(&Input::layer(&below), &layer, 0..rows, &mut above);
        }
        engine.read(&above.squares).await?;
        let milliseconds = clock::now() - start;
        // The first round warms up: kernels are compiled, threads started.
        if times > 1 && milliseconds >= RACE_MS {
            let flops = 2.0 * (rows * inputs * units) as f64 * f64::from(times);
            return Ok(flops / milliseconds / 1e6);
        }
        times *= 2;
    }
}
