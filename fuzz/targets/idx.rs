//! IDX as it lies: `dataset::files` on any bytes under the names of MNIST's files.
//!
//! Bound: 256 KiB and 8 bytes of memory for each of the file.
#![no_main]

use forward_forward_fuzz::{given, hold};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    if file.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    hold((256 << 10) + 8 * file.len(), || {
        // Behind as many images as their header declares.
        let count = file.get(4..8).and_then(|count| count.first_chunk()).map_or(0, |count| u32::from_be_bytes(*count));
        let (images, labels) = file.split_at(file.len().min((count as usize).saturating_mul(784).saturating_add(16)));
        if let Some(dataset) = given(images, labels, 61) {
            assert_eq!(dataset.train.images.bytes(), &images[16..], "pixels are the file's");
            assert!(dataset.train.labels.iter().map(|label| label.value()).eq(labels[8..].iter().copied()));
        }
    });
});
