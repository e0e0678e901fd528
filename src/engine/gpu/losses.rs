//! What a run does that may lose its device at any moment.

use super::{Gpu, Tuning, Wish};
use crate::error::Error;

/// How old the checkpoint that stands in for a lost GPU may become while training, milliseconds.
pub const KEEP_EVERY: f64 = 1_500.0;

/// How soon after a loss another one says that this GPU cannot be relied on, milliseconds.
const TOO_SOON: f64 = 60_000.0;

/// The losses of a run, and what comes after each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Losses {
    last: Option<f64>,
}

/// How a run goes on after its GPU failed.
#[derive(Debug)]
pub struct GoingOn {
    /// A fresh device; `None` for the CPU engine.
    pub gpu: Option<Gpu>,
    /// What went wrong, as far as it is known by now.
    pub problem: Error,
}

impl Losses {
    /// Where a run goes on that was on `gpu` for `wish`, when that failed with `problem` at the moment `now`: on a fresh
    /// device if this one was lost; on the CPU engine if it cannot do what it was told, if there is no other to be had, or
    /// if this is the second loss within a minute.
    pub async fn next(&mut self, gpu: &Gpu, problem: Error, wish: Wish, now: f64) -> GoingOn {
        let Some(problem) = gpu.loss() else { return GoingOn { gpu: None, problem } };
        let soon = self.last.replace(now).is_some_and(|last| now - last < TOO_SOON);
        let fresh = if soon { None } else { Gpu::open(wish.preference(), Tuning::Remembered(gpu.plan())).await.ok() };
        GoingOn { gpu: fresh, problem }
    }
}
