//! What the rows of the settings' table say, and how a setting's value is written and checked.

use super::rules::{LayerRule, PARTS, RulePart};
use super::{PreviousState, RECIPES, RecipeEntry, RecipeKind, Settings};
use crate::dataset::registry::{self, SourceRow};
use crate::engine::{Activation, Goodness, Obstacle, Sign, metric};
use crate::error::Error;
use crate::negatives::Negatives;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde::{Deserialize, Serialize};

pub use super::settings::TABLE;

/// A word that stands for a value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Word {
    /// As it is written in an address and on a command line.
    pub word: &'static str,
    /// Its short name on the page.
    pub title: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// A [`Word`].
pub const fn word(word: &'static str, title: &'static str, help: &'static str) -> Word {
    Word { word, title, help }
}

/// Which values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Values {
    /// A number.
    Number {
        /// The smallest.
        from: f64,
        /// The largest.
        to: f64,
        /// Without a fraction.
        whole: bool,
        /// What it counts, as the end of a sentence.
        unit: &'static str,
    },
    /// One of a few words.
    Choice {
        /// The words.
        words: &'static [Word],
    },
    /// `true` or `false`.
    Switch,
    /// The name of a recipe.
    Recipe,
    /// Units of each hidden layer, separated by commas.
    Layers {
        /// The most layers.
        most: usize,
        /// The fewest units in a layer.
        from: usize,
        /// The most units in a layer.
        to: usize,
    },
    /// The first and the last of the time steps, as in `3-5`.
    Span,
    /// Rules of layers: see [`LayerRule::list`].
    Rules,
}

/// A row of the table of settings.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[allow(clippy::struct_excessive_bools, reason = "each is something that is so of a setting or is not")]
pub struct Setting {
    /// The name in the address and in checkpoints; on the command line with dashes.
    pub name: &'static str,
    /// A short name for the page's form.
    pub title: &'static str,
    /// What it is.
    pub help: &'static str,
    /// Which values it takes.
    pub takes: Values,
    /// Whether another value needs another run.
    pub restart: bool,
    /// Whether most people leave it alone.
    pub rare: bool,
    /// Whether the page's form has it; others have a panel of their own.
    pub form: bool,
    /// Whether the form says what it is, and not its title alone.
    pub noted: bool,
    /// On the command line: a flag without a value, and the value it stands for.
    #[serde(skip)]
    pub flag: Option<[&'static str; 2]>,
    /// Whether it does something in a recipe.
    #[serde(skip)]
    pub applies: fn(&RecipeEntry) -> bool,
}

impl Setting {
    /// A setting that takes effect on the next batch, in every recipe.
    pub(super) const fn new(title: &'static str, takes: Values) -> Self {
        Self {
            name: "",
            title,
            help: "",
            takes,
            restart: false,
            rare: false,
            form: true,
            noted: false,
            flag: None,
            applies: |_| true,
        }
    }

    /// A number with a fraction.
    pub(super) const fn real(title: &'static str, from: f64, to: f64, unit: &'static str) -> Self {
        Self::new(title, Values::Number { from, to, whole: false, unit })
    }

    /// A whole number.
    pub(super) const fn whole(title: &'static str, from: u32, to: u32, unit: &'static str) -> Self {
        Self::new(title, Values::Number { from: from as f64, to: to as f64, whole: true, unit })
    }

    pub(super) const fn choice(title: &'static str, words: &'static [Word]) -> Self {
        Self::new(title, Values::Choice { words })
    }

    pub(super) const fn restart(self) -> Self {
        Self { restart: true, ..self }
    }

    pub(super) const fn rare(self) -> Self {
        Self { rare: true, ..self }
    }

    /// A setting that has a panel of its own.
    pub(super) const fn apart(self) -> Self {
        Self { form: false, ..self }
    }

    pub(super) const fn noted(self) -> Self {
        Self { noted: true, ..self }
    }

    pub(super) const fn flag(self, name: &'static str, value: &'static str) -> Self {
        Self { flag: Some([name, value]), ..self }
    }

    pub(super) const fn when(self, applies: fn(&RecipeEntry) -> bool) -> Self {
        Self { applies, ..self }
    }

    /// Which values it takes, in words.
    pub fn values(&self) -> String {
        let quoted = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match self.takes {
            Values::Number { from, to, unit, .. } => format!("{from} to {to} {unit}").trim_end().to_owned(),
            Values::Choice { words } => quoted(&words.iter().map(|word| word.word).collect::<Vec<_>>()),
            Values::Switch => quoted(&["true", "false"]),
            Values::Recipe => RECIPES.iter().map(|entry| format!("`{}`", entry.word())).collect::<Vec<_>>().join(", "),
            Values::Layers { most, from, to } => format!("1 to {most} numbers of units, each {from} to {to}"),
            Values::Span => "the first and the last, as in `3-5`".to_owned(),
            Values::Rules => format!("for each layer, separated by `;`: {}", LayerRule::expected()),
        }
    }
}

/// A recipe, with what follows from its entry.
#[derive(Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RecipeRow {
    /// Its row of the table.
    #[serde(flatten)]
    pub entry: &'static RecipeEntry,
    /// The settings that do something in it.
    pub settings: Vec<&'static str>,
    /// The settings that are recommended.
    pub recommended: Settings,
}

/// The axis of goodness histograms: octaves above the threshold, `log2(g/θ)`; the end bins collect the rest.
#[derive(Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct HistogramAxis {
    /// Where it begins.
    pub from: f32,
    /// Where it ends.
    pub to: f32,
    /// How many bins it has.
    pub bins: usize,
}

/// What the page is told of settings and recipes, once, when it is built.
#[derive(Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(hashmap_as_object))]
pub struct Tables {
    /// Every setting.
    pub settings: &'static [Setting],
    /// Every recipe.
    pub recipes: Vec<RecipeRow>,
    /// The parts of a layer's rule.
    pub rules: &'static [RulePart],
    /// The data that the page offers.
    pub sources: Vec<SourceRow>,
    /// Hinton's published settings.
    pub hinton: Settings,
    /// The axis of goodness histograms.
    pub axis: HistogramAxis,
}

impl Tables {
    /// All of them.
    pub fn all() -> Self {
        let recipes = RECIPES.iter().map(|entry| RecipeRow {
            entry: entry.name.entry(),
            settings: entry.settings(),
            recommended: entry.recommended(),
        });
        let axis = HistogramAxis { from: metric::FROM, to: metric::TO, bins: metric::BINS };
        Self {
            settings: TABLE,
            recipes: recipes.collect(),
            rules: PARTS,
            sources: registry::rows(),
            hinton: Settings::hinton(),
            axis,
        }
    }
}

/// A setting that is out of its range.
pub(super) fn out_of_range(setting: &'static str, value: &str, from: f64, to: f64, unit: &str) -> Error {
    Error::setting(setting, value, format!("choose {from} to {to} {unit}").trim_end())
}

/// The value of a setting.
pub(super) trait Value: Sized {
    /// The value that is written so.
    fn read(text: &str) -> Option<Self>;
    /// How it is written.
    fn text(&self) -> String;
    /// Whether it is within a range of numbers. NaN is in none.
    fn within(&self, _from: f64, _to: f64) -> bool {
        true
    }
}

macro_rules! numbers {
    ($($number:ty: $within:expr;)*) => { $(impl Value for $number {
        fn read(text: &str) -> Option<Self> {
            text.trim().parse().ok()
        }
        fn text(&self) -> String {
            self.to_string()
        }
        fn within(&self, from: f64, to: f64) -> bool {
            $within(*self, from, to)
        }
    })* };
}
numbers! {
    f32: |value, from, to| (from as f32..=to as f32).contains(&value);
    usize: |value, from, to| (from..=to).contains(&(value as f64));
    u32: |value, from, to| (from..=to).contains(&f64::from(value));
    bool: |_, _, _| true;
}

/// The name that serde gives a value without content.
pub(super) fn word_of<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a word").trim_matches('"').to_owned()
}

macro_rules! words {
    ($($choice:ty),*) => { $(impl Value for $choice {
        fn read(text: &str) -> Option<Self> {
            Self::deserialize(StrDeserializer::<Unknown>::new(text.trim())).ok()
        }
        fn text(&self) -> String {
            word_of(self)
        }
    })* };
}
words!(RecipeKind, Negatives, PreviousState, Obstacle, Activation, Goodness, Sign);

impl Value for Vec<usize> {
    fn read(text: &str) -> Option<Self> {
        text.split(',').map(usize::read).collect()
    }
    fn text(&self) -> String {
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

impl Value for [usize; 2] {
    fn read(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        Some([usize::read(first)?, usize::read(last)?])
    }
    fn text(&self) -> String {
        format!("{}-{}", self[0], self[1])
    }
}

impl Value for Vec<LayerRule> {
    fn read(text: &str) -> Option<Self> {
        LayerRule::list(text).ok()
    }
    fn text(&self) -> String {
        self.iter().map(LayerRule::text).collect::<Vec<_>>().join(";")
    }
}

/// Declares [`Settings`](super::Settings) and its [`TABLE`] at once: a line says a setting's name, type, default and row.
macro_rules! settings {
    ($($(#[doc = $help:literal])+ $name:ident: $type:ty = $default:expr, $row:expr;)*) => {
        /// A run's settings. The names are those of the address, the command line and the checkpoint.
        ///
        /// What a file or a caller leaves out has its default, so that a setting can be added and every older file still be read.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
        pub struct Settings {
            $($(#[doc = $help])+ pub $name: $type,)*
        }

        impl Default for Settings {
            /// The recommended settings of the supervised recipe.
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        /// Every setting, in the order of the documentation.
        pub static TABLE: &[Setting] = &[
            $(Setting { name: stringify!($name), help: concat!($($help),+).trim_ascii(), ..$row },)*
        ];

        impl Settings {
            /// Takes the setting `name` from `other`.
            pub fn take(&mut self, name: &str, other: &Self) {
                match name {
                    $(stringify!($name) => self.$name.clone_from(&other.$name),)*
                    _ => unreachable!("{name} is no setting"),
                }
            }

            /// Reads the setting `name` as it stands on a command line; whether it could be read.
            #[must_use]
            pub fn read(&mut self, name: &str, text: &str) -> bool {
                match name {
                    $(stringify!($name) => Value::read(text).map(|value| self.$name = value).is_some(),)*
                    _ => false,
                }
            }

            /// The setting `name` as it stands on a command line.
            pub fn text(&self, name: &str) -> String {
                match name {
                    $(stringify!($name) => self.$name.text(),)*
                    _ => String::new(),
                }
            }

            /// Whether the setting `name` has one value in both.
            #[allow(clippy::float_cmp, reason = "another value is another setting, however near")]
            pub(super) fn agrees(&self, other: &Self, name: &str) -> bool {
                match name {
                    $(stringify!($name) => self.$name == other.$name,)*
                    _ => true,
                }
            }

            /// Whether the setting `name` is within a range of numbers.
            pub(super) fn within(&self, name: &str, from: f64, to: f64) -> bool {
                match name {
                    $(stringify!($name) => self.$name.within(from, to),)*
                    _ => true,
                }
            }
        }
    };
}
pub(super) use settings;
