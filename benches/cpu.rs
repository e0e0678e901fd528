//! What the CPU engine does natively, one JSON line a measurement, in 10⁹ floating-point operations a second: what all cores
//! reach at best, multiplying and adding in registers; and for each network the products of a training step by `ndarray`'s own
//! `dot`, with nothing around them, and whole training steps of ours, with the share of that best which they reach. Both are
//! given as they are executed; ours also as counted for every engine (10·ΣD·N a picture).
//!
//! `cargo bench --bench cpu --features ndarray-threads`; without that feature `ndarray` takes one core.

#[cfg(not(target_arch = "wasm32"))]
mod common;

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
    use forward_forward::Result;
    use forward_forward::engine::cpu::Cpu;
    use ndarray::linalg::general_mat_mul;
    use ndarray::{Array2, s};
    use std::hint::black_box;
    use std::time::Instant;

    pub fn run() -> Result<()> {
        let threads = rayon::current_num_threads();
        let peak = peak(threads);
        println!("{}", serde_json::json!({ "threads": threads, "peak_gflops": peak }));
        for layers in [vec![500; 3], vec![2000; 4]] {
            for batch in [100, 512] {
                products(&layers, batch, peak);
                pollster::block_on(train(&Cpu, &layers, batch, Some(peak)))?;
            }
        }
        Ok(())
    }

    /// Fused multiply-adds of all threads at once, nothing but registers, with the widest vectors that there are: the best of
    /// eight tries.
    fn peak(threads: usize) -> f64 {
        const TIMES: usize = 20_000_000;
        let once = || {
            let began = Instant::now();
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| black_box(widest(black_box(TIMES))));
                }
            });
            (threads * TIMES * 2 * SUMS * LANES) as f64 / began.elapsed().as_secs_f64() / 1e9
        };
        (0..8).map(|_| once()).fold(0.0, f64::max)
    }

    /// Sums that do not wait for one another, of as many values as the widest vectors hold.
    const SUMS: usize = 12;
    const LANES: usize = 16;

    #[inline]
    fn fused(times: usize) -> f32 {
        let mut sums = [[0.0_f32; LANES]; SUMS];
        let (x, y) = (black_box([0.999; LANES]), black_box([0.001; LANES]));
        for _ in 0..times {
            for sum in &mut sums {
                for ((sum, x), y) in sum.iter_mut().zip(x).zip(y) {
                    *sum = sum.mul_add(x, y);
                }
            }
        }
        sums.iter().flatten().sum()
    }

    #[cfg(target_arch = "x86_64")]
    fn widest(times: usize) -> f32 {
        #[target_feature(enable = "avx512f,fma")]
        fn avx512(times: usize) -> f32 {
            fused(times)
        }
        #[target_feature(enable = "avx2,fma")]
        fn avx2(times: usize) -> f32 {
            fused(times)
        }
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: it was just asked for.
            unsafe { avx512(times) }
        } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: likewise.
            unsafe { avx2(times) }
        } else {
            fused(times)
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn widest(times: usize) -> f32 {
        fused(times)
    }

    /// The products of one training step: upwards for three passes, and each layer's gradient from two of them. The first
    /// layer's are done once a picture, whatever its label.
    fn products(layers: &[usize], batch: usize, peak: f64) {
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
            "executed_gflops": gflops, "executed_share_of_peak": gflops / peak,
        });
        println!("{line}");
    }
}
