//! The CPU engine against a recording of Hinton's published code. `FF_REFERENCE` names another recording.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::replay::{Recording, assert_within, replay};
use forward_forward::engine::cpu::Cpu;

/// Largest difference allowed, relative where values exceed 1.
const TOLERANCE: f32 = 1e-5;

#[test]
fn cpu_engine_reproduces_the_published_code() {
    let file = std::env::var("FF_REFERENCE").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/hinton_reference.safetensors").to_owned()
    });
    let bytes = std::fs::read(&file).unwrap_or_else(|e| panic!("cannot read the recording {file}: {e}"));
    let compared = pollster::block_on(replay(&Cpu, &Recording { file, bytes }));
    assert_within(TOLERANCE, &compared);
}
