//! The table of settings: everything a person can choose about a run.
//!
//! One line for each setting. From it follow the checkpoint's fields, the checks, the address, the page's form, the flags of
//! `ff train` and the table in README.md.

use super::rules::LayerRule;
use super::table::{Setting, Value, Values, Word, settings, word};
use super::{LabelPlace, NegativeKind, RecipeEntry, RecipeKind, RuleScope};
use crate::engine::Obstacle;
use crate::negatives::Negatives;
use serde::{Deserialize, Serialize};

/// What the recurrent net adds of its state one step ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum PreviousState {
    /// The state itself.
    #[default]
    Raw,
    /// Its direction.
    Normalised,
}

/// Range of a temperature.
pub(super) const TEMPERATURE: Values = Values::Number { from: 0.01, to: 1000.0, whole: false, unit: "" };
/// Range of a threshold.
pub(super) const THRESHOLD: Values =
    Values::Number { from: 0.01, to: 100.0, whole: false, unit: "times the layer's units" };

const NEGATIVES: &[Word] = &[
    word("softmax", "hard: softmax head’s guess", "labels that the softmax head finds likely"),
    word("goodness", "hard: most goodness", "labels with much goodness"),
    word("random", "any wrong label", "each wrong label equally often"),
];
const PREVIOUS: &[Word] = &[
    word("raw", "as it was", "the state itself"),
    word("normalised", "its direction (normalised)", "the direction of the state"),
];
const OBSTACLES: &[Word] = &[
    word("none", "no box", "no box"),
    word("median", "binarise at the median", "1 above the row’s median, 0 elsewhere"),
    word("sine", "sin(1/x)", "sin(1/x)"),
    word("table", "a table drawn at random", "a table drawn at random"),
];

settings! {
    /// The experiment.
    recipe: RecipeKind = RecipeKind::Supervised, Setting::new("Recipe", Values::Recipe).restart().apart();
    /// Units of each hidden layer, from the bottom; under windows a multiple of 1,024.
    layers: Vec<usize> = vec![500; 3], Setting::new("Layers", Values::Layers { most: 8, from: 10, to: 3072 }).restart();
    /// Positions each way that a unit sees of the layer below, an odd number.
    window: usize = 0, Setting::whole("Window", 0, 31, "positions each way (0: all)").restart().noted()
        .when(|recipe| recipe.windows);
    /// Pictures in each batch.
    batch: usize = 100, Setting::whole("Batch", 1, 1000, "pictures").restart();
    /// Every random choice of the run follows from it.
    seed: u32 = 1, Setting::whole("Seed", 0, u32::MAX, "").restart();
    /// Learning rate ε.
    rate: f32 = 0.02, Setting::real("Rate ε", 0.0, 1.0, "");
    /// Temperature T of p(real) = σ((g − θ)/T).
    temperature: f32 = 20.0, Setting::new("Temperature T", TEMPERATURE).when(|recipe| recipe.goodness);
    /// Each picture is shifted by up to this many pixels each way, anew in every epoch.
    jitter: usize = 1, Setting::whole("Jitter, pixels", 0, 4, "pixels");
    /// How often the run goes through the training data; the rate falls to about zero over the second half.
    epochs: usize = 10, Setting::whole("Epochs", 1, 1000, "epochs");
    /// How wrong labels are chosen.
    negatives: Negatives = Negatives::Softmax, Setting::choice("Negatives", NEGATIVES)
        .when(|recipe| recipe.negatives == NegativeKind::Labels);
    /// Weight cost c.
    weight_cost: f32 = 0.001, Setting::real("Weight cost c", 0.0, 1.0, "").rare();
    /// Strength λ of peer normalisation.
    peer: f32 = 0.03, Setting::real("Peer term λ", 0.0, 10.0, "").rare().when(|recipe| recipe.goodness);
    /// Learning rate of the softmax head.
    head_rate: f32 = 0.1, Setting::real("Head’s rate", 0.0, 10.0, "").rare();
    /// Weight cost of the softmax head.
    head_weight_cost: f32 = 0.003, Setting::real("Head’s cost", 0.0, 1.0, "").rare();
    /// How often the random bits of a hybrid's mask are blurred.
    blurs: usize = 6, Setting::whole("Mask’s blurs", 0, 20, "times").rare().when(RecipeEntry::hybrids);
    /// Share of the old state in the new one.
    damping: f32 = 0.3, Setting::real("Damping", 0.0, 0.95, "").rare().when(|recipe| recipe.steps);
    /// What a layer adds of its state one step ago.
    previous: PreviousState = PreviousState::Raw, Setting::choice("Old state", PREVIOUS).rare()
        .flag("normalised-state", "normalised").when(|recipe| recipe.steps);
    /// The time steps whose goodness a reading takes the mean of, counted from 1.
    settled: [usize; 2] = [3, 5], Setting::new("Steps that decide", Values::Span).rare().when(|recipe| recipe.steps);
    /// Threshold θ as a multiple of the layer's units.
    threshold: f32 = 1.0, Setting::new("θ a unit", THRESHOLD).restart().rare().when(|recipe| recipe.goodness);
    /// The first layer that votes and that the softmax head reads; 0 is the paper's choice.
    reads_from: usize = 0, Setting::whole("Reads from L", 0, 8, "(0 leaves it to the recipe)").restart().rare().noted()
        .when(|recipe| recipe.goodness);
    /// Momentum μ of weights, biases and head.
    momentum: f32 = 0.9, Setting::real("Momentum", 0.0, 0.999, "").restart().rare();
    /// Epochs for the softmax head alone, after all others; with 0 it learns all the time.
    head_epochs: usize = 0, Setting::whole("Head’s epochs", 0, 1000, "epochs").restart().rare().noted()
        .when(RecipeEntry::hybrids);
    /// Time steps for which a picture is shown.
    steps: usize = 8, Setting::whole("Time steps", 1, 20, "time steps").restart().rare().when(|recipe| recipe.steps);
    /// How layers differ from the standard one, from the bottom.
    rules: Vec<LayerRule> = vec![], Setting::new("Rules", Values::Rules).restart().apart()
        .when(|recipe| recipe.rules != RuleScope::None);
    /// Whether a layer hands on its activities at length one. Otherwise the next layer hears how loud they are, too.
    normalise: bool = true, Setting::new("Normalise between layers", Values::Switch).restart().apart()
        .flag("no-normalisation", "false").when(|recipe| recipe.goodness && !recipe.steps);
    /// A box between two layers: a function without a useful derivative.
    obstacle: Obstacle = Obstacle::None, Setting::choice("A box nobody can differentiate", OBSTACLES).restart().apart()
        .when(|recipe| recipe.boxes);
    /// The layer that the box stands behind.
    obstacle_after: usize = 1, Setting::whole("behind layer", 1, 7, "").restart().apart().when(|recipe| recipe.boxes);
    /// Layers do not wait for one another; needs random negatives.
    pipelined: bool = false, Setting::new("Layers do not wait", Values::Switch).restart().apart()
        .flag("pipelined", "true").when(|recipe| recipe.label == LabelPlace::Picture);
}
