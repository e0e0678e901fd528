//! Checkpoints, packed or not: `Checkpoint::from_bytes` on any bytes, and what is read is written and read again.
//!
//! Bound: 256 KiB and 32 bytes of memory for each byte that the file unpacks to (weights of two bytes become numbers of four,
//! with as many velocities of zero; and everything is written and read once more).
#![no_main]

use forward_forward::dataset::Shape;
use forward_forward::model::Checkpoint;
use forward_forward_fuzz::{hold, mutate_packed, unpack};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|file: &[u8]| {
    let content = unpack(file).len();
    hold((256 << 10) + 32 * content, || {
        let Ok(checkpoint) = Checkpoint::from_bytes("x", file) else { return };
        let again = Checkpoint::from_bytes("x", &checkpoint.to_bytes()).expect("what was read can be read again");
        assert_eq!(again, checkpoint);
        let _ = checkpoint.epochs_done(60_000);
        let _ = checkpoint.reads(Shape::MNIST, 10);
        let settings = &checkpoint.settings;
        for epoch in [1, 2, settings.all_epochs(), settings.all_epochs() + 1] {
            assert!((0.0..=1.0).contains(&settings.gain(epoch)));
        }
    });
});

/// Where the header of a safetensors file ends: it begins with its own length.
fn header_end(content: &[u8]) -> Option<usize> {
    let length = u64::from_le_bytes(*content.first_chunk()?);
    let end = usize::try_from(length).ok()?.checked_add(8)?;
    (end <= content.len()).then_some(end)
}

/// Changes anything, or the header alone and its length with it: else hardly a change of the header would get past the length.
fn mutate(bytes: &mut [u8], size: usize, seed: u32) -> usize {
    let most = bytes.len();
    let Some(end) = header_end(&bytes[..size]).filter(|&end| end > 8 && seed % 4 < 3) else {
        return fuzzer_mutate(bytes, size, most);
    };
    let tensors = bytes[end..size].to_vec();
    let mut header = bytes[8..most - tensors.len()].to_vec();
    let room = header.len();
    let length = fuzzer_mutate(&mut header, end - 8, room);
    bytes[..8].copy_from_slice(&(length as u64).to_le_bytes());
    bytes[8..8 + length].copy_from_slice(&header[..length]);
    bytes[8 + length..][..tensors.len()].copy_from_slice(&tensors);
    8 + length + tensors.len()
}

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    mutate_packed(data, size, most, seed, |bytes, size| mutate(bytes, size, seed / 2))
});
