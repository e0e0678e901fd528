//! The CPU engine against a recording of Hinton's published code. `FF_REFERENCE` names another recording.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/replay.rs"]
mod replay;

use forward_forward::engine::cpu::Cpu;
use replay::{Recording, assert_within, replay};

/// Largest difference allowed, relative where values exceed 1.
const TOLERANCE: f32 = 1e-5;

#[test]
fn cpu_engine_reproduces_the_published_code() {
    assert_within(TOLERANCE, &pollster::block_on(replay(&Cpu, &Recording::open())));
}
