//! The core's tables, which the build of the page asks for.

use super::Result;
use crate::model::table::Tables;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// The tables of settings, recipes and rules.
#[wasm_bindgen]
pub fn tables() -> Result<Ts<Tables>> {
    Ok(Tables::all().into_ts()?)
}
