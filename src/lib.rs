//! Forward-Forward learning: a network trained by two forward passes and nothing backward.
//!
//! Geoffrey Hinton, "The Forward-Forward Algorithm: Some Preliminary Investigations" (2022). A layer computes activities
//! `h = relu(x·W + b)` from an input of length one, and its *goodness* is `g = Σ h²`. It sees *positive* data, pictures with
//! their true label written into the first pixels, and *negative* data, the same pictures with a wrong one. By itself,
//! from nothing but its own input and output, it raises the goodness of positive data above a threshold `θ` and lowers that
//! of negative data below:
//!
//! ```text
//! p(real) = σ((g − θ)/T)        ΔW ∝ X₊ᵀ (1 − p)·h₊  −  X₋ᵀ p·h₋
//! ```
//!
//! What it hands on is its activities, normalised: their direction, not their goodness, so that the next layer has
//! something left to find out. No derivative crosses from one layer to another.
//!
//! A picture is read by writing in each label in turn and taking the one that gives the most goodness, or in one pass with a
//! neutral label by a softmax on the activities, whose opinion also finds the wrong labels worth learning to reject.
//!
//! | module | what it does |
//! |---|---|
//! | [`dataset`] | images and labels as bytes: MNIST's files, built-in pen strokes |
//! | [`drawing`] | a person's drawing, or a photograph, as the picture MNIST would hold |
//! | [`negatives`] | which wrong label a picture is shown with |
//! | [`model`] | settings, layers, softmax head, checkpoints |
//! | [`recipe`] | the paper's experiments: what a batch means to each, and how it reads |
//! | [`training`] | the run: its schedule, the order of pictures, reports, testing |
//! | [`engine`] | where arithmetic runs: the seam, the CPU engine, the GPU engine |
//! | [`session`] | one person's run, in slices of time, on whichever engine |
//! | [`clock`] | the time, natively and in a page |
//! | `web` | the door to JavaScript (WebAssembly only) |

// What unit tests share with those of `tests/` calls the crate by its name.
#[cfg(test)]
extern crate self as forward_forward;

pub mod clock;
pub mod dataset;
pub mod drawing;
pub mod engine;
pub mod error;
pub mod model;
pub mod negatives;
mod order;
pub mod recipe;
pub mod session;
pub mod training;
#[cfg(all(target_arch = "wasm32", feature = "gpu"))]
pub mod web;

pub use error::{Error, Result};
