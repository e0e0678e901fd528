//! Timing the tilings on an adapter, once.

use super::tiling::{Choice, Plan, Product, Size, Tiling};
use super::{Gpu, primitives, signal};
use crate::engine::{Activity, Blocks, Engine, Input, Layer, Rates, Verdict, metric};
use crate::error::Result;
use std::sync::{Mutex, PoisonError};

/// How long a measurement lasts at least, milliseconds: well above what a page's clock and a round trip to the device
/// cost.
const MEASURE_MS: f64 = 8.0;
/// How often it is repeated; the best counts, because other programs can only slow it down.
const REPEATS: usize = 3;
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

/// The plan for `gpu`: remembered, known from before, or measured now.
pub async fn plan(gpu: &Gpu, tuning: Tuning) -> Result<Plan> {
    let adapter = gpu.report.key();
    match tuning {
        Tuning::Skip => return Ok(Plan { adapter, choices: vec![] }),
        Tuning::Remembered(plan) if plan.adapter == adapter && plan.is_complete() => return Ok(plan),
        _ => {}
    }
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|p| p.adapter == adapter).cloned();
    if let Some(plan) = known {
        return Ok(plan);
    }
    let mut choices = vec![];
    for product in [Product::Forward, Product::Update] {
        let mut finalists = product.candidates().to_vec();
        for size in [Size::Medium, Size::Small, Size::Large] {
            let mut results = vec![];
            for &tiling in &finalists {
                results.push((measure(gpu, product, size, tiling).await?, tiling));
            }
            results.sort_by(|a, b| b.0.total_cmp(&a.0));
            let (mflops, tiling) = results[0];
            choices.push(Choice { product, size, tiling, mflops: mflops as u32 });
            if size == Size::Medium {
                finalists = results.iter().take(FINALISTS).map(|r| r.1).collect();
            }
        }
    }
    let plan = Plan { adapter, choices };
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).push(plan.clone());
    Ok(plan)
}

/// 10⁶ operations a second of `product` on the sample shape of `size` in `tiling`.
///
/// # Errors
/// When the device has no room or was lost.
pub async fn measure(gpu: &Gpu, product: Product, size: Size, tiling: Tiling) -> Result<f64> {
    let [rows, inner, columns] = size.sample();
    // The update's output is W, and its inner dimension the rows of the batch.
    let (rows, inner) = if product == Product::Update { (inner.next_multiple_of(2), rows) } else { (rows, inner) };
    let activity = |columns| -> Result<Activity<Gpu>> {
        Ok(Activity { values: gpu.matrix(rows, columns)?, goodness: gpu.matrix(rows, 1)? })
    };
    let below = activity(inner)?;
    let mut above = activity(columns)?;
    let mut layer = Layer {
        weight: gpu.matrix(inner, columns)?,
        bias: gpu.matrix(1, columns)?,
        weight_velocity: gpu.matrix(inner, columns)?,
        bias_velocity: gpu.matrix(1, columns)?,
        mean_activity: gpu.matrix(1, columns)?,
    };
    let verdict = Verdict {
        coefficients: gpu.matrix(rows, 1)?,
        peer: gpu.matrix(1, columns)?,
        metrics: gpu.matrix(1, metric::COUNT)?,
    };
    let blocks = Blocks { positive: 0..rows / 2, negative: rows / 2..rows };
    let rates = Rates { rate: 0.0, momentum: 0.0, weight_cost: 0.0 };
    let mut once = || match product {
        Product::Forward => primitives::forward(gpu, &Input::Layer(&below), &layer, 0..rows, &mut above, tiling),
        Product::Update => {
            let input = Input::Layer(&below);
            primitives::update(gpu, &input, &above, &blocks, &verdict, &rates, &mut layer, tiling);
        }
    };
    // Compiles the kernel.
    once();
    gpu.finish().await?;
    let flops = 2.0 * (rows * inner * columns) as f64;
    let mut times = 1_u32;
    let mut best = f64::INFINITY;
    let mut repeats = 0;
    while repeats < REPEATS {
        let start = signal::now();
        for _ in 0..times {
            once();
        }
        gpu.finish().await?;
        let milliseconds = signal::now() - start;
        if milliseconds < MEASURE_MS && repeats == 0 && times < 1 << 12 {
            times *= if milliseconds * 4.0 < MEASURE_MS { 4 } else { 2 };
        } else {
            best = best.min(milliseconds);
            repeats += 1;
        }
    }
    Ok(flops * f64::from(times) / best.max(1e-3) / 1e3)
}
