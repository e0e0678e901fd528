//! A session on whichever engine it runs, and its moves from one to another: chosen, or forced when a GPU is lost.

use super::Session;
use crate::engine::Identity;
use crate::engine::cpu::Cpu;
use crate::engine::gpu::{Gpu, Plan, Preference, Tuning, advise};
use crate::error::{Error, Result};
use crate::model::{Checkpoint, Settings};

/// How old the checkpoint that stands in for a lost GPU may become while training, milliseconds.
const KEEP_EVERY: f64 = 1_500.0;

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A hardware GPU if there is one and it wins a short race, else the CPU.
    Auto,
    /// Whatever WebGPU (natively Vulkan, Metal or Direct3D) offers, software included.
    Gpu,
    /// The CPU engine.
    Cpu,
}

/// A session, wherever it runs.
#[derive(Debug)]
pub struct Home {
    place: Place,
    /// Why it runs there, as a sentence; empty if nobody asked.
    reason: String,
    /// What has to be told to the person, once.
    notice: Option<String>,
}

#[derive(Debug)]
enum Place {
    Cpu(Box<Session<Cpu>>),
    Gpu(Box<OnGpu>),
}

/// A session whose memory may be lost at any moment.
#[derive(Debug)]
struct OnGpu {
    session: Session<Gpu>,
    /// What a loss costs nothing beyond.
    kept: Checkpoint,
    kept_at: f64,
}

/// Runs `$body` with `$session` bound to the session, whatever engine it is on.
#[macro_export]
macro_rules! at_home {
    ($home:expr, $session:ident => $body:expr) => {
        match $home.parts() {
            $crate::session::Parts::Cpu($session) => $body,
            $crate::session::Parts::Gpu($session) => $body,
        }
    };
}

/// As [`at_home!`] for work that reads from the engine: if that turns out to be lost, once more on the CPU.
#[macro_export]
macro_rules! at_home_or_rescued {
    ($home:expr, $session:ident => $body:expr) => {{
        let mut done = $crate::at_home!($home, $session => $body);
        if let Err($crate::Error::Gpu { problem }) = &done {
            if $home.rescue(problem)? {
                done = $crate::at_home!($home, $session => $body);
            }
        }
        done
    }};
}

/// A session with its engine's type known.
#[derive(Debug)]
pub enum Parts<'a> {
    /// On the CPU.
    Cpu(&'a mut Session<Cpu>),
    /// On a GPU.
    Gpu(&'a mut Session<Gpu>),
}

impl Home {
    /// Random weights, on the CPU.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn new(settings: Settings) -> Result<Self> {
        Ok(Self::at(Session::new(Cpu, settings)?))
    }

    /// A run as a checkpoint left it, on the CPU.
    ///
    /// # Errors
    /// As [`Session::from_checkpoint`].
    pub fn from_checkpoint(checkpoint: Checkpoint) -> Result<Self> {
        Ok(Self::at(Session::from_checkpoint(Cpu, checkpoint)?))
    }

    fn at(session: Session<Cpu>) -> Self {
        Self { place: Place::Cpu(Box::new(session)), reason: String::new(), notice: None }
    }

    /// The session, with its engine's type.
    pub fn parts(&mut self) -> Parts<'_> {
        match &mut self.place {
            Place::Cpu(session) => Parts::Cpu(session),
            Place::Gpu(on_gpu) => Parts::Gpu(&mut on_gpu.session),
        }
    }

    /// Where the arithmetic runs.
    pub fn identity(&self) -> Identity {
        match &self.place {
            Place::Cpu(session) => session.identity(),
            Place::Gpu(on_gpu) => on_gpu.session.identity(),
        }
    }

    /// Why it runs there.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What has to be told to the person since this was last asked.
    pub fn take_notice(&mut self) -> Option<String> {
        self.notice.take()
    }

    /// The tilings found for the GPU in use, to be kept for the next time.
    pub fn plan(&self) -> Option<Plan> {
        match &self.place {
            Place::Cpu(_) => None,
            Place::Gpu(on_gpu) => Some(on_gpu.session.engine().plan()),
        }
    }

    /// Moves to the engine that `wish` comes to: weights, velocities and step go along. `plan` holds the tilings found
    /// for the adapter earlier.
    ///
    /// # Errors
    /// [`Error::Gpu`] if a GPU was wished for and cannot be had or is too small; the session stays where it is then.
    pub async fn move_to(&mut self, wish: Wish, plan: Option<Plan>, now: f64) -> Result<()> {
        let tuning = plan.map_or(Tuning::Measure, Tuning::Remembered);
        let (gpu, reason) = match wish {
            Wish::Cpu => (None, "chosen".to_owned()),
            Wish::Gpu => (Some(Gpu::open(Preference::Any, tuning).await?), "chosen".to_owned()),
            Wish::Auto => {
                let advice = advise(tuning).await;
                (advice.gpu, advice.reason)
            }
        };
        match gpu {
            Some(gpu) => {
                let kept = self.checkpoint().await?;
                let session = match &self.place {
                    Place::Cpu(session) => session.moved(gpu, kept.clone())?,
                    Place::Gpu(on_gpu) => on_gpu.session.moved(gpu, kept.clone())?,
                };
                // What an adapter refuses, it refuses some time later: better now than in the middle of the run.
                session.engine().finish().await?;
                self.place = Place::Gpu(Box::new(OnGpu { session, kept, kept_at: now }));
            }
            None => {
                if let Place::Gpu(on_gpu) = &self.place {
                    let checkpoint = on_gpu.session.checkpoint().await.unwrap_or_else(|_| on_gpu.kept.clone());
                    self.place = Place::Cpu(Box::new(on_gpu.session.moved(Cpu, checkpoint)?));
                }
            }
        }
        self.reason = reason;
        Ok(())
    }

    /// After training: keeps a checkpoint in plain memory, if the last one has become old.
    ///
    /// # Errors
    /// Never for a lost GPU: that is noticed by whoever uses it next.
    pub async fn keep(&mut self, now: f64) -> Result<()> {
        if let Place::Gpu(on_gpu) = &mut self.place
            && now - on_gpu.kept_at >= KEEP_EVERY
            && let Ok(checkpoint) = on_gpu.session.checkpoint().await
        {
            on_gpu.kept = checkpoint;
            on_gpu.kept_at = now;
        }
        Ok(())
    }

    /// Goes over to the CPU engine with the newest checkpoint, because the GPU failed with `problem`; `false` if it ran on
    /// the CPU anyway.
    ///
    /// # Errors
    /// As [`Session::moved`].
    pub fn rescue(&mut self, problem: &str) -> Result<bool> {
        let Place::Gpu(on_gpu) = &self.place else { return Ok(false) };
        let step = on_gpu.kept.step;
        self.place = Place::Cpu(Box::new(on_gpu.session.moved(Cpu, on_gpu.kept.clone())?));
        problem.clone_into(&mut self.reason);
        self.notice =
            Some(format!("{problem}. The run goes on from batch {step} on the CPU engine; nothing else was lost"));
        Ok(true)
    }

    /// Everything needed to go on.
    ///
    /// # Errors
    /// As [`Session::checkpoint`].
    pub async fn checkpoint(&mut self) -> Result<Checkpoint> {
        at_home_or_rescued!(self, session => session.checkpoint().await)
    }

    /// Loses the GPU on purpose, to see that nothing else is.
    ///
    /// # Errors
    /// [`Error::Gpu`] if none is in use.
    pub fn lose(&self) -> Result<()> {
        match &self.place {
            Place::Cpu(_) => Err(Error::Gpu { problem: "none is in use, so none can be lost".to_owned() }),
            Place::Gpu(on_gpu) => {
                on_gpu.session.engine().lose();
                Ok(())
            }
        }
    }
}
