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
//! | `g` | `[R]` | goodness `Σ_j h_j²`, which is also what the next layer's `s` is made of |
//! | `θ`, `T` | | threshold and temperature of `p(real) = σ((g − θ)/T)` |
//! | `m` | `[N]` | running mean of the activities of positive images |
//!
//! The operations of [`Engine`] are fused ones, those Forward-Forward needs, not a general tensor library. Each exists
//! once as readable Rust ([`cpu`]); any further engine is held against that text. Shapes are checked above the seam, by
//! [`crate::model`] and [`crate::training`]; inside, they are `debug_assert`s.

pub mod cpu;
pub mod gpu;
pub mod random;

use crate::dataset::{Images, LABELS};
use crate::error::Result;
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

/// A layer's parameters and what its local rule remembers.
#[derive(Debug)]
pub struct Layer<E: Engine> {
    /// `W: [D, N]`.
    pub weight: E::Matrix,
    /// `b: [1, N]`.
    pub bias: E::Matrix,
    /// Momentum of `W: [D, N]`.
    pub weight_velocity: E::Matrix,
    /// Momentum of `b: [1, N]`.
    pub bias_velocity: E::Matrix,
    /// `m: [1, N]`, running mean activity on positive images, 0.5 at the start.
    pub mean_activity: E::Matrix,
}

/// The pictures of a batch as the first layer takes them: label pixels blank, so that one product serves every label
/// that will be written into them.
#[derive(Debug)]
pub struct Pictures<E: Engine> {
    /// Pixels 0 to 1, `[I, D]`, the first ten zero.
    pub values: E::Matrix,
    /// Sum of squares of each row, `[I, 1]`.
    pub squares: E::Matrix,
    /// `values · W` of the first layer, `[I, N]`: see [`Engine::project`].
    pub product: E::Matrix,
}

/// Activities of one layer for a batch.
#[derive(Debug)]
pub struct Activity<E: Engine> {
    /// `h: [R, N]`.
    pub values: E::Matrix,
    /// `g = Σ h²: [R, 1]`.
    pub goodness: E::Matrix,
}

/// What a layer reads.
pub enum Input<'a, E: Engine> {
    /// The first layer reads pictures with a label code written into the first ten pixels of each row. Row `r` of
    /// block `rows` shows picture `first_picture + (r − rows.start) mod pictures`.
    Pictures {
        /// The pictures.
        pictures: &'a Pictures<E>,
        /// The label code of every row, `[R]`.
        labels: &'a E::Labels,
        /// The picture the block's first row shows.
        first_picture: usize,
        /// How many pictures the block's rows cycle through.
        count: usize,
    },
    /// Every other layer reads the activities of the one below.
    Layer(&'a Activity<E>),
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
    /// `θ`, in units of goodness.
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

/// What [`Engine::judge`] leaves for [`Engine::update`].
#[derive(Debug)]
pub struct Verdict<E: Engine> {
    /// `1 − p` on positive rows, `−p` on negative ones: δ is this times `h`. `[R, 1]`.
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

/// The softmax head's share of one hidden layer.
#[derive(Debug)]
pub struct HeadPart<E: Engine> {
    /// `[N, 10]`, from the layer's normalised activities to the logits.
    pub weight: E::Matrix,
    /// Its momentum, `[N, 10]`.
    pub velocity: E::Matrix,
}

/// Which engine this is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `cpu` or `webgpu`.
    pub kind: &'static str,
    /// The adapter, or the instruction set.
    pub name: String,
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

    /// `u[first + i, :] = bytes of picks[i], shifted, / 255` with the first ten pixels blank, and the rows' sums of
    /// squares.
    fn gather(&self, dataset: &Self::Dataset, picks: &[Pick], first: usize, pictures: &mut Pictures<Self>);

    /// `product = u · W` of the first layer for pictures `0..count`. A label changes ten pixels only, so this one
    /// product serves the positive, the neutral and the negative pass, or all ten labels when a picture is read.
    fn project(&self, pictures: &mut Pictures<Self>, count: usize, layer: &Layer<Self>);

    /// `h = relu(s·(u·W) + b)` and `g = Σ h²` for `rows`.
    fn forward(&self, input: &Input<Self>, layer: &Layer<Self>, rows: Range<usize>, output: &mut Activity<Self>);

    /// Turns goodness into one coefficient a row, moves the running mean activity, and adds to the metrics.
    fn judge(
        &self,
        activity: &Activity<Self>,
        blocks: &Blocks,
        objective: &Objective,
        layer: &mut Layer<Self>,
        verdict: &mut Verdict<Self>,
    );

    /// The local rule: `G = (X₊ᵀδ₊ + X₋ᵀδ₋)/B`, `v ← μv + (1−μ)G`, `W ← W + rate·(v − cW)`, biases likewise without
    /// cost. Nothing crosses a layer boundary.
    fn update(
        &self,
        input: &Input<Self>,
        activity: &Activity<Self>,
        blocks: &Blocks,
        verdict: &Verdict<Self>,
        rates: &Rates,
        layer: &mut Layer<Self>,
    );

    /// `logits[i, :] = Σ_l norm(h_l[i, :]) · V_l` over the head's layers, for the first `count` rows: those with the
    /// neutral label.
    fn classify(&self, layers: &[&Activity<Self>], head: &[HeadPart<Self>], count: usize, logits: &mut Self::Matrix);

    /// One ascent step of the softmax head from the `logits` of [`Engine::classify`]: `X̂ᵀ(target − softmax)/B`.
    /// The true labels of the first rows are found at rows `positive` of `labels`.
    fn learn_head(
        &self,
        layers: &[&Activity<Self>],
        logits: &Self::Matrix,
        labels: &Self::Labels,
        positive: Range<usize>,
        rates: &Rates,
        head: &mut [HeadPart<Self>],
    );

    /// `scores[i, c] = Σ_l g_l[first + c·count + i] / N_l`: goodness a unit of picture `i` under label `c`, where the rows
    /// hold ten blocks of `count` pictures, one a label.
    fn tally(&self, layers: &[&Activity<Self>], first: usize, count: usize, scores: &mut Self::Matrix);

    /// Draws a wrong label a row from the softmax of `scores` with the true label (rows `positive` of `labels`)
    /// excluded, and writes it to rows `negative`. Row `i` of step `step` uses [`random::uniform`]`(seed, step, i)`.
    fn propose(&self, scores: &Self::Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Self::Labels);
}
