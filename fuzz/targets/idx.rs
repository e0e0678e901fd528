//! IDX as it lies: `dataset::idx` on any bytes.
//!
//! Bound: 192 KiB, which is what a part that looks packed takes, and 8 bytes of memory for each of the file.
#![no_main]

use forward_forward::dataset::idx;
use forward_forward_fuzz::hold;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    if file.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    hold((192 << 10) + 8 * file.len(), || {
        if let Ok(images) = idx::images("x", file) {
            assert_eq!(images.bytes(), &file[16..], "pixels are the file's");
            assert!(idx::labels("x", file).is_err(), "what holds images holds no labels");
        }
        if let Ok(labels) = idx::labels("x", file) {
            assert!(labels.iter().map(|label| label.value()).eq(file[8..].iter().copied()), "labels are the file's");
        }
        let half = file.len() / 2;
        let _ = idx::split("a", &file[..half], "b", &file[half..]);
    });
});
