//! Forward-Forward learning.

pub mod dataset;
pub mod drawing;
pub mod engine;
pub mod error;
pub mod model;
pub mod negatives;
pub mod training;

pub use error::{Error, Result};
