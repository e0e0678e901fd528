//! Pictures in colour, and the nets that see them through windows.

use super::{Result, Session};
use crate::dataset::{LABELS, cifar, class_names, source::DataSource};
use crate::engine::Sign;
use crate::model::{RecipeKind, Settings};
use crate::session;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// Settings recommended for the page's nets with windows, by recurrent or backprop; `minimise` is what positive pictures do to
/// goodness. Those of the paper, but for batches that are over in a moment on a browser's CPU.
#[wasm_bindgen]
pub fn recommended_local(recipe: Ts<RecipeKind>, minimise: bool) -> Result<Ts<Settings>> {
    let sign = if minimise { Sign::Minimise } else { Sign::Maximise };
    Ok(Settings::page_local(recipe.to_rust()?, sign).into_ts()?)
}

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
}
