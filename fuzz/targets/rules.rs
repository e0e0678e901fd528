//! Rules of layers as they stand in the address, and settings that take them.
//!
//! Bound: 64 KiB and 128 bytes of memory for each of the text.
#![no_main]

use forward_forward::model::{LayerRule, Settings};
use forward_forward_fuzz::hold;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    hold((64 << 10) + 128 * text.len(), || {
        let Ok(rules) = LayerRule::list(text) else { return };
        let Ok(settings) = (Settings { rules, ..Settings::default() }).checked() else { return };
        for index in 0..settings.layers.len() {
            let rule = settings.layer_rule(index).rule();
            assert!(settings.layers[index].is_multiple_of(rule.blocks), "blocks are equal");
            for h in [0.0, 0.5, 1.0] {
                assert!(rule.slope(h).is_finite());
            }
        }
    });
});
