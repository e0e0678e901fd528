//! What both built-in data sets are drawn from: examples without end, each a pure function of a seed and its index, so that
//! splits are ranges of indices and never overlap.

use super::{Images, Label, Shape, Split};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// Where the indices of test examples begin: far beyond any training set, however long it is let grow.
const TEST: u64 = 1 << 40;

/// Streams of random numbers from here on decide labels, below it what each example shows.
const LABEL_STREAMS: u64 = 1 << 63;

/// The indices of a range of places in the test split.
pub const fn test(range: Range<usize>) -> Range<u64> {
    TEST + range.start as u64..TEST + range.end as u64
}

/// The random numbers of example `index`.
pub fn stream(seed: u64, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index);
    rng
}

/// The label of example `index`: each `classes` indices in a row hold all labels, in an order of their own.
pub fn label(seed: u64, index: u64, classes: usize) -> Label {
    let mut labels: Vec<Label> = Label::all(classes).collect();
    let count = labels.len() as u64;
    labels.shuffle(&mut stream(seed, LABEL_STREAMS | (index / count)));
    labels[(index % count) as usize]
}

/// The examples of a range of indices; `each` makes one, a picture of `shape`. On all cores where there are threads.
pub fn split<P: AsRef<[u8]> + Send>(
    shape: Shape,
    range: Range<u64>,
    each: impl Fn(u64) -> (Label, P) + Sync + Send,
) -> Split {
    #[cfg(not(target_arch = "wasm32"))]
    let examples: Vec<(Label, P)> = {
        use rayon::prelude::*;
        range.into_par_iter().map(each).collect()
    };
    #[cfg(target_arch = "wasm32")]
    let examples: Vec<(Label, P)> = range.map(each).collect();
    let labels = examples.iter().map(|(label, _)| *label).collect();
    let bytes = examples.iter().flat_map(|(_, picture)| picture.as_ref()).copied().collect();
    Split { images: Images::new(shape, bytes).expect("whole pictures"), labels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_balanced_and_not_in_order() {
        let labels: Vec<Label> = (0..1000).map(|index| label(3, index, 10)).collect();
        for ten in labels.chunks(10) {
            assert!(Label::all(10).all(|label| ten.contains(&label)));
        }
        assert_ne!(labels[..10], labels[10..20]);
        assert_ne!(labels[..100], (0..100).map(|index| label(4, index, 10)).collect::<Vec<_>>());
    }
}
