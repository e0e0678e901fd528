//! What an adapter could do at best, to hold the engine's products against.

use super::Gpu;
use super::kernel::Kernel;
use super::parameters::Parameters;
use crate::clock;
use crate::engine::Engine;
use crate::error::Result;

/// Operations an invocation, see `peak.wgsl`: 8 sums of 4 columns, each multiplied and added 1,024 times.
const OPERATIONS: f64 = 8.0 * 4.0 * 2.0 * 1024.0;
/// Invocations a workgroup.
const LANES: u32 = 256;
/// Workgroups a dispatch: more than any adapter runs at once.
const GROUPS: u32 = 2048;
/// How long it is measured at least, milliseconds; three times, of which the best counts.
const MEASURE_MS: f64 = 50.0;

/// 10⁶ single-precision operations a second of multiplying and adding in registers.
///
/// # Errors
/// When the device was lost.
pub async fn measure_peak(gpu: &Gpu) -> Result<f64> {
    let sums = gpu.matrix(1, 4 * LANES as usize)?;
    let parameters = Parameters { columns: LANES, rate: 1e-6, ..Parameters::default() };
    let once = || {
        let mut recorder = gpu.recorder.borrow_mut();
        recorder.dispatch(Kernel::Peak, &parameters, &[Some(sums.memory())], [GROUPS, 1, 1]);
    };
    once();
    gpu.finish().await?;
    let operations = OPERATIONS * f64::from(LANES * GROUPS);
    let (mut times, mut best, mut repeats) = (1_u32, 0.0_f64, 0);
    while repeats < 3 {
        let start = clock::now();
        for _ in 0..times {
            once();
        }
        gpu.finish().await?;
        let milliseconds = clock::now() - start;
        if milliseconds < MEASURE_MS && times < 1 << 12 {
            times *= 2;
            continue;
        }
        best = best.max(operations * f64::from(times) / milliseconds / 1e3);
        repeats += 1;
    }
    Ok(best)
}
