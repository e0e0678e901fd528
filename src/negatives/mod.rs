//! Fake data: where the pictures come from that a network must learn to reject.

pub mod hybrid;

use crate::dataset::Label;
use crate::engine::random;
use serde::{Deserialize, Serialize};

/// How the wrong label of a negative picture is chosen (paper, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Negatives {
    /// Any of the wrong labels, equally likely.
    Random,
    /// Hard: *sampled* from the softmax head's opinion of the picture with the neutral label, the truth excluded.
    Softmax,
    /// Hard: *sampled* from the softmax of the goodness a unit that each wrong label reaches, summed over all hidden
    /// layers but the first. Costs a forward pass of the batch for each label.
    Goodness,
}

/// Separates the draws of wrong labels from other draws made with the same seed.
const PURPOSE: u32 = 0x6e65_6761;

/// The key under which step after step wrong labels are drawn for `seed`.
pub fn key(seed: u32) -> u32 {
    seed ^ PURPOSE
}

/// A wrong label of `classes` for row `row` of step `step`: any but `truth`, equally likely.
pub fn random_wrong(truth: Label, classes: usize, seed: u32, step: u32, row: u32) -> Label {
    let wrong = classes as u32 - 1;
    let further = 1 + ((random::uniform(key(seed), step, row) * wrong as f32) as u32).min(wrong - 1);
    truth.further(further as u8, classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_labels_are_wrong_and_equally_likely() {
        let truth = Label::new(3).unwrap();
        let mut counts = [0_u32; 10];
        for i in 0..9000 {
            counts[usize::from(random_wrong(truth, 10, 1, i / 100, i % 100).value())] += 1;
        }
        assert_eq!(counts[3], 0);
        // 1000 expected, standard deviation 30.
        assert!(counts.iter().enumerate().all(|(l, &n)| l == 3 || (860..1140).contains(&n)), "{counts:?}");
    }
}
