//! Pictures in colour, and the nets that see them through windows.

use super::{Result, Session};
use crate::clock::now;
use crate::session::Places;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Session {
    /// Where in a picture of 32×32×3 bytes each layer finds its goodness under a label; `undefined` where there are no
    /// positions, or no goodness.
    pub async fn places(&mut self, image: Vec<u8>, label: u8) -> Result<Option<Ts<Places>>> {
        let places = self.0.rescued(now(), async |session| session.places(&image, label).await).await?;
        Ok(match places {
            Some(places) => Some(places.into_ts()?),
            None => None,
        })
    }
}
