//! Where a step's time goes.

use super::{Result, Session};
use crate::clock::now;
use crate::session::Profile;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Session {
    /// Where the time of a step goes, by some dozen batches of a copy of the run that are begun in `budget_ms`. `undefined` where
    /// the engine cannot tell.
    // A GPU that is lost meanwhile is noticed by the run itself; a copy that has no room is no reason to leave the GPU.
    pub async fn profile(&mut self, budget_ms: f64) -> Result<Option<Ts<Profile>>> {
        let profile = self.0.session.profile(budget_ms, &now).await?;
        Ok(match profile {
            Some(profile) => Some(profile.into_ts()?),
            None => None,
        })
    }
}
