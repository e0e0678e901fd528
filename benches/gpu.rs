//! What the GPU engine does on this machine's adapter, one JSON line a measurement, in 10⁹ floating-point operations a
//! second: what the adapter reaches at best, multiplying and adding in registers; and whole training steps (10·ΣD·N a
//! picture), with the share of that best which they reach – as counted for every engine, and as far as operations are really
//! executed –, and beside them the same with activities in half precision, and the CPU engine's.
//!
//! `cargo bench --bench gpu`.

#[cfg(not(target_arch = "wasm32"))]
mod common;

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    native::main();
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::common::train;
    use forward_forward::Result;
    use forward_forward::engine::cpu::Cpu;
    use forward_forward::engine::gpu::{Gpu, Preference, measure_peak};

    pub fn main() {
        if let Err(error) = pollster::block_on(run()) {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }

    async fn run() -> Result<()> {
        let gpu = Gpu::open(Preference::Any).await?;
        let peak = measure_peak(&gpu).await? / 1e3;
        println!("{}", serde_json::json!({ "adapter": gpu.adapter().name, "peak_gflops": peak }));
        let half = Gpu::open(Preference::Half).await?;
        for layers in [vec![500; 3], vec![2000; 4]] {
            for batch in [100, 512] {
                train(&gpu, &layers, batch, Some(peak)).await?;
                train(&half, &layers, batch, Some(peak)).await?;
                train(&Cpu, &layers, batch, None).await?;
            }
        }
        Ok(())
    }
}
