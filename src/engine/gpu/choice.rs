//! Whether the GPU engine is worth it here.

use super::{Gpu, Preference, Tuning, signal};
use crate::engine::cpu::Cpu;
use crate::engine::{Activity, Engine, Input, Layer};
use crate::error::Result;

/// What `auto` comes to, and why, as a sentence for people.
#[derive(Debug)]
pub struct Verdict {
    /// The engine to use; `None` for the CPU engine.
    pub gpu: Option<Gpu>,
    /// Why.
    pub reason: String,
}

/// Rows, inputs and units of the layer that both engines run against each other.
const RACE: [usize; 3] = [300, 500, 500];
/// How long each runs, milliseconds.
const RACE_MS: f64 = 20.0;

/// Takes the GPU if there is a hardware adapter that beats the CPU engine in a short race.
pub async fn advise(tuning: Tuning) -> Verdict {
    let cpu = |reason: String| Verdict { gpu: None, reason };
    let gpu = match Gpu::open(Preference::Hardware, tuning).await {
        Ok(gpu) => gpu,
        Err(error) => return cpu(error.to_string()),
    };
    let name = gpu.adapter().name.clone();
    match (rate(&gpu).await, rate(&Cpu).await) {
        (Ok(ours), Ok(theirs)) if ours > theirs => {
            Verdict { gpu: Some(gpu), reason: format!("{name} did {ours:.0} GFLOP/s, the CPU {theirs:.0}") }
        }
        (Ok(ours), Ok(theirs)) => cpu(format!("the CPU did {theirs:.0} GFLOP/s, {name} only {ours:.0}")),
        (Err(error), _) | (_, Err(error)) => cpu(error.to_string()),
    }
}

/// 10⁹ operations a second of `forward` on `engine`.
async fn rate<E: Engine>(engine: &E) -> Result<f64> {
    let [rows, inputs, units] = RACE;
    let activity = |columns| -> Result<Activity<E>> {
        Ok(Activity { values: engine.matrix(rows, columns)?, goodness: engine.matrix(rows, 1)? })
    };
    let below = activity(inputs)?;
    let mut above = activity(units)?;
    let layer = Layer {
        weight: engine.matrix(inputs, units)?,
        bias: engine.matrix(1, units)?,
        weight_velocity: engine.matrix(1, 1)?,
        bias_velocity: engine.matrix(1, 1)?,
        mean_activity: engine.matrix(1, 1)?,
    };
    let mut times = 1_u32;
    loop {
        let start = signal::now();
        for _ in 0..times {
            engine.forward(&Input::Layer(&below), &layer, 0..rows, &mut above);
        }
        engine.read(&above.goodness).await?;
        let milliseconds = signal::now() - start;
        // The first round warms up: kernels are compiled, threads started.
        if times > 1 && milliseconds >= RACE_MS {
            let flops = 2.0 * (rows * inputs * units) as f64 * f64::from(times);
            return Ok(flops / milliseconds / 1e6);
        }
        times *= 2;
    }
}
