//! A session and the engine it runs on: its moves from one to another, chosen, or forced when a GPU is lost.

use super::{Answer, Question, Session};
use crate::engine::Later;
use crate::engine::choice::{Found, Wish};
use crate::engine::cpu::Cpu;
use crate::engine::gpu::{GoingOn, Gpu, KEEP_EVERY, Losses};
use crate::error::{Error, Result};
use crate::model::Checkpoint;
use std::rc::Rc;

/// A session, wherever it runs.
#[derive(Debug)]
pub struct Home {
    /// The session. What reads from its engine is asked through [`Home::rescued`].
    pub session: Session,
    /// The GPU it runs on; `None` on the CPU engine.
    on_gpu: Option<OnGpu>,
    /// Why it runs there, as a sentence; empty if nobody asked.
    reason: String,
    /// What has to be told to the person, once.
    notice: Option<String>,
    losses: Losses,
}

/// A GPU, whose memory may be lost at any moment.
#[derive(Debug)]
struct OnGpu {
    gpu: Rc<Gpu>,
    /// What it was chosen for, and another would be if it were lost.
    wish: Wish,
    /// What a loss costs nothing beyond.
    kept: Checkpoint,
    kept_at: f64,
}

impl From<Session> for Home {
    /// A session on the CPU engine, where all begin.
    fn from(session: Session) -> Self {
        Self { session, on_gpu: None, reason: String::new(), notice: None, losses: Losses::default() }
    }
}

impl Home {
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
        if let Some(gpu) = found.gpu {
            let kept = self.checkpoint(now).await?;
            match self.settle(gpu, found.wish, kept, now).await {
                Err(error) if found.wish == Wish::Auto => {
                    self.reason = error.to_string();
                    return Ok(());
                }
                settled => settled?,
            }
        } else if let Some(on_gpu) = &self.on_gpu {
            let checkpoint = self.session.checkpoint().await.unwrap_or_else(|_| on_gpu.kept.clone());
            self.settle_on_cpu(checkpoint)?;
        }
        self.reason = found.reason;
        Ok(())
    }

    /// Goes on from `kept` on `gpu`.
    async fn settle(&mut self, gpu: Rc<Gpu>, wish: Wish, kept: Checkpoint, now: f64) -> Result<()> {
        let session = self.session.moved(gpu.clone(), kept.clone())?;
        // What an adapter refuses, it refuses some time later: better now than in the middle of the run.
        gpu.finish().await?;
        self.session = session;
        self.on_gpu = Some(OnGpu { gpu, wish, kept, kept_at: now });
        Ok(())
    }

    /// Goes on from `kept` on the CPU engine.
    fn settle_on_cpu(&mut self, kept: Checkpoint) -> Result<()> {
        self.session = self.session.moved(Rc::new(Cpu), kept)?;
        self.on_gpu = None;
        Ok(())
    }

    /// Ends the session, but not the GPU that it was on: that is left to the next.
    #[must_use]
    pub fn leave(self) -> Option<Found> {
        let OnGpu { gpu, wish, .. } = self.on_gpu?;
        Some(Found { wish, gpu: Some(gpu), reason: self.reason })
    }

    /// Begins another run over the same data, where the session is: see [`Session::begin_again`].
    ///
    /// # Errors
    /// As [`Session::begin_again`].
    pub fn begin_again(&mut self, checkpoint: Checkpoint, now: f64) -> Result<()> {
        let Some(on_gpu) = &mut self.on_gpu else { return self.session.begin_again(checkpoint) };
        self.session.begin_again(checkpoint.clone())?;
        // From now on a loss must not bring the former run back.
        (on_gpu.kept, on_gpu.kept_at) = (checkpoint, now);
        Ok(())
    }

    /// After training: keeps a checkpoint in plain memory, if the last one has become old. A GPU that is lost here is noticed
    /// by whoever uses it next.
    pub async fn keep(&mut self, now: f64) {
        if let Some(on_gpu) = &mut self.on_gpu
            && now - on_gpu.kept_at >= KEEP_EVERY
            && let Ok(checkpoint) = self.session.checkpoint().await
        {
            (on_gpu.kept, on_gpu.kept_at) = (checkpoint, now);
        }
    }

    /// What `work`, which reads from the engine, comes to; if the GPU fails meanwhile, once more where the session is then.
    ///
    /// # Errors
    /// Those of `work`, and as [`Session::moved`].
    pub async fn rescued<T>(&mut self, now: f64, work: impl AsyncFn(&mut Session) -> Result<T>) -> Result<T> {
        loop {
            match work(&mut self.session).await {
                Err(problem @ Error::Gpu { .. }) if self.on_gpu.is_some() => self.rescue(problem, now).await?,
                done => return done,
            }
        }
    }

    /// Answers a question, wherever the session is when it is answered.
    ///
    /// # Errors
    /// As [`Session::answer`] and [`Home::rescued`].
    pub async fn answer(&mut self, question: &Question, clock: &dyn Fn() -> f64) -> Result<Answer> {
        match question {
            // A lost GPU is noticed by the run itself; a copy of the run that has no room is no reason to leave the GPU.
            Question::Profile {} => self.session.answer(question, clock).await,
            _ => self.rescued(clock(), async |session| session.answer(question, clock).await).await,
        }
    }

    /// Goes on from the newest checkpoint because the GPU failed with `problem` at the moment `now`: on a fresh device or
    /// on the CPU engine, as [`Losses::next`] says. In a box, so that not every question of the page contains a copy of it.
    fn rescue(&mut self, problem: Error, now: f64) -> Later<'_, ()> {
        Box::pin(async move {
            let Some(OnGpu { gpu, wish, kept, .. }) = &self.on_gpu else { return Ok(()) };
            let (wish, kept) = (*wish, kept.clone());
            let step = kept.step;
            let GoingOn { gpu, problem } = self.losses.next(gpu, problem, wish, now).await;
            let refreshed = match gpu {
                Some(gpu) => self.settle(gpu, wish, kept.clone(), now).await.is_ok(),
                None => false,
            };
            if !refreshed {
                self.settle_on_cpu(kept)?;
                self.reason = problem.to_string();
            }
            let place = if refreshed { "a fresh device" } else { "the CPU engine" };
            self.notice = Some(format!("{problem}. It goes on from batch {step} on {place}; nothing else was lost"));
            Ok(())
        })
    }

    /// Everything needed to go on.
    ///
    /// # Errors
    /// As [`Session::checkpoint`].
    pub async fn checkpoint(&mut self, now: f64) -> Result<Checkpoint> {
        let checkpoint = self.rescued(now, async |session| session.checkpoint().await).await?;
        // What has just been read need not be read again to be kept.
        if let Some(on_gpu) = &mut self.on_gpu {
            (on_gpu.kept, on_gpu.kept_at) = (checkpoint.clone(), now);
        }
        Ok(checkpoint)
    }

    /// Loses the GPU on purpose, to see that nothing else is.
    ///
    /// # Errors
    /// [`Error::Gpu`] if none is in use.
    pub fn lose(&self) -> Result<()> {
        match &self.on_gpu {
            None => Err(Error::Gpu { problem: "none is in use, so none can be lost".to_owned() }),
            Some(on_gpu) => {
                on_gpu.gpu.lose();
                Ok(())
            }
        }
    }
}
