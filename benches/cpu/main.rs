//! What the CPU engine does natively, one JSON line a measurement, in 10⁹ floating-point operations a second: what all cores
//! reach at best, multiplying and adding in registers; and for each network the products of a training step by `ndarray`'s own
//! `dot`, with nothing around them, and whole training steps of ours, with the share of that best which they reach on average and in
//! their own best moment. Both are given as they are executed; ours also as counted for every engine (10·ΣD·N a picture).
//!
//! `cargo bench --bench cpu --features ndarray-threads`; without that feature `ndarray` takes one core.

#[cfg(not(target_arch = "wasm32"))]
#[path = "../common/mod.rs"]
mod common;
#[cfg(not(target_arch = "wasm32"))]
mod widest;

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    if let Err(error) = native::run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::common::{TIMED, train};
    use super::widest;
    use forward_forward::Result;
    use forward_forward::engine::cpu::Cpu;
    use ndarray::linalg::general_mat_mul;
    use ndarray::{Array2, s};
    use std::hint::black_box;
    use std::time::Instant;

    pub fn run() -> Result<()> {
        // As `ff` does.
        rayon::ThreadPoolBuilder::new().use_current_thread().build_global().ok();
        let threads = rayon::current_num_threads();
        let peak = peak(threads);
        println!("{}", serde_json::json!({ "threads": threads, "peak_gflops": peak, "instructions": widest::name() }));
        for layers in [vec![500; 3], vec![2000; 4]] {
            for batch in [100, 512] {
                products(&layers, batch, peak);
                pollster::block_on(train(&Cpu, &layers, batch, peak))?;
            }
        }
        Ok(())
    }

    /// Fused multiply-adds of all threads at once, nothing but registers, with the widest vectors that there are: the best of
    /// eight tries; nothing where this program does not know the machine's instructions.
    fn peak(threads: usize) -> Option<f64> {
        const TIMES: usize = 4_000_000;
        let once = || {
            let began = Instant::now();
            let executed: u64 = std::thread::scope(|scope| {
                let all: Vec<_> =
                    (0..threads).map(|_| scope.spawn(|| widest::multiply_add(black_box(TIMES)))).collect();
                all.into_iter().map(|one| one.join().expect("nothing that panics")).sum()
            });
            executed as f64 / began.elapsed().as_secs_f64() / 1e9
        };
        let best = (0..8).map(|_| once()).fold(0.0, f64::max);
        (best > 0.0).then_some(best)
    }

    /// The products of one training step: upwards for three passes, and each layer's gradient from two of them. The first
    /// layer's are done once a picture, whatever its label.
    fn products(layers: &[usize], batch: usize, peak: Option<f64>) {
        let matrix = |rows: usize, columns: usize| {
            Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 31 + j * 17) % 1013) as f32 / 1013.0 - 0.5)
        };
        let mut inputs = 784;
        let (mut operations, mut all) = (0.0, vec![]);
        for (i, &units) in layers.iter().enumerate() {
            let [up, down] = if i == 0 { [batch; 2] } else { [3 * batch, 2 * batch] };
            operations += 2.0 * (inputs * units * (up + down)) as f64;
            all.push((matrix(up, inputs), matrix(inputs, units), matrix(up, units), down));
            inputs = units;
        }
        let mut gradients: Vec<_> = all.iter().map(|(_, w, _, _)| Array2::zeros(w.dim())).collect();
        let mut step = || {
            for ((x, w, h, down), gradient) in all.iter_mut().zip(&mut gradients) {
                general_mat_mul(1.0, x, w, 0.0, h);
                general_mat_mul(0.001, &x.slice(s![..*down, ..]).t(), &h.slice(s![..*down, ..]), 0.9, gradient);
            }
        };
        step();
        let (began, mut steps) = (Instant::now(), 0);
        while began.elapsed() < TIMED {
            step();
            steps += 1;
        }
        let gflops = operations * f64::from(steps) / began.elapsed().as_secs_f64() / 1e9;
        let line = serde_json::json!({
            "engine": "ndarray's products alone", "layers": layers, "batch": batch, "threaded": cfg!(feature = "ndarray-threads"),
            "executed_gflops": gflops, "executed_share_of_peak": peak.map(|peak| gflops / peak),
        });
        println!("{line}");
    }
}
