//! Where arithmetic runs: the seam between what is learned and the machine that multiplies.
//!
//! Symbols used in this module and below it, all `f32`, rows are images and columns are units:
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | `u` | `[R, D]` | a layer's input before normalisation: the picture with its label, or the activities below |
//! | `s` | `[R]` | the row scale `1 / (rms(u) + 1e-10)`; the normalised input `x = s·u` is never written anywhere |
//! | `W`, `b` | `[D, N]`, `[N]` | weights and biases |
//! | `h` | `[R, N]` | activities `relu(s·(u·W) + b)` |
//! | `q` | `[R]` | sum of squares `Σ_j h_j²`, which the next layer's `s` is made of |
//! | `g` | `[R, K]` | goodness of each of `K` blocks of units; under the standard rule there is one, and `g = q` |
//! | `δ` | `[R, N]` | the direction in which a layer's pre-activation should move |
//! | `θ`, `T` | | threshold and temperature of `p(real) = σ((g − θ)/T)` |
//! | `m` | `[N]` | running mean of the activities of positive images |
//!
//! The operations of [`Engine`] are fused ones, those Forward-Forward needs, not a general tensor library. Each exists
//! once as readable Rust ([`cpu`]); any further engine is held against that text. Shapes are checked above the seam, by
//! [`crate::model`] and [`crate::training`]; inside, they are `debug_assert`s.

pub mod choice;
pub mod cpu;
pub mod gpu;
pub mod random;
mod rule;
mod wiring;

pub use rule::{Activation, Goodness, Obstacle, Rule, SINE_FROM, Sign, TABLE_TO, TABLE_VALUES};
pub use wiring::{Local, TILE, Wiring};

use crate::dataset::{Images, LABELS};
use crate::error::Result;
use serde::Serialize;
use std::ops::Range;

/// The code that writes 0.1 into all ten label pixels: "any of them".
pub const NEUTRAL: u8 = LABELS as u8;

/// What a label pixel holds where the neutral label is written (Hinton's published code).
pub const NEUTRAL_STRENGTH: f32 = 0.1;

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
pub struct Connection<E: Engine> {
    /// `W: [D, N]`; under local wiring `[N, F]`, see [`Local`].
    pub weight: E::Matrix,
    /// Momentum of `W`, shaped as it.
    pub velocity: E::Matrix,
    /// Which of the units on one side hear which on the other.
    pub wiring: Wiring,
}

impl<E: Engine> Connection<E> {
    /// Weights by which each unit hears all.
    pub fn dense(weight: E::Matrix, velocity: E::Matrix) -> Self {
        Self { weight, velocity, wiring: Wiring::Dense }
    }
}

/// A layer's parameters and what its local rule remembers.
#[derive(Debug)]
pub struct Layer<E: Engine> {
    /// What its units compute, what their goodness is, and which way it is pushed.
    pub rule: Rule,
    /// From the layer below, or from the picture.
    pub below: Connection<E>,
    /// From the layer above, or from the label on top: the recurrent net alone has these.
    pub above: Option<Connection<E>>,
    /// `b: [1, N]`.
    pub bias: E::Matrix,
    /// Momentum of `b: [1, N]`.
    pub bias_velocity: E::Matrix,
    /// `m: [1, N]`, running mean activity on positive images, 0.5 at the start.
    pub mean_activity: E::Matrix,
}

/// The pictures of a batch as the first layer takes them: label pixels blank, so that one product serves every label
/// that will be written into them.
#[derive(Debug)]
pub struct Pictures<E: Engine> {
    /// Pixels 0 to 1, `[I, D]`, and the sum of squares of each row.
    pub rows: Activity<E>,
    /// `rows · W` of the first layer, `[I, N]`: see [`Engine::project`].
    pub product: E::Matrix,
    /// How many of the first pixels carry a label and are blank here: all ten classes' or none.
    pub label_pixels: usize,
}

/// Activities of one layer for a batch, or anything else that a layer can read: one row an image.
#[derive(Debug)]
pub struct Activity<E: Engine> {
    /// `h: [R, N]`.
    pub values: E::Matrix,
    /// `q = Σ h²: [R, 1]`.
    pub squares: E::Matrix,
    /// `g: [R, K]`, where [`Engine::measure`] has to find it; `None` under a rule whose goodness is `q`.
    pub goodness: Option<E::Matrix>,
}

impl<E: Engine> Activity<E> {
    /// The goodness of each row, `[R, K]`.
    pub fn goodness(&self) -> &E::Matrix {
        self.goodness.as_ref().unwrap_or(&self.squares)
    }
}

/// What a layer reads.
pub enum Input<'a, E: Engine> {
    /// The first layer reads pictures with a label code written into the first ten pixels of each row. Row `r` of
    /// block `rows` shows picture `first_picture + (r − rows.start) mod pictures`.
    Pictures {
        /// The pictures.
        pictures: &'a Pictures<E>,
        /// The label code of every row, `[R]`; of no consequence where no pixels are label pixels.
        labels: &'a E::Labels,
        /// The picture the block's first row shows.
        first_picture: usize,
        /// How many pictures the block's rows cycle through.
        count: usize,
    },
    /// Every other layer reads the activities of the one below, or of the one above.
    Layer {
        /// What is read, row by row.
        rows: &'a Activity<E>,
        /// Whether only its direction is read (`x = s·u`), as Forward-Forward has it, or it is read as it is (`x = u`).
        normalised: bool,
    },
}

impl<E: Engine> Clone for Input<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for Input<'_, E> {}

impl<'a, E: Engine> Input<'a, E> {
    /// The direction of `rows`.
    pub fn layer(rows: &'a Activity<E>) -> Self {
        Self::Layer { rows, normalised: true }
    }
}

/// Which way a layer's pre-activations should move.
pub enum Delta<'a, E: Engine> {
    /// Up or down with the layer's own goodness: `δ = coefficient · slope(h)`, plus the peer term on positive rows.
    Local {
        /// What the slope is taken of: `h`, or `h` gated, see [`Engine::settle`].
        values: &'a E::Matrix,
        /// What [`Engine::judge`] left.
        verdict: &'a Verdict<E>,
        /// Which rows are which.
        blocks: &'a Blocks,
        /// The slope, and the blocks of units the coefficients belong to.
        rule: Rule,
    },
    /// As somebody above has worked out: the backprop baseline.
    Given {
        /// `δ: [R, N]`, an ascent direction.
        delta: &'a E::Matrix,
        /// The rows learned from; the mean over them is the gradient.
        rows: Range<usize>,
    },
}

/// The layer's own state one step ago, which the recurrent net lets fade slowly.
pub struct Previous<'a, E: Engine> {
    /// `h` of the step before.
    pub activity: &'a Activity<E>,
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
pub struct Verdict<E: Engine> {
    /// `1 − p` on positive rows, `−p` on negative ones, both with the sign of the rule: δ is this times the slope of
    /// goodness, which is `h` under the standard one. `[R, K]`.
    pub coefficients: E::Matrix,
    /// `λ (mean(m) − m)`, added to δ on positive rows. `[1, N]`.
    pub peer: E::Matrix,
    /// Sums over rows since they were last cleared; [`metric`] says what each column holds. `[1, metric::COUNT]`.
    pub metrics: E::Matrix,
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

/// Which engine this is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `cpu` or `webgpu`.
    pub kind: &'static str,
    /// The adapter, or the instruction set.
    pub name: String,
}

/// What one of an engine's programs took, see [`Engine::spent`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Spent {
    /// Its name: a file in `shaders/`.
    pub what: String,
    /// How often it ran.
    pub times: u64,
    /// How long that took, altogether.
    pub milliseconds: f64,
}

/// A machine that can run the Forward-Forward step.
///
/// Enqueueing is synchronous and never waits; only reading back and [`Engine::pace`] do.
#[allow(async_fn_in_trait, reason = "the page's worker is single-threaded, so futures need not be Send")]
pub trait Engine: Sized {
    /// `f32` values, `[rows, columns]`, in the engine's own memory.
    type Matrix: std::fmt::Debug;
    /// A data set's images as bytes in the engine's own memory.
    type Dataset: std::fmt::Debug;
    /// Label codes, one a row: 0 to 9, or [`NEUTRAL`].
    type Labels: std::fmt::Debug;
    /// Values on their way out of the engine's memory.
    type Reading: std::fmt::Debug;

    /// Which engine this is.
    fn identity(&self) -> Identity;

    /// A matrix of zeros.
    ///
    /// # Errors
    /// When the engine has no room for it.
    fn matrix(&self, rows: usize, columns: usize) -> Result<Self::Matrix>;

    /// Room for one sum a row of a `[rows, columns]` matrix, `[rows, 1]`: the squares of an [`Activity`] that
    /// [`Engine::forward`] fills. An engine may keep each sum in parts, as they arise.
    ///
    /// # Errors
    /// As [`Engine::matrix`].
    fn sums(&self, rows: usize, columns: usize) -> Result<Self::Matrix> {
        let _ = columns;
        self.matrix(rows, 1)
    }

    /// Replaces all values; `values` is row-major and as long as the matrix.
    fn write(&self, matrix: &mut Self::Matrix, values: &[f32]);

    /// Begins to read the values, all rows, that `matrices` have after everything enqueued before; what is enqueued later
    /// does not change what will be read.
    ///
    /// # Errors
    /// When the engine has no room for a copy, or was lost.
    fn begin_reading(&self, matrices: &[&Self::Matrix]) -> Result<Self::Reading>;

    /// Whether [`Engine::finish_reading`] would not have to wait.
    fn has_arrived(&self, reading: &Self::Reading) -> bool;

    /// The values, row-major, matrix by matrix.
    ///
    /// # Errors
    /// When the engine was lost meanwhile.
    async fn finish_reading(&self, reading: Self::Reading) -> Result<Vec<Vec<f32>>>;

    /// The values of several matrices after everything enqueued before.
    ///
    /// # Errors
    /// As [`Engine::begin_reading`] and [`Engine::finish_reading`].
    async fn read_all(&self, matrices: &[&Self::Matrix]) -> Result<Vec<Vec<f32>>> {
        self.finish_reading(self.begin_reading(matrices)?).await
    }

    /// [`Engine::read_all`] of one matrix.
    ///
    /// # Errors
    /// As [`Engine::read_all`].
    async fn read(&self, matrix: &Self::Matrix) -> Result<Vec<f32>> {
        Ok(self.read_all(&[matrix]).await?.swap_remove(0))
    }

    /// To be called after each training step: hands the enqueued work on in portions, and waits while too much of it is
    /// under way, so that no more is ever queued than about a tenth of a second's work.
    ///
    /// # Errors
    /// When the engine was lost meanwhile.
    async fn pace(&self) -> Result<()> {
        Ok(())
    }

    /// Watches where the time goes from now on, for [`Engine::spent`]; `false` for an engine that cannot tell.
    ///
    /// # Errors
    /// When the engine was lost or has no room.
    fn watch(&self) -> Result<bool> {
        Ok(false)
    }

    /// Where the time went since [`Engine::watch`], which is over then: program by program, the longest first. Of the first
    /// 2,048 dispatches, as the device tells them apart: a browser may round its timestamps, so that short ones count as
    /// nothing or as too much. Empty where nothing was watched.
    ///
    /// # Errors
    /// When the engine was lost meanwhile.
    async fn spent(&self) -> Result<Vec<Spent>> {
        Ok(vec![])
    }

    /// Puts a data set's bytes where [`Engine::gather`] finds them.
    ///
    /// # Errors
    /// When the engine has no room for it.
    fn dataset(&self, images: &Images) -> Result<Self::Dataset>;

    /// Room for the label codes of `rows` rows, all [`NEUTRAL`].
    ///
    /// # Errors
    /// When the engine has no room for it.
    fn labels(&self, rows: usize) -> Result<Self::Labels>;

    /// Replaces the label codes from row `first` on.
    fn write_labels(&self, labels: &mut Self::Labels, first: usize, codes: &[u8]);

    /// The label codes of all rows.
    ///
    /// # Errors
    /// When the engine was lost meanwhile.
    async fn read_labels(&self, labels: &Self::Labels) -> Result<Vec<u8>>;

    /// `u[first + i, :] = bytes of picks[i], shifted, / 255` with the first `label_pixels` blank, and the rows' sums of
    /// squares. Grey is ink, and 0 is paper; in colour there is no paper, and 0 is the mean of the picture's values.
    fn gather(
        &self,
        dataset: &Self::Dataset,
        picks: &[Pick],
        first: usize,
        label_pixels: usize,
        rows: &mut Activity<Self>,
    );

    /// A training batch comes in: [`Engine::gather`] from row 0 on, and with it [`Engine::write_labels`] for each of `codes`,
    /// which are as many as the pictures and begin at the row that stands before them.
    fn take_in(
        &self,
        dataset: &Self::Dataset,
        picks: &[Pick],
        label_pixels: usize,
        codes: &[(usize, &[u8])],
        rows: &mut Activity<Self>,
        labels: &mut Self::Labels,
    ) {
        self.gather(dataset, picks, 0, label_pixels, rows);
        for (first, codes) in codes {
            self.write_labels(labels, *first, codes);
        }
    }

    /// Hybrid pictures (paper, section 3.2): `u[first + i, :] = m·a + (1 − m)·b` of the two pictures `pairs[i]`, where the
    /// mask `m` is large areas of ones and zeros: random bits from `key` and `i`, blurred and cut at ½, see
    /// [`crate::negatives::hybrid`]. And the rows' sums of squares.
    fn mix(&self, dataset: &Self::Dataset, pairs: &[[Pick; 2]], first: usize, key: &MaskKey, rows: &mut Activity<Self>);

    /// `product = u · W` of the first layer for pictures `0..count`. A label changes ten pixels only, so this one
    /// product serves the positive, the neutral and the negative pass, or all ten labels when a picture is read.
    fn project(&self, pictures: &mut Pictures<Self>, count: usize, connection: &Connection<Self>);

    /// `h = φ(s·(u·W) + b)` and `q = Σ h²` for `rows`, with the activation `φ` of the layer's rule.
    fn forward(&self, input: &Input<Self>, layer: &Layer<Self>, rows: Range<usize>, output: &mut Activity<Self>);

    /// `z = s·(u·W)` for `rows`, added to what `sum` holds if `accumulate`: one of a layer's several inputs.
    fn connect(
        &self,
        input: &Input<Self>,
        connection: &Connection<Self>,
        rows: Range<usize>,
        accumulate: bool,
        sum: &mut Self::Matrix,
    );

    /// The state after one step of the recurrent net: `h* = relu(z + b)`, `h = (1 − d)·h* + d·previous` and `q = Σ h²` for
    /// `rows`; `gated` is `h` where `h* > 0` and 0 elsewhere, for nothing is learned through a unit that is off.
    fn settle(
        &self,
        sum: &Self::Matrix,
        layer: &Layer<Self>,
        previous: &Previous<Self>,
        rows: Range<usize>,
        output: &mut Activity<Self>,
        gated: &mut Self::Matrix,
    );

    /// The label on top as a layer's activity: row `r` of `rows` is one-hot times `strength`, or zero where neutral.
    fn express(&self, labels: &Self::Labels, rows: Range<usize>, strength: f32, output: &mut Activity<Self>);

    /// Sends activities through a box that nobody can differentiate, for `rows`: see [`Obstacle`].
    fn transform(
        &self,
        obstacle: Obstacle,
        seed: u32,
        input: &Activity<Self>,
        rows: Range<usize>,
        output: &mut Activity<Self>,
    );

    /// The goodness of `rows` under `rule`, block by block, where it is not just `q`.
    fn measure(&self, rule: Rule, rows: Range<usize>, activity: &mut Activity<Self>);

    /// Turns goodness into one coefficient a row and block, moves the running mean activity, and adds to the metrics.
    fn judge(
        &self,
        activity: &Activity<Self>,
        blocks: &Blocks,
        objective: &Objective,
        layer: &mut Layer<Self>,
        verdict: &mut Verdict<Self>,
    ) {
        self.assess(activity, blocks, objective, None, layer, verdict);
    }

    /// One step of one connection: `G = (X₊ᵀδ₊ + X₋ᵀδ₋)/B`, `v ← μv + (1−μ)G`, `W ← W + rate·(v − cW)`. Where δ is
    /// local, nothing crosses a layer boundary.
    fn update(&self, input: &Input<Self>, delta: &Delta<Self>, rates: &Rates, connection: &mut Connection<Self>);

    /// The same step for the biases, whose input is 1, without cost.
    fn update_bias(&self, delta: &Delta<Self>, rates: &Rates, layer: &mut Layer<Self>);

    /// [`Engine::judge`] and, if there are `rates`, [`Engine::update_bias`] by what was judged.
    fn assess(
        &self,
        activity: &Activity<Self>,
        blocks: &Blocks,
        objective: &Objective,
        rates: Option<&Rates>,
        layer: &mut Layer<Self>,
        verdict: &mut Verdict<Self>,
    );

    /// `W ← W ⊙ mask`, momentum likewise: connections that do not exist stay away.
    fn mask(&self, mask: &Self::Matrix, connection: &mut Connection<Self>);

    /// What the backprop baseline sends down: `output = (δ · Wᵀ) ⊙ φ'(h)` for `rows`, where `h` are the activities below
    /// `connection` and `φ` their activation. `δ: [R, N]`, `W: [D, N]`, `h`, `output: [R, D]`.
    fn backward(
        &self,
        delta: &Self::Matrix,
        connection: &Connection<Self>,
        below: &Activity<Self>,
        activation: Activation,
        rows: Range<usize>,
        output: &mut Self::Matrix,
    );

    /// `logits[i, :] = Σ_l norm(h_l[i, :]) · V_l` over the head's layers, for the first `count` rows: those with the
    /// neutral label. Unless `normalised`, `h` itself is read.
    fn classify(
        &self,
        layers: &[&Activity<Self>],
        head: &[Connection<Self>],
        normalised: bool,
        count: usize,
        logits: &mut Self::Matrix,
    );

    /// `error = target − softmax(logits)`, `[B, 10]`. The true labels of the first rows are found at rows `positive` of
    /// `labels`.
    fn blame(&self, logits: &Self::Matrix, labels: &Self::Labels, positive: Range<usize>, error: &mut Self::Matrix);

    /// One ascent step of the softmax head from the `error` of [`Engine::blame`]: `X̂ᵀ·error/B`, for `count` rows.
    fn learn_head(
        &self,
        layers: &[&Activity<Self>],
        error: &Self::Matrix,
        normalised: bool,
        count: usize,
        rates: &Rates,
        head: &mut [Connection<Self>],
    );

    /// A lesson of the softmax head: [`Engine::classify`] the first rows of `layers`, [`Engine::propose`] wrong labels from
    /// the logits where that is asked, then [`Engine::blame`] and [`Engine::learn_head`].
    fn teach(
        &self,
        layers: &[&Activity<Self>],
        teaching: &Teaching,
        labels: &mut Self::Labels,
        head: &mut [Connection<Self>],
        logits: &mut Self::Matrix,
        error: &mut Self::Matrix,
    ) {
        let Teaching { blocks, propose, rates } = teaching;
        let count = blocks.positive.len();
        self.classify(layers, head, true, count, logits);
        if let Some([seed, step]) = *propose {
            self.propose(logits, blocks, seed, step, labels);
        }
        self.blame(logits, labels, blocks.positive.clone(), error);
        self.learn_head(layers, error, true, count, rates, head);
    }

    /// `scores[i, c] = Σ_l ±g_l[first + c·count + i] / N_l`: goodness a unit of picture `i` under label `c`, where the rows
    /// hold ten blocks of `count` pictures, one a label. Layers that minimise goodness on positive pictures count −.
    fn tally(&self, layers: &[(&Activity<Self>, Sign)], first: usize, count: usize, scores: &mut Self::Matrix);

    /// Draws a wrong label a row from the softmax of `scores` with the true label (rows `positive` of `labels`)
    /// excluded, and writes it to rows `negative`. Row `i` of step `step` uses [`random::uniform`]`(seed, step, i)`.
    fn propose(&self, scores: &Self::Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Self::Labels);
}
