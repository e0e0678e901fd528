//! Forward-Forward learning.

pub mod dataset;
pub mod drawing;
pub mod engine;
pub mod error;
pub mod model;
pub mod negatives;
pub mod session;
pub mod training;
#[cfg(target_arch = "wasm32")]
pub mod web;

pub use error::{Error, Result};
