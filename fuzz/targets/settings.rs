//! Settings as JSON, as they come from the address, a checkpoint or a message: what is accepted is possible, and comes back.
//!
//! Bound: 64 KiB and 64 bytes of memory for each of the text.
#![no_main]

use forward_forward::model::Settings;
use forward_forward_fuzz::hold;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    hold((64 << 10) + 64 * text.len(), || {
        let Ok(settings) = serde_json::from_str::<Settings>(text) else { return };
        let Ok(settings) = settings.checked() else { return };
        let written = serde_json::to_string(&settings).expect("settings are plain values");
        let again = serde_json::from_str::<Settings>(&written).expect("what was written can be read");
        assert_eq!(again.checked().expect("and is as possible as before"), settings);
        assert!(settings.first_voter() < settings.layers.len());
        for index in 0..settings.layers.len() {
            assert!(settings.threshold_of(index) > 0.0 && settings.temperature_of(index) > 0.0);
            assert!(settings.layer_rule(index).rule().blocks >= 1);
        }
        for epoch in [1, settings.epochs, settings.all_epochs(), settings.all_epochs() + 1] {
            assert!((0.0..=1.0).contains(&settings.gain(epoch)) && (0.0..=1.0).contains(&settings.head_gain(epoch)));
        }
        assert!(settings.restart_needed(&settings).is_empty());
    });
});
