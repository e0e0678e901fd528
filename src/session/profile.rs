//! Where a step's time goes, on an engine that can tell.
//!
//! A copy of the run takes the steps and is thrown away: so a run at rest can be asked, too, and none is changed by it.

use super::Session;
use crate::engine::Spent;
use crate::error::Result;
use crate::training::Trainer;
use serde::Serialize;

/// Batches watched at most.
const STEPS: usize = 50;
/// How long new ones are begun, in milliseconds.
const BUDGET: f64 = 500.0;

/// Where the time of some steps went.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Profile {
    /// Batches learned from meanwhile.
    pub steps: usize,
    /// What they spent it on, the longest first.
    pub spent: Vec<Spent>,
}

impl Session {
    /// Where the time of the step that comes goes: by up to fifty batches of a copy of the run, at least one, and no more than
    /// are begun in half a second of `clock`. `None` for an engine that cannot tell.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) if the data are not ready; when the engine was lost or has no room for a copy.
    pub async fn profile(&mut self, clock: &dyn Fn() -> f64) -> Result<Option<Profile>> {
        let data = self.data.training_set()?;
        let run = self.trainer.checkpoint(&*self.engine).await?;
        let mut copy = Trainer::new(&*self.engine, run, data.labels.len())?;
        for (layer, frozen) in self.trainer.frozen().iter().enumerate() {
            copy.freeze(layer, *frozen);
        }
        // In the first step kernels are made ready that the run has not needed yet.
        copy.step(&*self.engine, data)?;
        if !self.engine.watch()? {
            return Ok(None);
        }
        let began = clock();
        let mut steps = 0;
        while steps == 0 || steps < STEPS && clock() - began < BUDGET {
            copy.step(&*self.engine, data)?;
            self.engine.pace().await?;
            steps += 1;
        }
        Ok(Some(Profile { steps, spent: self.engine.spent().await? }))
    }
}

#[cfg(test)]
mod tests {
    use crate::session::tests::{saved, session, small, steps};
    use pollster::block_on;

    #[test]
    fn an_engine_that_cannot_tell_leaves_the_run_alone() {
        let mut session = session(small());
        steps(&mut session, 2);
        let before = saved(&mut session);
        assert_eq!(block_on(session.profile(&|| 0.0)).unwrap(), None);
        assert_eq!(saved(&mut session), before);
    }
}
