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
//!
//! Code above the seam holds a `dyn Engine`. It is compiled once for all engines, and a run can change its engine.

#[cfg(feature = "gpu")]
pub mod choice;
pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
mod operands;
pub mod random;
mod rule;
mod stored;
mod wiring;

pub use operands::{
    Activity, Blocks, Connection, Delta, Input, Layer, MEAN_SHARE, MaskKey, NEUTRAL, NORM_FLOOR, Objective, Pick,
    Pictures, Previous, Rates, Teaching, Verdict, metric, neutral_strength,
};
pub use rule::{Activation, Goodness, Obstacle, Rule, SINE_FROM, Sign, TABLE_TO, TABLE_VALUES};
pub use stored::{ImageBytes, Labels, Matrix, Reading, Stored};
pub use wiring::{Local, TILE, Wiring};

use crate::dataset::Images;
use crate::error::Result;
use serde::Serialize;
use std::future::ready;
use std::ops::Range;
use std::pin::Pin;

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

/// The result of an operation that waits for the engine. The page's worker is single-threaded, so it need not be `Send`.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// A machine that can run the Forward-Forward step.
///
/// Enqueueing is synchronous and never waits; only reading back and [`Engine::pace`] do. Matrices, labels and data sets are
/// [`Stored`] where they were made: an engine panics if it is given those of another engine.
pub trait Engine: std::fmt::Debug {
    /// Which engine this is.
    fn identity(&self) -> Identity;

    /// A matrix of zeros.
    ///
    /// # Errors
    /// When the engine has no room for it.
    fn matrix(&self, rows: usize, columns: usize) -> Result<Matrix>;

    /// Room for one sum a row of a `[rows, columns]` matrix, `[rows, 1]`: the squares of an [`Activity`] that
    /// [`Engine::forward`] fills. An engine may keep each sum in parts, as they arise.
    ///
    /// # Errors
    /// As [`Engine::matrix`].
    fn sums(&self, rows: usize, columns: usize) -> Result<Matrix> {
        let _ = columns;
        self.matrix(rows, 1)
    }

    /// Room for the values of an [`Activity`], or for what is left of them (`gated`): an engine may store these alone in half
    /// precision.
    ///
    /// # Errors
    /// As [`Engine::matrix`].
    fn values(&self, rows: usize, columns: usize) -> Result<Matrix> {
        self.matrix(rows, columns)
    }

    /// Replaces all values; `values` is row-major and as long as the matrix.
    fn write(&self, matrix: &mut Matrix, values: &[f32]);

    /// Begins to read the values, all rows, that `matrices` have after everything enqueued before; what is enqueued later
    /// does not change what will be read.
    ///
    /// # Errors
    /// When the engine has no room for a copy, or was lost.
    fn begin_reading(&self, matrices: &[&Matrix]) -> Result<Reading>;

    /// Whether [`Engine::finish_reading`] would not have to wait.
    fn has_arrived(&self, reading: &Reading) -> bool;

    /// The values, row-major, matrix by matrix.
    ///
    /// # Errors
    /// When the engine was lost meanwhile.
    fn finish_reading(&self, reading: Reading) -> Later<'_, Vec<Vec<f32>>>;

    /// The values of several matrices after everything enqueued before.
    ///
    /// # Errors
    /// As [`Engine::begin_reading`] and [`Engine::finish_reading`].
    fn read_all(&self, matrices: &[&Matrix]) -> Later<'_, Vec<Vec<f32>>> {
        match self.begin_reading(matrices) {
            Ok(reading) => self.finish_reading(reading),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    /// [`Engine::read_all`] of one matrix.
    ///
    /// # Errors
    /// As [`Engine::read_all`].
    fn read(&self, matrix: &Matrix) -> Later<'_, Vec<f32>> {
        let all = self.read_all(&[matrix]);
        Box::pin(async { Ok(all.await?.swap_remove(0)) })
    }

    /// To be called after each training step: hands the enqueued work on in portions, and waits while too much of it is
    /// under way, so that no more is ever queued than about a tenth of a second's work.
    ///
    /// # Errors
    /// When the engine was lost meanwhile.
    fn pace(&self) -> Later<'_, ()> {
        Box::pin(ready(Ok(())))
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
    fn spent(&self) -> Later<'_, Vec<Spent>> {
        Box::pin(ready(Ok(vec![])))
    }

    /// Puts a data set's bytes where [`Engine::gather`] finds them.
    ///
    /// # Errors
    /// When the engine has no room for it.
    fn dataset(&self, images: &Images) -> Result<ImageBytes>;

    /// Room for the label codes of `rows` rows, all [`NEUTRAL`].
    ///
    /// # Errors
    /// When the engine has no room for it.
    fn labels(&self, rows: usize) -> Result<Labels>;

    /// Replaces the label codes from row `first` on.
    fn write_labels(&self, labels: &mut Labels, first: usize, codes: &[u8]);

    /// The label codes of all rows.
    ///
    /// # Errors
    /// When the engine was lost meanwhile.
    fn read_labels<'a>(&'a self, labels: &'a Labels) -> Later<'a, Vec<u8>>;

    /// `u[first + i, :] = bytes of picks[i], shifted, / 255` with the first `label_pixels` blank, and the rows' sums of
    /// squares. Grey is ink, and 0 is paper; in colour there is no paper, and 0 is the mean of the picture's values.
    ///
    /// Rows longer than a picture begin with inputs for the label alone, `label_pixels` of them; the picture follows whole.
    fn gather(&self, dataset: &ImageBytes, picks: &[Pick], first: usize, label_pixels: usize, rows: &mut Activity);

    /// A training batch comes in: [`Engine::gather`] from row 0 on, and with it [`Engine::write_labels`] for each of `codes`,
    /// which are as many as the pictures and begin at the row that stands before them.
    fn take_in(
        &self,
        dataset: &ImageBytes,
        picks: &[Pick],
        label_pixels: usize,
        codes: &[(usize, &[u8])],
        rows: &mut Activity,
        labels: &mut Labels,
    ) {
        self.gather(dataset, picks, 0, label_pixels, rows);
        for (first, codes) in codes {
            self.write_labels(labels, *first, codes);
        }
    }

    /// Hybrid pictures (paper, section 3.2): `u[first + i, :] = m·a + (1 − m)·b` of the two pictures `pairs[i]`, where the
    /// mask `m` is large areas of ones and zeros: random bits from `key` and `i`, blurred and cut at ½, see
    /// [`crate::negatives::hybrid`]. And the rows' sums of squares.
    fn mix(&self, dataset: &ImageBytes, pairs: &[[Pick; 2]], first: usize, key: &MaskKey, rows: &mut Activity);

    /// `product = u · W` of the first layer for pictures `0..count`. A label changes its own inputs only, so this one
    /// product serves the positive, the neutral and the negative pass, or all labels when a picture is read.
    fn project(&self, pictures: &mut Pictures, count: usize, connection: &Connection);

    /// `h = φ(s·(u·W) + b)` and `q = Σ h²` for `rows`, with the activation `φ` of the layer's rule.
    fn forward(&self, input: &Input, layer: &Layer, rows: Range<usize>, output: &mut Activity);

    /// `z = s·(u·W)` for `rows`, added to what `sum` holds if `accumulate`: one of a layer's several inputs.
    fn connect(&self, input: &Input, connection: &Connection, rows: Range<usize>, accumulate: bool, sum: &mut Matrix);

    /// The state after one step of the recurrent net: `h* = relu(z + b)`, `h = (1 − d)·h* + d·previous` and `q = Σ h²` for
    /// `rows`; `gated` is `h` where `h* > 0` and 0 elsewhere, for nothing is learned through a unit that is off.
    fn settle(
        &self,
        sum: &Matrix,
        layer: &Layer,
        previous: &Previous,
        rows: Range<usize>,
        output: &mut Activity,
        gated: &mut Matrix,
    );

    /// The label on top as a layer's activity: row `r` of `rows` is one-hot times `strength`, or zero where neutral.
    fn express(&self, labels: &Labels, rows: Range<usize>, strength: f32, output: &mut Activity);

    /// Sends activities through a box that nobody can differentiate, for `rows`: see [`Obstacle`].
    fn transform(&self, obstacle: Obstacle, seed: u32, input: &Activity, rows: Range<usize>, output: &mut Activity);

    /// The goodness of `rows` under `rule`, block by block, where it is not just `q`.
    fn measure(&self, rule: Rule, rows: Range<usize>, activity: &mut Activity);

    /// Turns goodness into one coefficient a row and block, moves the running mean activity, and adds to the metrics.
    fn judge(
        &self,
        activity: &Activity,
        blocks: &Blocks,
        objective: &Objective,
        layer: &mut Layer,
        verdict: &mut Verdict,
    ) {
        self.assess(activity, blocks, objective, None, layer, verdict);
    }

    /// One step of one connection: `G = (X₊ᵀδ₊ + X₋ᵀδ₋)/B`, `v ← μv + (1−μ)G`, `W ← W + rate·(v − cW)`. Where δ is
    /// local, nothing crosses a layer boundary.
    fn update(&self, input: &Input, delta: &Delta, rates: &Rates, connection: &mut Connection);

    /// The same step for the biases, whose input is 1, without cost.
    fn update_bias(&self, delta: &Delta, rates: &Rates, layer: &mut Layer);

    /// [`Engine::judge`] and, if there are `rates`, [`Engine::update_bias`] by what was judged.
    fn assess(
        &self,
        activity: &Activity,
        blocks: &Blocks,
        objective: &Objective,
        rates: Option<&Rates>,
        layer: &mut Layer,
        verdict: &mut Verdict,
    );

    /// `W ← W ⊙ mask`, momentum likewise: connections that do not exist stay away.
    fn mask(&self, mask: &Matrix, connection: &mut Connection);

    /// What the backprop baseline sends down: `output = (δ · Wᵀ) ⊙ φ'(h)` for `rows`, where `h` are the activities below
    /// `connection` and `φ` their activation. `δ: [R, N]`, `W: [D, N]`, `h`, `output: [R, D]`.
    fn backward(
        &self,
        delta: &Matrix,
        connection: &Connection,
        below: &Activity,
        activation: Activation,
        rows: Range<usize>,
        output: &mut Matrix,
    );

    /// `logits[i, :] = Σ_l norm(h_l[i, :]) · V_l` over the head's layers, for the first `count` rows: those with the
    /// neutral label. Unless `normalised`, `h` itself is read.
    fn classify(&self, layers: &[&Activity], head: &[Connection], normalised: bool, count: usize, logits: &mut Matrix);

    /// `error = target − softmax(logits)`, `[B, C]`. The true labels of the first rows are found at rows `positive` of
    /// `labels`.
    fn blame(&self, logits: &Matrix, labels: &Labels, positive: Range<usize>, error: &mut Matrix);

    /// One ascent step of the softmax head from the `error` of [`Engine::blame`]: `X̂ᵀ·error/B`, for `count` rows.
    fn learn_head(
        &self,
        layers: &[&Activity],
        error: &Matrix,
        normalised: bool,
        count: usize,
        rates: &Rates,
        head: &mut [Connection],
    );

    /// A lesson of the softmax head: [`Engine::classify`] the first rows of `layers`, [`Engine::propose`] wrong labels from
    /// the logits where that is asked, then [`Engine::blame`] and [`Engine::learn_head`].
    fn teach(
        &self,
        layers: &[&Activity],
        teaching: &Teaching,
        labels: &mut Labels,
        head: &mut [Connection],
        logits: &mut Matrix,
        error: &mut Matrix,
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
    /// hold a block of `count` pictures for each label. Layers that minimise goodness on positive pictures count −.
    fn tally(&self, layers: &[(&Activity, Sign)], first: usize, count: usize, scores: &mut Matrix);

    /// Draws a wrong label a row from the softmax of `scores` with the true label (rows `positive` of `labels`)
    /// excluded, and writes it to rows `negative`. Row `i` of step `step` uses [`random::uniform`]`(seed, step, i)`.
    fn propose(&self, scores: &Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Labels);
}
