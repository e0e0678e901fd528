//! What a layer's units compute, what their goodness is, and which way it is pushed: the questions the paper leaves open
//! (sections 2.1 and 9), as values.

use serde::{Deserialize, Serialize};

/// What a unit makes of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Activation {
    /// `max(z, 0)`.
    #[default]
    Relu,
    /// `tanh z`.
    Tanh,
}

/// What a layer's goodness is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Goodness {
    /// `Σ h²`.
    #[default]
    Squares,
    /// `Σ h`.
    Sum,
}

/// Which way the goodness of positive pictures is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Sign {
    /// Above the threshold: `p(real) = σ((g − θ)/T)`.
    #[default]
    Maximise,
    /// Below it: `p(real) = σ((θ − g)/T)`. Goodness is surprise, then.
    Minimise,
}

impl Sign {
    /// +1 or −1.
    pub fn factor(self) -> f32 {
        match self {
            Self::Maximise => 1.0,
            Self::Minimise => -1.0,
        }
    }
}

/// What makes one layer's objective another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Of its units.
    pub activation: Activation,
    /// Of its activities.
    pub goodness: Goodness,
    /// For positive pictures.
    pub sign: Sign,
    /// Into how many equal blocks of neighbouring units the layer is cut, each with a goodness of its own.
    pub blocks: usize,
}

impl Default for Rule {
    fn default() -> Self {
        Self { activation: Activation::Relu, goodness: Goodness::Squares, sign: Sign::Maximise, blocks: 1 }
    }
}

impl Rule {
    /// Whether goodness is the sum of squares that every layer leaves anyway.
    pub fn is_plain(self) -> bool {
        self.goodness == Goodness::Squares && self.blocks == 1
    }

    /// Whether it differs in its sign at most: then δ is a multiple of the activity.
    pub fn is_standard(self) -> bool {
        self == Self { sign: self.sign, ..Self::default() }
    }

    /// The slope of goodness over the pre-activation, from the activity: δ is a coefficient times this. The factor 2 of
    /// `d h²` is folded into the learning rate, as in Hinton's code.
    pub fn slope(self, h: f32) -> f32 {
        match (self.activation, self.goodness) {
            (Activation::Relu, Goodness::Squares) => h,
            (Activation::Relu, Goodness::Sum) => f32::from(u8::from(h > 0.0)),
            (Activation::Tanh, Goodness::Squares) => h * (1.0 - h * h),
            (Activation::Tanh, Goodness::Sum) => 1.0 - h * h,
        }
    }
}

/// A box between two layers that nobody can differentiate. Forward-Forward learns on both sides of it, because nothing has
/// to come back through it (paper, section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Obstacle {
    /// No box.
    #[default]
    None,
    /// 1 where an activity is above the row's (lower) median, else 0: all is lost but which units are strong.
    Median,
    /// `sin(1/x)` of `x = s·h`, the activity over its row's rms; 0 below [`SINE_FROM`].
    Sine,
    /// A table of 64 values drawn at random, looked up by the size of the activity: steps without any slope.
    Table,
}

/// Below this share of the row's rms, [`Obstacle::Sine`] is 0: its argument stays below 32, where `f32` still knows the phase.
pub const SINE_FROM: f32 = 1.0 / 32.0;
/// How many values an [`Obstacle::Table`] has.
pub const TABLE_VALUES: usize = 64;
/// Which activity, over the row's rms, the last of them stands for.
pub const TABLE_TO: f32 = 4.0;
