//! Gzip around IDX: `dataset::files` on packed bytes, sound and damaged.
//!
//! Bound: 256 KiB and 4 bytes of memory for each byte that the file unpacks to.
#![no_main]

use forward_forward_fuzz::{given, hold, mutate_packed, unpack};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|file: &[u8]| {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    let content = unpack(file);
    // As many labels as the images that the file may hold.
    let count = content.get(4..8).and_then(|count| count.first_chunk()).map_or(0, |count| u32::from_be_bytes(*count));
    let labels = [&[0, 0, 8, 1][..], &count.to_be_bytes(), &vec![0; count.min(99) as usize]].concat();
    hold((256 << 10) + 4 * content.len(), || {
        if let Some(dataset) = given(file, &labels, 7) {
            assert_eq!(dataset.train.images.bytes(), &content[16..], "pixels are what was packed");
        }
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    mutate_packed(data, size, most, seed, |bytes, size| fuzzer_mutate(bytes, size, bytes.len()))
});
