//! A session on whichever engine it runs, and its moves from one to another: chosen, or forced when a GPU is lost.

use super::Session;
use crate::dataset::source::DataSource;
use crate::engine::choice::{Found, Wish};
use crate::engine::cpu::Cpu;
use crate::engine::gpu::{GoingOn, Gpu, KEEP_EVERY, Losses};
use crate::engine::{Engine, Identity};
use crate::error::{Error, Result};
use crate::model::{Checkpoint, Settings};

/// A session, wherever it runs.
#[derive(Debug)]
pub struct Home {
    place: Place,
    /// Why it runs there, as a sentence; empty if nobody asked.
    reason: String,
    /// What has to be told to the person, once.
    notice: Option<String>,
    losses: Losses,
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
    /// What it was chosen for, and another would be if it were lost.
    wish: Wish,
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

/// As [`at_home!`] for work that reads from the engine: if that fails at the moment `$now`, again where the session is then.
#[macro_export]
macro_rules! at_home_or_rescued {
    ($home:expr, $now:expr, $session:ident => $body:expr) => {
        loop {
            let done = $crate::at_home!($home, $session => $body);
            match &done {
                Err($crate::Error::Gpu { problem }) => {
                    let problem = $crate::Error::Gpu { problem: problem.clone() };
                    if !$home.rescue(problem, $now).await? {
                        break done;
                    }
                }
                _ => break done,
            }
        }
    };
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

    /// Random weights over the data of `source`, on the CPU.
    ///
    /// # Errors
    /// As [`Session::over`].
    pub fn over(settings: Settings, source: DataSource) -> Result<Self> {
        Ok(Self::at(Session::over(Cpu, settings, source)?))
    }

    /// A run as a checkpoint left it, on the CPU.
    ///
    /// # Errors
    /// As [`Session::from_checkpoint`].
    pub fn from_checkpoint(checkpoint: Checkpoint) -> Result<Self> {
        Ok(Self::at(Session::from_checkpoint(Cpu, checkpoint)?))
    }

    /// A run of its own over the data of `session`, from its beginning, on the CPU.
    ///
    /// # Errors
    /// As [`Session::beside`].
    pub fn beside<E: Engine>(session: &Session<E>, settings: Settings) -> Result<Self> {
        Ok(Self::at(session.beside(Cpu, settings)?))
    }

    fn at(session: Session<Cpu>) -> Self {
        let place = Place::Cpu(Box::new(session));
        Self { place, reason: String::new(), notice: None, losses: Losses::default() }
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

    /// Moves to the engine that was found: weights, velocities and step go along.
    ///
    /// # Errors
    /// [`Error::Gpu`] if the GPU that was wished for is too small; the session stays where it is then, as it does, without an
    /// error, where a GPU would only have been faster.
    pub async fn move_to(&mut self, found: Found, now: f64) -> Result<()> {
        match found.gpu {
            Some(gpu) => {
                let kept = self.checkpoint(now).await?;
                match self.settle(gpu, found.wish, kept, now).await {
                    Err(error) if found.wish == Wish::Auto => {
                        self.reason = error.to_string();
                        return Ok(());
                    }
                    settled => settled?,
                }
            }
            None => {
                if let Place::Gpu(on_gpu) = &mut self.place {
                    let checkpoint = on_gpu.session.checkpoint().await.unwrap_or_else(|_| on_gpu.kept.clone());
                    self.place = Place::Cpu(Box::new(on_gpu.session.moved(Cpu, checkpoint)?));
                }
            }
        }
        self.reason = found.reason;
        Ok(())
    }

    /// Goes on from `kept` on `gpu`.
    async fn settle(&mut self, gpu: Gpu, wish: Wish, kept: Checkpoint, now: f64) -> Result<()> {
        let session = match &self.place {
            Place::Cpu(session) => session.moved(gpu, kept.clone())?,
            Place::Gpu(on_gpu) => on_gpu.session.moved(gpu, kept.clone())?,
        };
        // What an adapter refuses, it refuses some time later: better now than in the middle of the run.
        session.engine().finish().await?;
        self.place = Place::Gpu(Box::new(OnGpu { session, wish, kept, kept_at: now }));
        Ok(())
    }

    /// Ends the session, but not the GPU that it was on: that is left to the next.
    #[must_use]
    pub fn leave(self) -> Option<Found> {
        let Place::Gpu(on_gpu) = self.place else { return None };
        Some(Found { wish: on_gpu.wish, gpu: Some(on_gpu.session.into_engine()), reason: self.reason })
    }

    /// Begins another run over the same data, where the session is: see [`Session::begin_again`].
    ///
    /// # Errors
    /// As [`Session::begin_again`].
    pub fn begin_again(&mut self, checkpoint: Checkpoint, now: f64) -> Result<()> {
        match &mut self.place {
            Place::Cpu(session) => session.begin_again(checkpoint),
            Place::Gpu(on_gpu) => {
                on_gpu.session.begin_again(checkpoint.clone())?;
                // From now on a loss must not bring the former run back.
                on_gpu.kept = checkpoint;
                on_gpu.kept_at = now;
                Ok(())
            }
        }
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

    /// Goes on from the newest checkpoint because the GPU failed with `problem` at the moment `now`: on a fresh device or
    /// on the CPU engine, as [`Losses::next`] says. `false` if it ran on the CPU anyway.
    ///
    /// # Errors
    /// As [`Session::moved`].
    pub async fn rescue(&mut self, problem: Error, now: f64) -> Result<bool> {
        let Place::Gpu(on_gpu) = &self.place else { return Ok(false) };
        let (kept, wish) = (on_gpu.kept.clone(), on_gpu.wish);
        let step = kept.step;
        let GoingOn { gpu, problem } = self.losses.next(on_gpu.session.engine(), problem, wish, now).await;
        let refreshed = match gpu {
            Some(gpu) => self.settle(gpu, wish, kept.clone(), now).await.is_ok(),
            None => false,
        };
        if !refreshed && let Place::Gpu(on_gpu) = &self.place {
            self.place = Place::Cpu(Box::new(on_gpu.session.moved(Cpu, kept)?));
            self.reason = problem.to_string();
        }
        let place = if refreshed { "a fresh device" } else { "the CPU engine" };
        self.notice = Some(format!("{problem}. It goes on from batch {step} on {place}; nothing else was lost"));
        Ok(true)
    }

    /// Everything needed to go on.
    ///
    /// # Errors
    /// As [`Session::checkpoint`].
    pub async fn checkpoint(&mut self, now: f64) -> Result<Checkpoint> {
        let checkpoint = at_home_or_rescued!(self, now, session => session.checkpoint().await)?;
        // What has just been read need not be read again to be kept.
        if let Place::Gpu(on_gpu) = &mut self.place {
            on_gpu.kept = checkpoint.clone();
            on_gpu.kept_at = now;
        }
        Ok(checkpoint)
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
