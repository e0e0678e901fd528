//! What makes one layer differ from the standard one: the paper's open questions (sections 2.1 and 9).

use super::settings::{TEMPERATURE, THRESHOLD};
use super::table::{Value, Values, Word, word};
use crate::engine::{Activation, Goodness, Rule, Sign};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The rule of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LayerRule {
    /// What its units compute.
    pub activation: Activation,
    /// What its goodness is.
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

/// A part of a layer's rule: a column of the page's table.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RulePart {
    /// The field of [`LayerRule`].
    pub name: &'static str,
    /// The column's title.
    pub title: &'static str,
    /// What it is called in a sentence.
    pub help: &'static str,
    /// Which values it takes. A choice is written as its word, a number behind the part's name and `=`, a switch as the name.
    pub takes: Values,
    /// Whether nets whose layers settle over time can have it.
    pub settles: bool,
}

const fn part(name: &'static str, title: &'static str, help: &'static str, takes: Values) -> RulePart {
    RulePart { name, title, help, takes, settles: false }
}

impl RulePart {
    const fn settles(self) -> Self {
        Self { settles: true, ..self }
    }
}

const ACTIVATIONS: &[Word] = &[word("relu", "ReLU", "max(z, 0)"), word("tanh", "tanh", "tanh z")];
const GOODNESSES: &[Word] =
    &[word("squares", "Σ h²", "the sum of squared activities"), word("sum", "Σ h", "the sum of activities")];
const SIGNS: &[Word] = &[
    word("maximise", "maximise", "positive pictures have much goodness"),
    word("minimise", "minimise", "positive pictures have little goodness"),
];

/// Every part of a rule. The first word of a choice is the standard one.
pub static PARTS: &[RulePart] = &[
    part("activation", "units", "units", Values::Choice { words: ACTIVATIONS }),
    part("goodness", "goodness", "goodness", Values::Choice { words: GOODNESSES }),
    part("sign", "positives", "positives", Values::Choice { words: SIGNS }).settles(),
    part("threshold", "θ a unit", "threshold a unit", THRESHOLD).settles(),
    part("temperature", "T", "temperature", TEMPERATURE).settles(),
    part("blocks", "blocks", "number of blocks", Values::Number { from: 1.0, to: 64.0, whole: true, unit: "blocks" }),
    part("regions", "regions", "each block sees a region of its own", Values::Switch),
];

impl LayerRule {
    /// The rule of a standard layer.
    pub const PLAIN: Self = Self {
        activation: Activation::Relu,
        goodness: Goodness::Squares,
        sign: Sign::Maximise,
        threshold: None,
        temperature: None,
        blocks: 0,
        regions: false,
    };

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
            rule.read(word).ok_or_else(|| Error::setting("rules", word, format!("choose {}", Self::expected())))?;
        }
        Ok(rule)
    }

    /// The words of [`Self::list`], in a sentence.
    pub fn expected() -> String {
        let words = PARTS.iter().flat_map(|part| match part.takes {
            Values::Choice { words } => words.iter().map(|word| word.word.to_owned()).collect(),
            Values::Number { whole, .. } => vec![format!("{}={}", part.name, if whole { "K" } else { "X" })],
            _ => vec![part.name.to_owned()],
        });
        let mut words: Vec<String> = words.collect();
        let last = words.pop().unwrap_or_default();
        format!("{} or {last}", words.join(", "))
    }

    fn read(&mut self, word: &str) -> Option<()> {
        let (name, value) = word.split_once('=').unwrap_or(("", word));
        let says = |part: &&RulePart| match part.takes {
            Values::Choice { words } => name.is_empty() && words.iter().any(|each| each.word == word),
            Values::Switch => name.is_empty() && part.name == word,
            _ => part.name == name,
        };
        match PARTS.iter().find(says)?.name {
            "activation" => self.activation = Value::read(value)?,
            "goodness" => self.goodness = Value::read(value)?,
            "sign" => self.sign = Value::read(value)?,
            "threshold" => self.threshold = Some(value.parse().ok()?),
            "temperature" => self.temperature = Some(value.parse().ok()?),
            "blocks" => self.blocks = value.parse().ok()?,
            _ => self.regions = true,
        }
        Some(())
    }

    /// The rule in the words of [`Self::list`].
    pub fn text(&self) -> String {
        let differs = |word: String, plain: String| if word == plain { String::new() } else { word };
        let number = |name: &str, value: Option<f32>| value.map_or(String::new(), |value| format!("{name}={value}"));
        let words = [
            differs(self.activation.text(), Self::PLAIN.activation.text()),
            differs(self.goodness.text(), Self::PLAIN.goodness.text()),
            differs(self.sign.text(), Self::PLAIN.sign.text()),
            number("threshold", self.threshold),
            number("temperature", self.temperature),
            if self.blocks > 1 { format!("blocks={}", self.blocks) } else { String::new() },
            if self.regions { "regions".to_owned() } else { String::new() },
        ];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
