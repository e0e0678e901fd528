//! Everything a person can choose about a run, checked in one place.

use crate::engine::{Activation, Goodness, Obstacle, Rule, Sign};
use crate::error::{Error, Result};
use crate::negatives::Negatives;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// Which experiment of the paper a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum RecipeKind {
    /// The label in the picture; negatives carry a wrong one (section 3.3).
    #[default]
    Supervised,
    /// No labels; negatives are hybrids of two digits, and a softmax reads what was learned (section 3.2).
    Unsupervised,
    /// The picture as a still video, the label on top (section 3.4).
    Recurrent,
    /// Backpropagation through a net of the same shape: the baseline.
    Backprop,
}

/// What the recurrent net adds of its state one step ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum PreviousState {
    /// As it was.
    #[default]
    Raw,
    /// Its direction.
    Normalised,
}

/// What makes one layer differ from the standard one: the paper's open questions (sections 2.1 and 9).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LayerRule {
    /// Of its units.
    pub activation: Activation,
    /// Of its activities.
    pub goodness: Goodness,
    /// Which way positive pictures push it.
    pub sign: Sign,
    /// Threshold θ as a multiple of the layer's units, if not the run's.
    pub threshold: Option<f32>,
    /// Temperature T, if not the run's.
    pub temperature: Option<f32>,
    /// Into how many blocks of units the layer is cut, each with a goodness of its own; 0 and 1 are one.
    pub blocks: usize,
    /// In the first layer: whether each block sees a region of the picture of its own.
    pub regions: bool,
}

impl LayerRule {
    /// What the engine is told.
    pub fn rule(&self) -> Rule {
        let Self { activation, goodness, sign, blocks, .. } = *self;
        Rule { activation, goodness, sign, blocks: blocks.max(1) }
    }

    /// Rules of several layers as one writes them in an address or on a command line: layers separated by semicolons, each a
    /// list of words such as `minimise blocks=5`; a layer of no words is the standard one.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the word that is none.
    pub fn list(text: &str) -> Result<Vec<Self>> {
        text.split(';').map(Self::words).collect()
    }

    fn words(text: &str) -> Result<Self> {
        let mut rule = Self::default();
        for word in text.split([' ', '+']).filter(|word| !word.is_empty()) {
            let wrong = || {
                let expected = "choose relu, tanh, squares, sum, maximise, minimise, threshold=X, temperature=X, blocks=K or \
                                regions";
                Error::setting("rules", word, expected)
            };
            match word.split_once('=') {
                None => match word {
                    "relu" => rule.activation = Activation::Relu,
                    "tanh" => rule.activation = Activation::Tanh,
                    "squares" => rule.goodness = Goodness::Squares,
                    "sum" => rule.goodness = Goodness::Sum,
                    "maximise" => rule.sign = Sign::Maximise,
                    "minimise" => rule.sign = Sign::Minimise,
                    "regions" => rule.regions = true,
                    _ => return Err(wrong()),
                },
                Some(("threshold", value)) => rule.threshold = Some(number(value).ok_or_else(wrong)?),
                Some(("temperature", value)) => rule.temperature = Some(number(value).ok_or_else(wrong)?),
                Some(("blocks", value)) => rule.blocks = value.parse().map_err(|_| wrong())?,
                Some(_) => return Err(wrong()),
            }
        }
        Ok(rule)
    }
}

/// The number that `text` is, as JSON writes numbers. `str::parse` would add 10 KB of tables to the page's core.
fn number(text: &str) -> Option<f32> {
    serde_json::from_str(text).ok()
}

/// A run's settings. The names are those of the URL, the command line and the checkpoint.
///
/// What a file or a caller leaves out has its default, so that a setting can be added and every older file still be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Settings {
    /// Units of each hidden layer, from the bottom.
    pub layers: Vec<usize>,
    /// Pictures a batch.
    pub batch: usize,
    /// How often the training data are gone through; the rate falls to about zero over the second half.
    pub epochs: usize,
    /// Every random choice follows from it.
    pub seed: u32,
    /// Learning rate ε.
    pub rate: f32,
    /// Temperature T of `p(real) = σ((g − θ)/T)`.
    pub temperature: f32,
    /// Threshold θ as a multiple of the layer's units.
    pub threshold: f32,
    /// Momentum μ of weights, biases and head.
    pub momentum: f32,
    /// Weight cost c.
    pub weight_cost: f32,
    /// Strength λ of peer normalisation.
    pub peer: f32,
    /// Learning rate of the softmax head.
    pub head_rate: f32,
    /// Weight cost of the softmax head.
    pub head_weight_cost: f32,
    /// How wrong labels are chosen.
    pub negatives: Negatives,
    /// Each picture is shifted by up to this many pixels each way, anew in every epoch; the label is written after.
    pub jitter: usize,
    /// Which experiment.
    pub recipe: RecipeKind,
    /// The first hidden layer (from 1) whose goodness counts in a reading and that the softmax head reads; 0 leaves it to
    /// the recipe: see [`Settings::first_voter`].
    pub reads_from: usize,
    /// Unsupervised: epochs in which only the softmax head learns, after all others; 0 has it learn on the way.
    pub head_epochs: usize,
    /// Unsupervised: how often the random bits of a mask are blurred.
    pub blurs: usize,
    /// Recurrent: time steps a picture is shown for.
    pub steps: usize,
    /// Recurrent: share of the old state in the new one.
    pub damping: f32,
    /// Recurrent: what is taken of the old state.
    pub previous: PreviousState,
    /// Recurrent: the steps (from 1, both counted in) whose goodness a reading takes the mean of.
    pub settled: [usize; 2],
    /// What makes single layers, from the bottom, differ from the standard one; layers not named do not.
    pub rules: Vec<LayerRule>,
    /// Whether what a layer hands on is brought to length one. Without, the next layer can read off the verdict.
    pub normalise: bool,
    /// A box between two layers that nobody can differentiate.
    pub obstacle: Obstacle,
    /// The layer (from 1) that the box stands behind.
    pub obstacle_after: usize,
    /// Supervised, random negatives: layer after layer works on another batch, none waits for another.
    pub pipelined: bool,
    /// Recurrent and backprop: a unit sees a square of so many positions each way of the layer below, and of the one above;
    /// 0: all of it. Layers have as many units a position as their size says (paper, section 4).
    pub window: usize,
}

impl Default for Settings {
    /// The recommended settings of the supervised recipe: 3×500, ε = 0.02 with T = 20, and pictures shifted by up to a pixel.
    fn default() -> Self {
        Self { rate: 0.02, temperature: 20.0, jitter: 1, ..Self::hinton() }
    }
}

impl Settings {
    /// What is recommended for `recipe`.
    pub fn recommended(recipe: RecipeKind) -> Self {
        // The other experiments stay comparable with the published ones, which were made without shifts.
        let standard = Self { recipe, jitter: 0, ..Self::default() };
        match recipe {
            RecipeKind::Supervised => Self::default(),
            RecipeKind::Unsupervised => Self {
                rate: 0.01,
                head_rate: 0.3,
                head_weight_cost: 0.0003,
                epochs: 20,
                negatives: Negatives::Random,
                ..standard
            },
            RecipeKind::Recurrent => Self { layers: vec![500, 500], rate: 0.003, temperature: 1.0, ..standard },
            RecipeKind::Backprop => Self {
                rate: 0.6,
                weight_cost: 0.0,
                head_weight_cost: 0.0,
                epochs: 20,
                negatives: Negatives::Random,
                ..standard
            },
        }
    }

    /// What makes layer `index` (from 0) differ.
    pub fn layer_rule(&self, index: usize) -> LayerRule {
        self.rules.get(index).copied().unwrap_or_default()
    }

    /// Threshold θ of layer `index` (from 0) a unit.
    pub fn threshold_of(&self, index: usize) -> f32 {
        self.layer_rule(index).threshold.unwrap_or(self.threshold)
    }

    /// Temperature T of layer `index` (from 0).
    pub fn temperature_of(&self, index: usize) -> f32 {
        self.layer_rule(index).temperature.unwrap_or(self.temperature)
    }

    /// The first layer (from 0) whose goodness counts in a reading, and that the softmax head reads.
    ///
    /// Where labels are in the picture the first layer sees them directly, so it has no say, unless it is the only one
    /// (paper, section 3.3); the others let all layers vote, and backprop's softmax reads the last alone.
    pub fn first_voter(&self) -> usize {
        let last = self.layers.len() - 1;
        match self.reads_from {
            _ if self.recipe == RecipeKind::Backprop => last,
            0 if self.recipe == RecipeKind::Supervised => last.min(1),
            0 => 0,
            from => (from - 1).min(last),
        }
    }

    /// Whether a layer reads the direction of the one below only; backprop's reads it as it is.
    pub fn reads_direction(&self) -> bool {
        self.normalise && self.recipe != RecipeKind::Backprop
    }

    /// All epochs of the run, those of the head alone included.
    pub fn all_epochs(&self) -> usize {
        self.epochs + if self.recipe == RecipeKind::Unsupervised { self.head_epochs } else { 0 }
    }

    /// Hinton's published settings (MATLAB code of 2022), on 3×500 units: ε = 0.01 and T = 1.
    pub fn hinton() -> Self {
        Self {
            layers: vec![500, 500, 500],
            batch: 100,
            epochs: 10,
            seed: 1,
            rate: 0.01,
            temperature: 1.0,
            threshold: 1.0,
            momentum: 0.9,
            weight_cost: 0.001,
            peer: 0.03,
            head_rate: 0.1,
            head_weight_cost: 0.003,
            negatives: Negatives::Softmax,
            jitter: 0,
            recipe: RecipeKind::Supervised,
            reads_from: 0,
            head_epochs: 0,
            blurs: 6,
            steps: 8,
            damping: 0.3,
            previous: PreviousState::Raw,
            settled: [3, 5],
            rules: vec![],
            normalise: true,
            obstacle: Obstacle::None,
            obstacle_after: 1,
            pipelined: false,
            window: 0,
        }
    }

    /// Itself, if every setting is in its range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first setting that is not, and its range.
    pub fn checked(self) -> Result<Self> {
        within("layers", &self.layers.len(), 1..=8, "hidden layers")?;
        for units in &self.layers {
            within("layers", units, 10..=3072, "units in each layer")?;
        }
        within("batch", &self.batch, 1..=1000, "pictures")?;
        within("epochs", &self.epochs, 1..=1000, "epochs")?;
        within("rate", &self.rate, 0.0..=1.0, "")?;
        within("temperature", &self.temperature, 0.01..=1000.0, "")?;
        within("threshold", &self.threshold, 0.01..=100.0, "times the layer's units")?;
        within("momentum", &self.momentum, 0.0..=0.999, "")?;
        within("weight_cost", &self.weight_cost, 0.0..=1.0, "")?;
        within("peer", &self.peer, 0.0..=10.0, "")?;
        within("head_rate", &self.head_rate, 0.0..=10.0, "")?;
        within("head_weight_cost", &self.head_weight_cost, 0.0..=1.0, "")?;
        within("jitter", &self.jitter, 0..=4, "pixels")?;
        within("reads_from", &self.reads_from, 0..=self.layers.len(), "(0 leaves it to the recipe)")?;
        within("head_epochs", &self.head_epochs, 0..=1000, "epochs")?;
        within("blurs", &self.blurs, 0..=20, "times")?;
        within("steps", &self.steps, 1..=20, "time steps")?;
        within("damping", &self.damping, 0.0..=0.95, "")?;
        within("window", &self.window, 0..=31, "positions each way (0: all)")?;
        within("settled", &self.settled[0], 1..=self.steps, "(the first step that counts)")?;
        within("settled", &self.settled[1], self.settled[0]..=self.steps, "(the last step that counts)")?;
        self.rules_checked()?;
        self.go_together()?;
        Ok(self)
    }

    fn rules_checked(&self) -> Result<()> {
        within("rules", &self.rules.len(), 0..=self.layers.len(), "layers")?;
        for (index, (rule, &units)) in self.rules.iter().zip(&self.layers).enumerate() {
            within("threshold", &self.threshold_of(index), 0.01..=100.0, "times the layer's units")?;
            within("temperature", &self.temperature_of(index), 0.01..=1000.0, "")?;
            let blocks = rule.blocks.max(1);
            if blocks > 64 || !units.is_multiple_of(4 * blocks) && blocks > 1 {
                let expected =
                    format!("layer {} has {units} units; choose up to 64 blocks of a multiple of 4", index + 1);
                return Err(Error::setting("blocks", blocks, expected));
            }
            if rule.regions && (index > 0 || blocks == 1) {
                let expected = "only the first layer sees the picture, and it takes two blocks or more";
                return Err(Error::setting("regions", "true", expected));
            }
            // Activities of tanh are below 1, so its squares and sums are below N.
            if rule.activation == Activation::Tanh && self.threshold_of(index) >= 1.0 {
                let expected =
                    "tanh stays below 1, so goodness can never reach θ = N; choose a threshold below 1, such as 0.5";
                return Err(Error::setting("threshold", self.threshold_of(index), expected));
            }
        }
        Ok(())
    }

    /// Settings each of which is possible, but not beside the others.
    fn go_together(&self) -> Result<()> {
        let name = match self.recipe {
            RecipeKind::Supervised => "supervised",
            RecipeKind::Unsupervised => "unsupervised",
            RecipeKind::Recurrent => "recurrent",
            RecipeKind::Backprop => "backprop",
        };
        let recurrent = self.recipe == RecipeKind::Recurrent;
        let refuse = |setting, value: &str, expected: &str| Err(Error::setting(setting, value, expected));
        if recurrent && !(2..=3).contains(&self.layers.len()) {
            return refuse("layers", &self.layers.len().to_string(), "the recurrent net has 2 or 3 hidden layers");
        }
        let plain = |rule: &LayerRule| rule.rule() == (Rule { sign: rule.sign, ..Rule::default() });
        if recurrent && !self.rules.iter().all(plain) {
            return refuse("rules", "another activation or goodness", "the recurrent net is made of ReLU and squares");
        }
        let layered = matches!(self.recipe, RecipeKind::Supervised | RecipeKind::Unsupervised);
        if !layered && self.recipe != RecipeKind::Backprop && self.obstacle != Obstacle::None {
            return refuse("obstacle", "a box", "the recurrent net has no room for it; choose another recipe");
        }
        if self.obstacle != Obstacle::None && !(1..self.layers.len()).contains(&self.obstacle_after) {
            let expected = "the box stands between two hidden layers; choose the lower one of them";
            return refuse("obstacle_after", &self.obstacle_after.to_string(), expected);
        }
        if self.pipelined && (self.recipe != RecipeKind::Supervised || self.negatives != Negatives::Random) {
            let expected = "layers that do not wait need the supervised recipe and random negatives: hard ones come from \
                            the head above all layers";
            return refuse("pipelined", "true", expected);
        }
        if self.recipe == RecipeKind::Unsupervised && self.negatives != Negatives::Random {
            let expected = "unsupervised learning has no labels, and its negatives are hybrids; choose random";
            return refuse("negatives", "a wrong label", expected);
        }
        if self.head_epochs > 0 && self.recipe != RecipeKind::Unsupervised {
            let expected = format!("the {name} recipe trains its head on the way; choose 0");
            return refuse("head_epochs", &self.head_epochs.to_string(), &expected);
        }
        if recurrent && self.negatives == Negatives::Goodness {
            return refuse("negatives", "goodness", "the recurrent net would settle ten times a batch; choose softmax");
        }
        if self.window > 0 && layered {
            return refuse(
                "window",
                &self.window.to_string(),
                "windows are the recurrent net's and backprop's; choose 0",
            );
        }
        if self.window > 0 && self.window.is_multiple_of(2) {
            return refuse("window", &self.window.to_string(), "a window has a middle; choose an odd number");
        }
        if self.window > 0 && (self.obstacle != Obstacle::None || self.rules.iter().any(|rule| rule.regions)) {
            let expected = "neither a box nor regions go together with windows; choose 0";
            return refuse("window", &self.window.to_string(), expected);
        }
        if !self.normalise && !layered {
            return refuse(
                "normalise",
                "false",
                &format!("the {name} recipe cannot do without; choose another recipe"),
            );
        }
        Ok(())
    }

    /// The settings that differ from `other` and that a run cannot change on its way.
    pub fn restart_needed(&self, other: &Self) -> Vec<&'static str> {
        let differs = [
            ("layers", self.layers != other.layers),
            ("batch", self.batch != other.batch),
            ("seed", self.seed != other.seed),
            ("threshold", self.threshold.to_bits() != other.threshold.to_bits()),
            ("momentum", self.momentum.to_bits() != other.momentum.to_bits()),
            ("recipe", self.recipe != other.recipe),
            ("reads_from", self.first_voter() != other.first_voter()),
            ("head_epochs", self.head_epochs != other.head_epochs),
            ("steps", self.steps != other.steps),
            ("rules", self.rules != other.rules),
            ("normalise", self.normalise != other.normalise),
            ("obstacle", self.obstacle != other.obstacle || self.obstacle_after != other.obstacle_after),
            ("pipelined", self.pipelined != other.pipelined),
            ("window", self.window != other.window),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    /// The share of the full rate in epoch `epoch`, counted from 1: 1 for the first half of the epochs, then a straight
    /// line to about zero.
    pub fn gain(&self, epoch: usize) -> f32 {
        let (e, all) = (epoch as f32, self.epochs as f32);
        ((1.0 + 2.0 * (all - e)) / all).clamp(0.0, 1.0)
    }

    /// The share of the head's rate in epoch `epoch`: as [`Settings::gain`] on the way, and over the head's own epochs
    /// afterwards a straight line from 1 to a tenth.
    pub fn head_gain(&self, epoch: usize) -> f32 {
        if self.head_epochs == 0 {
            return self.gain(epoch);
        }
        let done = epoch.saturating_sub(self.epochs + 1) as f32;
        // A run may be asked for a step behind its end, or find its epochs made fewer: the head never learns backwards.
        (1.0 - 0.9 * done / (self.head_epochs as f32 - 1.0).max(1.0)).max(0.1)
    }
}

fn within<T: PartialOrd + Display + std::fmt::Debug>(
    setting: &'static str,
    value: &T,
    range: RangeInclusive<T>,
    unit: &str,
) -> Result<()> {
    // NaN is in no range.
    if range.contains(value) {
        return Ok(());
    }
    let space = if unit.is_empty() { "" } else { " " };
    Err(Error::setting(setting, value, format!("choose {} to {}{space}{unit}", range.start(), range.end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_presets_are_in_range() {
        assert_eq!(Settings::default().checked(), Ok(Settings::default()));
        assert_eq!(Settings::hinton().checked(), Ok(Settings::hinton()));
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_range() {
        let bad = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.checked().unwrap_err().to_string()
        };
        assert_eq!(bad(|s| s.batch = 0), "batch = 0 is not possible: choose 1 to 1000 pictures");
        assert_eq!(
            bad(|s| s.layers = vec![500, 9]),
            "layers = 9 is not possible: choose 10 to 3072 units in each layer"
        );
        assert_eq!(bad(|s| s.layers = vec![]), "layers = 0 is not possible: choose 1 to 8 hidden layers");
        assert_eq!(bad(|s| s.rate = f32::NAN), "rate = NaN is not possible: choose 0 to 1");
        assert!(bad(|s| s.reads_from = 4).contains("choose 0 to 3"));
    }

    #[test]
    fn gain_is_one_for_half_the_epochs_and_then_falls_to_about_zero() {
        let settings = Settings { epochs: 10, ..Settings::default() };
        let gains: Vec<f32> = (1..=10).map(|e| settings.gain(e)).collect();
        assert_eq!(gains, [1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 0.7, 0.5, 0.3, 0.1]);
    }

    #[test]
    fn the_rate_of_the_head_falls_to_a_tenth_and_stays_there() {
        let settings = Settings { epochs: 20, head_epochs: 5, ..Settings::recommended(RecipeKind::Unsupervised) };
        let gains = [1, 21, 25, 26, 400].map(|epoch| (10.0 * settings.head_gain(epoch)).round() as i32);
        assert_eq!(gains, [10, 10, 1, 1, 1]);
    }

    #[test]
    fn only_what_shapes_the_run_needs_a_restart() {
        let a = Settings::default();
        let b = Settings { rate: 0.5, jitter: 2, batch: 50, seed: 9, ..a.clone() };
        assert_eq!(a.restart_needed(&b), ["batch", "seed"]);
    }
}
