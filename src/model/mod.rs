//! What is learned: checked settings, the layers of a network, its softmax head, and how they are kept.

pub mod checkpoint;
pub mod fitting;
mod network;
mod rounding;
mod settings;
mod windows;

pub use checkpoint::Checkpoint;
pub use network::{Ends, Network, Parameters};
pub use rounding::Fineness;
pub use settings::{LayerRule, PreviousState, RecipeKind, Settings};
