//! A training step, timed on any engine.

use forward_forward::Result;
use forward_forward::dataset::{Images, Label, Shape, Split};
use forward_forward::engine::Engine;
use forward_forward::model::{Ends, Settings};
use forward_forward::training::{Trainer, TrainingSet};
use std::time::{Duration, Instant};

/// How long each thing is timed.
pub const TIMED: Duration = Duration::from_secs(5);

/// What a machine that others use as well can do shows in its best moment only, of training as of multiplying in registers.
const MOMENT: Duration = Duration::from_millis(250);

/// Trains for [`TIMED`] and prints how fast, and which share of `peak` (10⁹ operations a second) that is; and the same of the best
/// [`MOMENT`], where what a step has cost is known when it returns, which is on the CPU.
pub async fn train(engine: &dyn Engine, layers: &[usize], batch: usize, peak: Option<f64>) -> Result<()> {
    let settings = Settings { layers: layers.to_vec(), batch, ..Settings::default() };
    let count = 2048_u32;
    let pixels = Shape::MNIST.pixels();
    let bytes = (0..count as usize * pixels).map(|i| (i * i % 251) as u8).collect();
    let labels = (0..count).map(|i| Label::all(10).nth(i as usize % 10).expect("ten labels")).collect();
    let split = Split::new(Images::new(Shape::MNIST, bytes)?, labels)?;
    let set = TrainingSet::new(engine, &split)?;
    let mut trainer = Trainer::fresh(engine, settings, Ends { inputs: pixels, classes: 10 }, split.len())?;
    trainer.step(engine, &set)?;
    trainer.report(engine).await?;
    let start = Instant::now();
    let mut steps = 0;
    let (mut moment, mut since, mut least) = (Instant::now(), 0, Duration::MAX);
    while start.elapsed() < TIMED {
        trainer.step(engine, &set)?;
        engine.pace().await?;
        steps += 1;
        since += 1;
        if moment.elapsed() >= MOMENT {
            least = least.min(moment.elapsed() / since);
            (moment, since) = (Instant::now(), 0);
        }
    }
    trainer.report(engine).await?;
    let samples = (steps * batch) as f64 / start.elapsed().as_secs_f64();
    let network = trainer.network();
    let gflops = 10.0 * network.products() as f64 * samples / 1e9;
    // The first layer's product serves all labels of a picture, forwards and in the update: two of five are done.
    let [inputs, units] = network.shapes[0];
    let executed = gflops - 6.0 * (inputs * units) as f64 * samples / 1e9;
    let identity = engine.identity();
    let best = (identity.kind == "cpu").then(|| executed / samples * batch as f64 / least.as_secs_f64());
    let line = serde_json::json!({
        "engine": identity.kind, "adapter": identity.name, "layers": layers, "batch": batch,
        "samples_per_second": samples, "gflops": gflops, "share_of_peak": peak.map(|peak| gflops / peak),
        "executed_gflops": executed, "executed_share_of_peak": peak.map(|peak| executed / peak),
        "best_executed_gflops": best, "best_executed_share_of_peak": best.zip(peak).map(|(best, peak)| best / peak),
    });
    println!("{line}");
    Ok(())
}
