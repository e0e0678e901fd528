//! Built-in coloured pictures: an endless, seeded supply of 32×32 objects before clutter, so that what was made for CIFAR-10
//! can learn without a download.
//!
//! The class is the object's outline (`outlines`). Everything else varies: its texture, its two colours, its place, size and lean;
//! and behind and partly before it lies clutter of other shapes and colours. Colours favour the class a little, as sky favours
//! aeroplanes, so that a linear classifier learns something, but less than half of it: the outline must be found wherever it
//! lies. Picture number `index` of a seed is a pure function of both, so splits are ranges of indices and never overlap.

mod outlines;
mod scene;

use std::ops::Range;

use super::{Label, Shape, Split, supply};

/// What the labels 0 to 9 mean.
pub const CLASSES: [&str; 10] =
    ["disc", "ring", "square", "triangle", "cross", "star", "moon", "bar", "heart", "arrow"];

/// Bytes of one picture, `[32, 32, 3]`.
pub type Picture = [u8; Shape::CIFAR.pixels()];

/// The built-in coloured pictures of one seed.
///
/// ```
/// use forward_forward::dataset::objects::Objects;
///
/// let objects = Objects::new(1);
/// let (label, picture) = objects.picture(42);
/// assert_eq!((label, picture), objects.picture(42));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objects {
    seed: u64,
}

impl Objects {
    /// The pictures of a seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Picture number `index`: its label and its bytes.
    pub fn picture(&self, index: u64) -> (Label, Picture) {
        let label = supply::label(self.seed, index, CLASSES.len());
        (label, scene::paint(label, &mut supply::stream(self.seed, index)))
    }

    /// The pictures of a range of indices with their labels.
    pub fn split(&self, range: Range<u64>) -> Split {
        supply::split(Shape::CIFAR, range, |index| self.picture(index))
    }

    /// The test pictures of a range of places in the test split.
    pub fn test_split(&self, range: Range<usize>) -> Split {
        self.split(supply::test(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dataset;
    use crate::dataset::source::tests::made;
    use crate::engine::cpu::Cpu;
    use crate::engine::cpu::product::product;
    use ndarray::{Array2, s};

    #[test]
    fn pictures_depend_on_seed_and_index_alone() {
        let objects = Objects::new(7);
        let split = objects.split(100..120);
        for (position, index) in (100..120).enumerate() {
            let (label, picture) = objects.picture(index);
            assert_eq!((label, &picture[..]), (split.labels[position], split.images.image(position)));
        }
        assert_ne!(split, Objects::new(8).split(100..120));
        let Dataset { train, test, .. } = made("objects", 300, 300);
        let seen: std::collections::HashSet<&[u8]> = (0..300).map(|index| train.images.image(index)).collect();
        assert_eq!(seen.len(), 300);
        assert!((0..300).all(|index| !seen.contains(test.images.image(index))));
        for ten in train.labels.chunks(CLASSES.len()) {
            assert!(Label::all(10).all(|label| ten.contains(&label)));
        }
    }

    /// Pixels less the picture's mean over their deviation, and a 1 for the bias.
    fn rows(split: &Split) -> Array2<f32> {
        let pixels = Shape::CIFAR.pixels();
        let mut rows = Array2::ones((split.len(), pixels + 1));
        for index in 0..split.len() {
            let image = split.images.image(index);
            let mean = image.iter().map(|&v| f32::from(v)).sum::<f32>() / pixels as f32;
            let deviation = (image.iter().map(|&v| (f32::from(v) - mean).powi(2)).sum::<f32>() / pixels as f32).sqrt();
            for (to, &value) in rows.slice_mut(s![index, ..pixels]).iter_mut().zip(image) {
                *to = (f32::from(value) - mean) / deviation;
            }
        }
        rows
    }

    fn right(rows: &Array2<f32>, weight: &Array2<f32>, labels: &[Label]) -> f32 {
        let mut logits = Array2::zeros((rows.nrows(), CLASSES.len()));
        product(1.0, rows.view(), weight.view(), 0.0, &mut logits.view_mut());
        let read = |row: usize| (0..CLASSES.len()).max_by(|&a, &b| logits[(row, a)].total_cmp(&logits[(row, b)]));
        let right = (0..labels.len()).filter(|&row| read(row) == Some(usize::from(labels[row].value()))).count();
        right as f32 / labels.len() as f32
    }

    #[test]
    fn a_linear_classifier_reads_some_but_less_than_half() {
        use crate::engine::{Engine, Labels, Matrix};
        use pollster::block_on;
        let Dataset { train, test, .. } = made("objects", 4000, 1000);
        let (x, tested) = (rows(&train), rows(&test));
        let width = x.ncols();
        let (mut weight, mut velocity) =
            (Array2::<f32>::zeros((width, CLASSES.len())), Array2::<f32>::zeros((width, CLASSES.len())));
        let codes: Vec<u8> = train.labels.iter().map(|label| label.value()).collect();
        let batch = 200;
        let mut best = 0.0_f32;
        for epoch in 0..12 {
            for first in (0..train.len()).step_by(batch) {
                let rows = x.slice(s![first..first + batch, ..]);
                let mut logits = Array2::zeros((batch, CLASSES.len()));
                product(1.0, rows, weight.view(), 0.0, &mut logits.view_mut());
                let mut error = Cpu.matrix(batch, CLASSES.len()).unwrap();
                let truth = Labels::Cpu(codes[first..first + batch].to_vec());
                Cpu.blame(&Matrix::Cpu(logits), &truth, 0..batch, &mut error);
                let error =
                    Array2::from_shape_vec((batch, CLASSES.len()), block_on(Cpu.read(&error)).unwrap()).unwrap();
                product(0.1 / batch as f32, rows.t(), error.view(), 0.9, &mut velocity.view_mut());
                let rate = 0.01 / (1 + epoch) as f32;
                weight.zip_mut_with(&velocity, |w, v| *w += rate * (v - 0.01 * *w));
            }
            best = best.max(right(&tested, &weight, &test.labels));
        }
        assert!((0.15..=0.5).contains(&best), "a linear classifier reads {:.1} %", 100.0 * best);
    }
}
