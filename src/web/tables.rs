//! The core's tables, which the page asks for once.

use super::Result;
use crate::engine::metric;
use crate::model::table::Tables;
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// The axis of goodness histograms: octaves above the threshold, `log2(g/θ)`; the end bins collect the rest.
#[derive(Serialize, Tsify)]
pub struct HistogramAxis {
    from: f32,
    to: f32,
    bins: usize,
}

/// The axis of goodness histograms.
#[wasm_bindgen]
pub fn histogram_axis() -> Result<Ts<HistogramAxis>> {
    Ok(HistogramAxis { from: metric::FROM, to: metric::TO, bins: metric::BINS }.into_ts()?)
}

/// The tables of settings, recipes and rules.
#[wasm_bindgen]
pub fn tables() -> Result<Ts<Tables>> {
    Ok(Tables::all().into_ts()?)
}
