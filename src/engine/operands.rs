//! What the operations of an [`Engine`] are of: the matrices of a layer and of a batch, and what is asked of them.

#[cfg(doc)]
use super::Engine;
use super::{Labels, Matrix, Rule, Wiring};
use crate::dataset::MOST_CLASSES;
use std::ops::Range;

/// The label code that means "any class": each label pixel holds [`neutral_strength`]. No class has this code.
pub const NEUTRAL: u8 = MOST_CLASSES as u8;

/// What a label pixel holds where the neutral label is written: `1/C` of `C` classes, so 0.1 of ten (Hinton's published code).
pub fn neutral_strength(classes: usize) -> f32 {
    1.0 / classes.max(1) as f32
}

/// Share of the running mean activity that each batch replaces.
pub const MEAN_SHARE: f32 = 0.1;

/// Keeps the normalisation of an all-zero row finite.
pub const NORM_FLOOR: f32 = 1e-10;

/// One picture of a batch: which, and how far it is shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pick {
    /// The picture's place in the data set.
    pub index: u32,
    /// Shift to the right, pixels; what enters is paper (zero).
    pub dx: i8,
    /// Shift downwards, pixels.
    pub dy: i8,
}

/// Weights between two layers and their momentum.
#[derive(Debug)]
pub struct Connection {
    /// `W: [D, N]`; under local wiring `[N, F]`, see [`super::Local`].
    pub weight: Matrix,
    /// Momentum of `W`, shaped as it.
    pub velocity: Matrix,
    /// Which of the units on one side hear which on the other.
    pub wiring: Wiring,
}

impl Connection {
    /// Weights by which each unit hears all.
    pub fn dense(weight: Matrix, velocity: Matrix) -> Self {
        Self { weight, velocity, wiring: Wiring::Dense }
    }
}

/// A layer's parameters and what its local rule remembers.
#[derive(Debug)]
pub struct Layer {
    /// What its units compute, what their goodness is, and which way it is pushed.
    pub rule: Rule,
    /// From the layer below, or from the picture.
    pub below: Connection,
    /// From the layer above, or from the label on top: the recurrent net alone has these.
    pub above: Option<Connection>,
    /// `b: [1, N]`.
    pub bias: Matrix,
    /// Momentum of `b: [1, N]`.
    pub bias_velocity: Matrix,
    /// `m: [1, N]`, running mean activity on positive images, 0.5 at the start.
    pub mean_activity: Matrix,
}

/// The pictures of a batch as the first layer takes them: label pixels blank, so that one product serves every label
/// that will be written into them.
#[derive(Debug)]
pub struct Pictures {
    /// Pixels 0 to 1, `[I, D]`, and the sum of squares of each row.
    pub rows: Activity,
    /// `rows · W` of the first layer, `[I, N]`: see [`Engine::project`].
    pub product: Matrix,
    /// How many of the first inputs carry a label and are blank here: one for each class, or none.
    pub label_pixels: usize,
}

/// Activities of one layer for a batch, or anything else that a layer can read: one row an image.
#[derive(Debug)]
pub struct Activity {
    /// `h: [R, N]`.
    pub values: Matrix,
    /// `q = Σ h²: [R, 1]`.
    pub squares: Matrix,
    /// `g: [R, K]`, where [`Engine::measure`] has to find it; `None` under a rule whose goodness is `q`.
    pub goodness: Option<Matrix>,
}

impl Activity {
    /// The goodness of each row, `[R, K]`.
    pub fn goodness(&self) -> &Matrix {
        self.goodness.as_ref().unwrap_or(&self.squares)
    }
}

/// What a layer reads.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// The first layer reads pictures with a label code written into the first inputs of each row. Row `r` of
    /// block `rows` shows picture `first_picture + (r − rows.start) mod pictures`.
    Pictures {
        /// The pictures.
        pictures: &'a Pictures,
        /// The label code of every row, `[R]`; of no consequence where no pixels are label pixels.
        labels: &'a Labels,
        /// The picture the block's first row shows.
        first_picture: usize,
        /// How many pictures the block's rows cycle through.
        count: usize,
    },
    /// Every other layer reads the activities of the one below, or of the one above.
    Layer {
        /// What is read, row by row.
        rows: &'a Activity,
        /// Whether only its direction is read (`x = s·u`), as Forward-Forward has it, or it is read as it is (`x = u`).
        normalised: bool,
    },
}

impl<'a> Input<'a> {
    /// The direction of `rows`.
    pub fn layer(rows: &'a Activity) -> Self {
        Self::Layer { rows, normalised: true }
    }
}

/// Which way a layer's pre-activations should move.
pub enum Delta<'a> {
    /// Up or down with the layer's own goodness: `δ = coefficient · slope(h)`, plus the peer term on positive rows.
    Local {
        /// What the slope is taken of: `h`, or `h` gated, see [`Engine::settle`].
        values: &'a Matrix,
        /// What [`Engine::judge`] left.
        verdict: &'a Verdict,
        /// Which rows are which.
        blocks: &'a Blocks,
        /// The slope, and the blocks of units the coefficients belong to.
        rule: Rule,
    },
    /// As somebody above has worked out: the backprop baseline.
    Given {
        /// `δ: [R, N]`, an ascent direction.
        delta: &'a Matrix,
        /// The rows learned from; the mean over them is the gradient.
        rows: Range<usize>,
    },
}

/// The layer's own state one step ago, which the recurrent net lets fade slowly.
pub struct Previous<'a> {
    /// `h` of the step before.
    pub activity: &'a Activity,
    /// Its share `d` of the new state.
    pub damping: f32,
    /// Whether its direction alone is taken.
    pub normalised: bool,
}

/// Where the masks of hybrid pictures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaskKey {
    /// The run's seed, mixed with the purpose.
    pub seed: u32,
    /// The step.
    pub step: u32,
    /// How often the random bits are blurred with [¼, ½, ¼] both ways before the threshold.
    pub blurs: usize,
}

/// How large the steps of an update are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// `ε·gain`.
    pub rate: f32,
    /// Share of the old velocity that is kept.
    pub momentum: f32,
    /// Weight cost `c`, pulled off with the rate; never on biases.
    pub weight_cost: f32,
}

/// What a layer is asked to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// `θ` of the whole layer, in units of goodness; each block's is its share.
    pub threshold: f32,
    /// `T`.
    pub temperature: f32,
    /// `λ` of peer normalisation.
    pub peer: f32,
}

/// Which rows of a training batch hold what. Each block has as many rows as the batch has pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    /// Pictures with their true label.
    pub positive: Range<usize>,
    /// Pictures (the same, in the same order, when labels make the difference) that must be rejected. The rows follow
    /// those of `positive` directly.
    pub negative: Range<usize>,
}

/// A lesson of the softmax head, see [`Engine::teach`].
#[derive(Debug, Clone)]
pub struct Teaching<'a> {
    /// As many rows as `blocks.positive` are read, and the true labels found there.
    pub blocks: &'a Blocks,
    /// Seed and step, if wrong labels are to be drawn for `blocks.negative`.
    pub propose: Option<[u32; 2]>,
    /// How fast the head learns.
    pub rates: Rates,
}

/// What [`Engine::judge`] leaves for [`Engine::update`].
#[derive(Debug)]
pub struct Verdict {
    /// `1 − p` on positive rows, `−p` on negative ones, both with the sign of the rule: δ is this times the slope of
    /// goodness, which is `h` under the standard one. `[R, K]`.
    pub coefficients: Matrix,
    /// `λ (mean(m) − m)`, added to δ on positive rows. `[1, N]`.
    pub peer: Matrix,
    /// Sums over rows since they were last cleared; [`metric`] says what each column holds. `[1, metric::COUNT]`.
    pub metrics: Matrix,
}

/// Columns of [`Verdict::metrics`].
pub mod metric {
    /// Positive rows judged (as many negative ones).
    pub const ROWS: usize = 0;
    /// Sum of the goodness of positive rows.
    pub const POSITIVE: usize = 1;
    /// Sum of the goodness of negative rows.
    pub const NEGATIVE: usize = 2;
    /// Sum of `softplus(−(g₊ − θ)/T) + softplus((g₋ − θ)/T)`.
    pub const LOSS: usize = 3;
    /// Pairs told apart: `g₊ > g₋` for the two rows of one picture.
    pub const SEPARATED: usize = 4;
    /// The first bin of the histogram of positive rows' goodness.
    pub const POSITIVE_HISTOGRAM: usize = 8;
    /// Bins of a histogram.
    pub const BINS: usize = 48;
    /// The first bin of the histogram of negative rows' goodness.
    pub const NEGATIVE_HISTOGRAM: usize = POSITIVE_HISTOGRAM + BINS;
    /// Columns altogether.
    pub const COUNT: usize = NEGATIVE_HISTOGRAM + BINS;
    /// Where the histograms begin, in octaves above the threshold: `log2(g/θ)`. The first bin also takes all below.
    pub const FROM: f32 = -2.0;
    /// Where they end; the last bin also takes all above.
    pub const TO: f32 = 2.0;
}
