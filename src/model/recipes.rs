//! The table of recipes: what each experiment can do, and which settings are recommended for it.
//!
//! Everything outside `src/recipe` asks a recipe for what it can do and compares no names.

use super::Settings;
use super::rules::LayerRule;
use super::table::TABLE;
use crate::engine::Sign;
use crate::negatives::Negatives;
use serde::{Deserialize, Serialize};

/// The name of a recipe, as it stands in the address, on the command line and in a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[allow(missing_docs, reason = "each is described by its entry in the table")]
pub enum RecipeKind {
    #[default]
    Supervised,
    Unsupervised,
    Recurrent,
    Backprop,
    LocalMax,
    LocalMin,
    LocalBackprop,
}

/// Where a recipe shows the network a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum LabelPlace {
    /// In the first inputs of the picture.
    Picture,
    /// Above the top layer.
    Top,
    /// Nowhere: only the softmax head learns labels.
    Nowhere,
}

/// What a recipe's negatives are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum NegativeKind {
    /// Pictures with a wrong label.
    Labels,
    /// Hybrids of two pictures.
    Hybrids,
    /// It has no negatives.
    None,
}

/// Which parts of the layers' rules a recipe can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum RuleScope {
    /// All of them.
    All,
    /// The sign, the threshold and the temperature.
    Sign,
    /// None: its layers have no goodness.
    None,
}

/// A row of the table of recipes.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[allow(clippy::struct_excessive_bools, reason = "each is something that a recipe can or cannot do")]
pub struct RecipeEntry {
    /// Its name.
    pub name: RecipeKind,
    /// Its name on the page.
    pub title: &'static str,
    /// What it is, in a sentence or two.
    pub help: &'static str,
    /// How it reads a picture, in a sentence.
    pub reading: &'static str,
    /// Its data are pictures in colour, and otherwise grey ones.
    pub colour: bool,
    /// Where it shows a label; where it does, it reads a picture by trying each label.
    pub label: LabelPlace,
    /// What its negatives are.
    pub negatives: NegativeKind,
    /// The ways to choose wrong labels that it offers.
    pub choices: &'static [Negatives],
    /// Its layers learn by their goodness, and no error comes back through them.
    pub goodness: bool,
    /// A picture goes up once, layer by layer, so that it can be followed through a step.
    pub follow: bool,
    /// Its layers settle over several time steps.
    pub steps: bool,
    /// Its units see a window of the layer below.
    pub windows: bool,
    /// A box may stand between two layers.
    pub boxes: bool,
    /// How few and how many hidden layers it can have.
    pub layers: [usize; 2],
    /// Which rules of its layers can be changed.
    pub rules: RuleScope,
    /// The rule of its layers where the settings give none.
    pub rule: LayerRule,
}

const ANY_LABEL: &[Negatives] = &[Negatives::Random, Negatives::Softmax, Negatives::Goodness];
const NO_CHOICE: &[Negatives] = &[Negatives::Random];

const SUPERVISED: RecipeEntry = RecipeEntry {
    name: RecipeKind::Supervised,
    title: "Supervised",
    help: "The label is written into the picture’s first pixels: the true one makes a positive, a wrong one a negative.",
    reading: "Each label in turn is written into the picture; the ticked layers’ goodness decides.",
    colour: false,
    label: LabelPlace::Picture,
    negatives: NegativeKind::Labels,
    choices: ANY_LABEL,
    goodness: true,
    follow: true,
    steps: false,
    windows: false,
    boxes: true,
    layers: [1, 8],
    rules: RuleScope::All,
    rule: LayerRule::PLAIN,
};

const UNSUPERVISED: RecipeEntry = RecipeEntry {
    name: RecipeKind::Unsupervised,
    title: "Unsupervised",
    help: "No labels. Negatives are hybrids of two digits, joined by a mask: real up close, wrong as a whole. A softmax \
           reads what was learned.",
    reading: "No label is ever shown to this net: a softmax on what its layers have learned names the digit.",
    label: LabelPlace::Nowhere,
    negatives: NegativeKind::Hybrids,
    choices: NO_CHOICE,
    ..SUPERVISED
};

const RECURRENT: RecipeEntry = RecipeEntry {
    name: RecipeKind::Recurrent,
    title: "Recurrent",
    help: "The picture is a still video, the label lies on top, and layers that listen to both sides settle over eight steps.",
    reading: "Each label in turn lies on top of the net; its layers settle, and the ticked ones’ goodness decides.",
    label: LabelPlace::Top,
    // By goodness the net would settle ten times for each batch.
    choices: &[Negatives::Random, Negatives::Softmax],
    follow: false,
    steps: true,
    boxes: false,
    layers: [2, 3],
    rules: RuleScope::Sign,
    ..SUPERVISED
};

const BACKPROP: RecipeEntry = RecipeEntry {
    name: RecipeKind::Backprop,
    title: "Backprop",
    help: "The baseline: a net of the same shape, taught by an error sent backward through all its layers.",
    reading: "No label is shown to this net: the softmax on its last layer names the digit.",
    label: LabelPlace::Nowhere,
    negatives: NegativeKind::None,
    choices: NO_CHOICE,
    goodness: false,
    follow: false,
    rules: RuleScope::None,
    ..SUPERVISED
};

const LOCAL_MAX: RecipeEntry = RecipeEntry {
    name: RecipeKind::LocalMax,
    title: "Windows, maximise",
    help: "The recurrent net over pictures in colour: each unit sees a window of its own. Real pictures have much goodness.",
    colour: true,
    windows: true,
    ..RECURRENT
};

/// Every recipe, in the order of the page's menu.
pub const RECIPES: [RecipeEntry; 7] = [
    SUPERVISED,
    UNSUPERVISED,
    RECURRENT,
    BACKPROP,
    LOCAL_MAX,
    RecipeEntry {
        name: RecipeKind::LocalMin,
        title: "Windows, minimise",
        help: "The same, the other way round: real pictures leave the layers calm, and where something is wrong they stir.",
        reading: "Each label in turn lies on top of the net; the one under which the ticked layers stay calmest wins.",
        rule: LayerRule { sign: Sign::Minimise, ..LayerRule::PLAIN },
        ..LOCAL_MAX
    },
    RecipeEntry {
        name: RecipeKind::LocalBackprop,
        title: "Windows, backprop",
        help: "The baseline through the same windows.",
        reading: "No label is shown to this net: the softmax on its last layer names the class.",
        colour: true,
        windows: true,
        boxes: false,
        ..BACKPROP
    },
];

impl RecipeKind {
    /// Its row of the table.
    pub fn entry(self) -> &'static RecipeEntry {
        static ALL: [RecipeEntry; 7] = RECIPES;
        &ALL[self as usize]
    }
}

impl RecipeEntry {
    /// Its name, as it stands in the address.
    pub fn word(&self) -> String {
        super::table::word_of(&self.name)
    }

    /// The names of the settings that do something in this recipe.
    pub fn settings(&self) -> Vec<&'static str> {
        TABLE.iter().filter(|row| (row.applies)(self)).map(|row| row.name).collect()
    }

    /// Whether its negatives are hybrids of two pictures.
    pub fn hybrids(&self) -> bool {
        self.negatives == NegativeKind::Hybrids
    }

    /// The settings that are recommended.
    pub fn recommended(&self) -> Settings {
        // The other experiments stay comparable with the published ones, which shift no pictures.
        let standard = Settings { recipe: self.name, jitter: 0, ..Settings::default() };
        let recurrent = || Settings { layers: vec![500, 500], rate: 0.003, temperature: 1.0, ..standard.clone() };
        let backprop = || Settings {
            rate: 0.6,
            weight_cost: 0.0,
            head_weight_cost: 0.0,
            epochs: 20,
            negatives: Negatives::Random,
            ..standard.clone()
        };
        // Two hidden layers of 32×32×3 units, as in the paper. Batches are small enough for the page to answer between them.
        let windows = |base: Settings| Settings { layers: vec![3072; 2], window: 11, batch: 20, ..base };
        match self.name {
            RecipeKind::Supervised => Settings::default(),
            RecipeKind::Unsupervised => Settings {
                rate: 0.01,
                head_rate: 0.3,
                head_weight_cost: 0.0003,
                epochs: 20,
                negatives: Negatives::Random,
                ..standard
            },
            RecipeKind::Recurrent => recurrent(),
            RecipeKind::Backprop => backprop(),
            RecipeKind::LocalMax | RecipeKind::LocalMin => Settings {
                // A fifth of what batches of 100 take (docs/results.md): a small batch is noisier, and at the full rates a
                // net that reads two of three pictures unlearns half of that.
                rate: 0.0006,
                head_rate: 0.004,
                // The goodness of thousands of units differs by hundreds. Divided by 20, nearly every picture counts fully
                // or not at all, which is mostly noise (docs/results.md).
                temperature: 180.0,
                // Without it, what is learned from CIFAR-10's pictures says little about others.
                weight_cost: 0.01,
                head_weight_cost: 0.02,
                steps: 10,
                settled: [4, 6],
                ..windows(recurrent())
            },
            RecipeKind::LocalBackprop => Settings {
                rate: 0.2,
                head_rate: 0.1,
                weight_cost: 0.001,
                head_weight_cost: 0.001,
                ..windows(backprop())
            },
        }
    }
}

impl Settings {
    /// The settings that are recommended for `recipe`.
    pub fn recommended(recipe: RecipeKind) -> Self {
        recipe.entry().recommended()
    }

    /// Hinton's published settings (MATLAB code of 2022), on 3×500 units: ε = 0.01 and T = 1.
    pub fn hinton() -> Self {
        Self { rate: 0.01, temperature: 1.0, jitter: 0, ..Self::default() }
    }

    /// These settings under the name of their recipe. Older files call nets with windows by their window and their layers'
    /// signs, and files are still written so.
    #[must_use]
    pub fn named(mut self) -> Self {
        let minimises = (0..self.layers.len().max(1)).any(|layer| self.layer_rule(layer).sign == Sign::Minimise);
        let recipe = match self.recipe {
            RecipeKind::Backprop if self.window > 0 => RecipeKind::LocalBackprop,
            RecipeKind::Recurrent if self.window == 0 => return self,
            RecipeKind::Recurrent | RecipeKind::LocalMax | RecipeKind::LocalMin if minimises => RecipeKind::LocalMin,
            RecipeKind::Recurrent | RecipeKind::LocalMax | RecipeKind::LocalMin => RecipeKind::LocalMax,
            _ => return self,
        };
        let own = recipe.entry().rule;
        let few = self.rules.len() <= self.layers.len();
        if few && (0..self.layers.len()).all(|layer| self.layer_rule(layer) == own) {
            self.rules = vec![];
        }
        Self { recipe, ..self }
    }

    /// These settings as files hold them, which older programs read, too: see [`Self::named`].
    #[must_use]
    pub fn stored(&self) -> Self {
        let entry = self.recipe.entry();
        if !entry.windows {
            return self.clone();
        }
        let recipe = if entry.goodness { RecipeKind::Recurrent } else { RecipeKind::Backprop };
        let own = self.rules.is_empty() && entry.rule != LayerRule::PLAIN;
        let rules = if own { vec![entry.rule; self.layers.len()] } else { self.rules.clone() };
        Self { recipe, rules, ..self.clone() }
    }

    /// The rule of layer `index` (from 0).
    pub fn layer_rule(&self, index: usize) -> LayerRule {
        if self.rules.is_empty() {
            return self.recipe.entry().rule;
        }
        self.rules.get(index).copied().unwrap_or_default()
    }

    /// The first layer (from 0) whose goodness counts in a reading, and that the softmax head reads.
    ///
    /// Where labels are in the picture the first layer sees them directly, so it has no say, unless it is the only one
    /// (paper, section 3.3); the others let all layers vote, and backprop's softmax reads the last alone.
    pub fn first_voter(&self) -> usize {
        let last = self.layers.len() - 1;
        let entry = self.recipe.entry();
        match self.reads_from {
            _ if !entry.goodness => last,
            0 if entry.label == LabelPlace::Picture => last.min(1),
            0 => 0,
            from => (from - 1).min(last),
        }
    }

    /// Whether a layer reads the direction of the one below only; backprop's reads it as it is.
    pub fn reads_direction(&self) -> bool {
        self.normalise && self.recipe.entry().goodness
    }

    /// All epochs of the run, those of the head alone included.
    pub fn all_epochs(&self) -> usize {
        self.epochs + if self.recipe.entry().hybrids() { self.head_epochs } else { 0 }
    }
}
