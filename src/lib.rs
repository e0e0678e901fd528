//! Forward-Forward learning.

pub mod dataset;
pub mod drawing;
pub mod error;

pub use error::{Error, Result};
