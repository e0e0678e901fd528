//! Gzip around IDX: `dataset::idx` on packed bytes, sound and damaged.
//!
//! Bound: 192 KiB and 4 bytes of memory for each byte that the file unpacks to.
#![no_main]

use forward_forward::dataset::idx;
use forward_forward_fuzz::{hold, mutate_packed, unpack};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|file: &[u8]| {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    let content = unpack(file);
    hold((192 << 10) + 4 * content.len(), || {
        if let Ok(images) = idx::images("x", file) {
            assert_eq!(images.bytes(), &content[16..], "pixels are what was packed");
        }
        if let Ok(labels) = idx::labels("x", file) {
            assert!(labels.iter().map(|label| label.value()).eq(content[8..].iter().copied()));
        }
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    mutate_packed(data, size, most, seed, |bytes, size| fuzzer_mutate(bytes, size, bytes.len()))
});
