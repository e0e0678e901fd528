//! What is learned: checked settings, the layers of a network, its softmax head, and how they are kept.

pub mod checkpoint;
mod checks;
pub mod fitting;
mod network;
mod parameters;
mod recipes;
mod rounding;
mod rules;
mod schedule;
mod settings;
pub mod table;
mod windows;

pub use checkpoint::Checkpoint;
pub use network::Network;
pub use parameters::{Ends, Parameters};
pub use recipes::{LabelPlace, NegativeKind, RECIPES, RecipeEntry, RecipeKind, RuleScope};
pub use rounding::Fineness;
pub use rules::{LayerRule, PARTS, RulePart};
pub use settings::{PreviousState, Settings};
