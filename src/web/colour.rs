//! Pictures in colour, and the nets that see them through windows.

use super::{Result, Session};
use crate::clock::now;
use crate::dataset::{LABELS, cifar, class_names, source::DataSource};
use crate::model::Settings;
use crate::session::{self, Places};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// What the ten labels of the data set `name` mean; their digits, where they are digits.
#[wasm_bindgen]
pub fn label_names(name: &str) -> Vec<String> {
    match class_names(name) {
        Some(names) => names.map(str::to_owned).to_vec(),
        None => (0..LABELS).map(|label| label.to_string()).collect(),
    }
}

#[wasm_bindgen]
impl Session {
    /// Random weights on the CPU engine, for CIFAR-10, which `use_data` brings.
    pub fn for_cifar(settings: Ts<Settings>) -> Result<Session> {
        let (train, test) = (5 * cifar::PICTURES, cifar::PICTURES);
        let source = DataSource { name: "cifar10".to_owned(), train, test, seed: 0 };
        Ok(session::Session::over(settings.to_rust()?, source)?.into())
    }

    /// Random weights on the CPU engine, over built-in objects in colour; `prepare` paints them.
    pub fn painted(settings: Ts<Settings>, train: usize, test: usize, seed: u32) -> Result<Session> {
        let source = DataSource { name: "objects".to_owned(), train, test, seed: u64::from(seed) };
        Ok(session::Session::over(settings.to_rust()?, source)?.into())
    }

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
