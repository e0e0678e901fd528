//! The adapter the GPU tests run on.

use forward_forward::engine::gpu::{Gpu, Preference};

/// Opens whatever adapter there is, software included.
///
/// A missing adapter fails the test. Only `FF_WITHOUT_GPU=1` leaves the GPU tests out, each saying so, and
/// `REQUIRE_GPU=1` (in CI) overrules that.
pub fn gpu() -> Option<Gpu> {
    let is_set = |name| std::env::var(name).is_ok_and(|value| value == "1");
    match pollster::block_on(Gpu::open(Preference::Any)) {
        Ok(gpu) => Some(gpu),
        Err(error) if is_set("FF_WITHOUT_GPU") && !is_set("REQUIRE_GPU") => {
            eprintln!("LEFT OUT, as FF_WITHOUT_GPU=1 asks: {error}");
            None
        }
        Err(error) => panic!(
            "{error}. The GPU tests need an adapter; Mesa's software one will do (Debian: mesa-vulkan-drivers). \
             FF_WITHOUT_GPU=1 leaves them out"
        ),
    }
}
