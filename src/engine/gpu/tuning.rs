//! Timing the tilings on an adapter, once, in short pieces of work between which the caller may do something else.

use super::tiling::{Choice, Plan, Product, Size, Tiling};
use super::{Gpu, learning, primitives};
use crate::clock;
use crate::engine::{Activity, Blocks, Connection, Delta, Engine, Input, Layer, Rates, Rule, Verdict, metric};
use crate::error::Result;
use std::sync::{Mutex, PoisonError};

/// How long a measurement lasts at least, milliseconds: well above what a page's clock and a round trip to the device
/// cost.
const MEASURE_MS: f64 = 8.0;
/// How often it is repeated; the best counts, because other programs can only slow it down.
const REPEATS: usize = 3;
/// A measurement this long, in milliseconds, is exact enough by itself: what disturbs it is short beside it.
const LONG_MS: f64 = 50.0;
/// A tiling whose first measurement is this many times slower than the best is not measured again.
const HOPELESS: f64 = 2.0;
/// How many of the candidates that did best on [`Size::Medium`] are tried on the other sizes.
const FINALISTS: usize = 3;

/// Where the tilings of an adapter come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tuning {
    /// Timed now, unless this program did so before.
    Measure,
    /// Found earlier, and kept; timed again if it is of another adapter or another version.
    Remembered(Plan),
    /// Any: nothing is to be fast.
    Skip,
}

/// What was found for each adapter since the program began.
static KNOWN: Mutex<Vec<Plan>> = Mutex::new(vec![]);

/// In which order a tuner goes about it: the size from which the finalists come is the first.
const ROUNDS: [(Product, Size); 6] = [
    (Product::Forward, Size::Medium),
    (Product::Forward, Size::Small),
    (Product::Forward, Size::Large),
    (Product::Update, Size::Medium),
    (Product::Update, Size::Small),
    (Product::Update, Size::Large),
];

/// Finds the plan of an adapter, piece by piece.
#[derive(Debug)]
pub struct Tuner {
    plan: Plan,
    /// Whether `plan` is what was looked for.
    done: bool,
    /// Still in the contest of the current product.
    contestants: Vec<Tiling>,
    /// How those of them that were timed in the current round did, 10⁶ operations a second.
    results: Vec<(f64, Tiling)>,
    trial: Option<Trial>,
    /// Candidates timed so far, in all rounds.
    timed: usize,
}

impl Tuner {
    /// For `gpu`, beginning with what `tuning` knows.
    pub fn new(gpu: &Gpu, tuning: Tuning) -> Self {
        let adapter = gpu.report.key();
        let known = || {
            let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            known.iter().find(|plan| plan.adapter == adapter).cloned()
        };
        let (plan, done) = match tuning {
            Tuning::Remembered(plan) if plan.adapter == adapter && plan.is_complete() => (Some(plan), true),
            Tuning::Skip => (None, true),
            Tuning::Measure | Tuning::Remembered(_) => known().map_or((None, false), |plan| (Some(plan), true)),
        };
        let plan = plan.unwrap_or_else(|| Plan { adapter: adapter.clone(), choices: vec![] });
        Self { plan, done, contestants: vec![], results: vec![], trial: None, timed: 0 }
    }

    /// The share of the work that is done, 0 to 1.
    pub fn share(&self) -> f32 {
        if self.done {
            return 1.0;
        }
        let candidates = ROUNDS.iter().map(|(product, size)| match size {
            Size::Medium => product.candidates().len(),
            Size::Small | Size::Large => FINALISTS,
        });
        self.timed as f32 / candidates.sum::<usize>() as f32
    }

    /// Works a few dozen milliseconds, more only where a single product takes longer; the plan, once it is found.
    ///
    /// # Errors
    /// When the device has no room or was lost.
    pub async fn advance(&mut self, gpu: &Gpu) -> Result<Option<&Plan>> {
        if self.done {
            return Ok(Some(&self.plan));
        }
        let (product, size) = ROUNDS[self.plan.choices.len()];
        if size == Size::Medium && self.results.is_empty() && self.trial.is_none() {
            self.contestants = product.candidates().to_vec();
        }
        let tiling = self.contestants[self.results.len()];
        let best = self.results.iter().fold(0.0, |best: f64, r| best.max(r.0));
        let trial = match &mut self.trial {
            Some(trial) => trial,
            none => none.insert(Trial::new(gpu, product, size, tiling)?),
        };
        let Some(mflops) = trial.advance(gpu, best).await? else { return Ok(None) };
        self.trial = None;
        self.timed += 1;
        self.results.push((mflops, tiling));
        if self.results.len() < self.contestants.len() {
            return Ok(None);
        }
        let mut results = std::mem::take(&mut self.results);
        results.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mflops, tiling) = results[0];
        self.plan.choices.push(Choice { product, size, tiling, mflops: mflops as u32 });
        if size == Size::Medium {
            self.contestants = results.iter().take(FINALISTS).map(|r| r.1).collect();
        }
        if self.plan.choices.len() == ROUNDS.len() {
            KNOWN.lock().unwrap_or_else(PoisonError::into_inner).push(self.plan.clone());
            self.done = true;
            return Ok(Some(&self.plan));
        }
        Ok(None)
    }
}

/// 10⁶ operations a second of `product` on the sample shape of `size` in `tiling`.
///
/// # Errors
/// When the device has no room or was lost.
pub async fn measure(gpu: &Gpu, product: Product, size: Size, tiling: Tiling) -> Result<f64> {
    let mut trial = Trial::new(gpu, product, size, tiling)?;
    loop {
        if let Some(mflops) = trial.advance(gpu, 0.0).await? {
            return Ok(mflops);
        }
    }
}

/// One product in one tiling on one shape, being timed.
#[derive(Debug)]
struct Trial {
    product: Product,
    tiling: Tiling,
    rows: usize,
    inner: usize,
    below: Activity<Gpu>,
    above: Activity<Gpu>,
    layer: Layer<Gpu>,
    verdict: Verdict<Gpu>,
    /// Products a measurement; 0 before the first, which compiles the kernel.
    times: u32,
    /// Of the measurements that count, milliseconds.
    best: f64,
    repeats: usize,
}

impl Trial {
    fn new(gpu: &Gpu, product: Product, size: Size, tiling: Tiling) -> Result<Self> {
        let [rows, inner, columns] = size.sample();
        // The update's output is W, and its inner dimension the rows of the batch.
        let (rows, inner) = if product == Product::Update { (inner.next_multiple_of(2), rows) } else { (rows, inner) };
        let activity = |columns| -> Result<Activity<Gpu>> {
            Ok(Activity { values: gpu.matrix(rows, columns)?, squares: gpu.sums(rows, columns)?, goodness: None })
        };
        Ok(Self {
            product,
            tiling,
            rows,
            inner,
            below: activity(inner)?,
            above: activity(columns)?,
            layer: Layer {
                rule: Rule::default(),
                below: Connection::dense(gpu.matrix(inner, columns)?, gpu.matrix(inner, columns)?),
                above: None,
                bias: gpu.matrix(1, columns)?,
                bias_velocity: gpu.matrix(1, columns)?,
                mean_activity: gpu.matrix(1, columns)?,
            },
            verdict: Verdict {
                coefficients: gpu.matrix(rows, 1)?,
                peer: gpu.matrix(1, columns)?,
                metrics: gpu.matrix(1, metric::COUNT)?,
            },
            times: 0,
            best: f64::INFINITY,
            repeats: 0,
        })
    }

    /// Enqueues the product once.
    fn once(&mut self, gpu: &Gpu) {
        let Self { rows, tiling, below, above, layer, verdict, .. } = self;
        let input = Input::layer(below);
        match self.product {
            Product::Forward => primitives::forward(gpu, &input, layer, 0..*rows, above, *tiling),
            Product::Update => {
                let blocks = Blocks { positive: 0..*rows / 2, negative: *rows / 2..*rows };
                let rates = Rates { rate: 0.0, momentum: 0.0, weight_cost: 0.0 };
                let rule = layer.rule;
                let delta = Delta::Local { values: &above.values, verdict, blocks: &blocks, rule };
                learning::update(gpu, &input, &delta, &rates, &mut layer.below, *tiling);
                learning::update_bias(gpu, &delta, &rates, layer);
            }
        }
    }

    /// One measurement; 10⁶ operations a second, once there were enough. `to_beat` is what another tiling reached.
    async fn advance(&mut self, gpu: &Gpu, to_beat: f64) -> Result<Option<f64>> {
        if self.times == 0 {
            self.once(gpu);
            gpu.finish().await?;
            self.times = 1;
            return Ok(None);
        }
        let start = clock::now();
        for _ in 0..self.times {
            self.once(gpu);
        }
        gpu.finish().await?;
        let milliseconds = clock::now() - start;
        if milliseconds < MEASURE_MS && self.repeats == 0 && self.times < 1 << 12 {
            self.times *= if milliseconds * 4.0 < MEASURE_MS { 4 } else { 2 };
            return Ok(None);
        }
        self.best = self.best.min(milliseconds);
        self.repeats += 1;
        let flops = 2.0 * (self.rows * self.inner * self.layer.below.weight.columns) as f64;
        let mflops = flops * f64::from(self.times) / self.best.max(1e-3) / 1e3;
        let enough = self.repeats == REPEATS || milliseconds > LONG_MS || HOPELESS * mflops < to_beat;
        Ok(enough.then_some(mflops))
    }
}
