//! The CPU engine against Hinton's published code.

#[path = "common/replay.rs"]
mod replay;

use forward_forward::engine::cpu::Cpu;
use replay::{Recording, replay};

/// Largest difference allowed on the CPU engine, relative where values exceed 1.
const TOLERANCE: f32 = 1e-5;

#[test]
fn cpu_engine_reproduces_the_published_code() {
    let compared = replay(&Cpu, &Recording::open());
    assert!(compared.len() > 3, "the recording holds something to compare");
    let wrong: Vec<_> = compared.iter().filter(|(_, d)| *d > TOLERANCE).collect();
    assert!(wrong.is_empty(), "these differ by more than {TOLERANCE}: {wrong:#?}");
}
