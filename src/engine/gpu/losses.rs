//! What a run does that may lose its device at any moment.

use super::Gpu;
use crate::engine::choice::Wish;
use crate::error::Error;
use std::rc::Rc;

/// How old the checkpoint that stands in for a lost GPU may become while training, milliseconds.
pub const KEEP_EVERY: f64 = 1_500.0;

/// How soon after a loss another one says that this GPU cannot be relied on, milliseconds.
const TOO_SOON: f64 = 60_000.0;

/// The GPUs a run has lost, and what comes after each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Losses {
    last: Option<f64>,
}

/// How a run goes on after its GPU failed.
#[derive(Debug)]
pub struct GoingOn {
    /// A fresh device; `None` for the CPU engine.
    pub gpu: Option<Rc<Gpu>>,
    /// What went wrong, as far as it is known by now.
    pub problem: Error,
}

impl Losses {
    /// Where a run goes on that was on `gpu` for `wish`, when that failed with `problem` at the moment `now`: on a fresh
    /// device, but on the CPU engine if memory was short, if there is no other device to be had, or if this is the second
    /// time within a minute. A refused command is no reason not to try: it may be how a loss shows, before it is told.
    pub async fn next(&mut self, gpu: &Gpu, problem: Error, wish: Wish, now: f64) -> GoingOn {
        let soon = self.last.replace(now).is_some_and(|last| now - last < TOO_SOON);
        let fresh = if soon || gpu.failure.is_exhausted() { None } else { Gpu::open(wish.preference()).await.ok() };
        GoingOn { gpu: fresh.map(Rc::new), problem: gpu.loss().unwrap_or(problem) }
    }
}
