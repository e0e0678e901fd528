//! A person's strokes as the page sends them, with any numbers in them: `drawing::prepare`.
//!
//! Bound: 256 KiB and 32 bytes of memory for each of the message.
#![no_main]

use forward_forward::drawing::{prepare, strokes};
use forward_forward_fuzz::hold;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &[u8]| {
    let Some((&[ends, a, b, c, d], points)) = message.split_first_chunk() else { return };
    let pen_width = f32::from_le_bytes([a, b, c, d]);
    let points: Vec<f32> = points.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    // Ends that are in order, and such as are not.
    let ends: Vec<u32> =
        (0..u32::from(ends % 16)).map(|i| if ends < 128 { i * i } else { i.wrapping_mul(0x9e37_79b9) }).collect();
    hold((256 << 10) + 32 * message.len(), || {
        let strokes = strokes(&points, &ends);
        let finite = strokes.iter().flatten().any(|point| point.x.is_finite() && point.y.is_finite());
        let image = prepare(&strokes, pen_width);
        assert_eq!(image.is_some(), finite, "a picture of what was drawn, and of nothing else");
        if let Some(image) = image {
            assert!(image.iter().any(|&level| level > 0), "what was drawn leaves ink");
        }
    });
});
