//! Built-in strokes: an endless, seeded supply of handwritten digits, so that learning needs no download.
//!
//! Every digit is written with a pen, not copied from pixels: a hand is chosen among the ways people write that digit
//! (`hands`), its knots wobble and its plane bends and leans (`writing`), and the strokes become an image on the same
//! path as a person's drawing ([`crate::drawing`]). Digit number `index` of a seed is a pure function of both, so splits are
//! ranges of indices and never overlap.
//!
//! There are two companies of [`Writers`]: a class of one school, whose digits are `strokes`, and everyone, whose digits are
//! `pens`: harder to read, and what the shipped weights learned from.

mod hands;
mod pens;
mod writing;

use std::ops::Range;

use rand::RngExt;

use super::{Label, Shape, Split, supply};
use crate::drawing::{self, Image, Stroke};
use hands::Hand;
use writing::{Manner, Writing};

/// The built-in strokes of one seed.
///
/// ```
/// use forward_forward::dataset::strokes::Strokes;
///
/// let strokes = Strokes::new(1);
/// let (label, image) = strokes.digit(42);
/// assert_eq!((label, image), strokes.digit(42));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strokes {
    seed: u64,
    writers: Writers,
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Writers {
    /// A class of one school, writing with care: the data set `strokes`.
    Class,
    /// Everyone, with a mouse, a finger or a pen, in a hurry or not: the data set `pens`.
    Everyone,
}

impl Writers {
    /// The name of the data set they write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "strokes",
            Self::Everyone => "pens",
        }
    }
}

impl Strokes {
    /// The strokes of a seed.
    pub const fn new(seed: u64) -> Self {
        Self::by(Writers::Class, seed)
    }

    /// The digits that `writers` write for a seed.
    pub const fn by(writers: Writers, seed: u64) -> Self {
        Self { seed, writers }
    }

    /// Digit number `index`: its label and its image.
    #[expect(clippy::missing_panics_doc, reason = "every hand has points, and none can become infinite")]
    pub fn digit(&self, index: u64) -> (Label, Image) {
        let (label, writing) = self.writing(index);
        let image = drawing::draw(&writing.strokes, writing.width).expect("every hand has points");
        (label, image)
    }

    /// Digit number `index` as pen strokes, about one unit high, y downwards.
    pub fn drawing(&self, index: u64) -> (Label, Vec<Stroke>) {
        let (label, writing) = self.writing(index);
        (label, writing.strokes)
    }

    /// The digits of a range of indices with their labels.
    pub fn split(&self, range: Range<u64>) -> Split {
        supply::split(Shape::MNIST, range, |index| self.digit(index))
    }

    /// The test digits of a range of places in the test split.
    pub fn test_split(&self, range: Range<usize>) -> Split {
        self.split(supply::test(range))
    }

    fn writing(self, index: u64) -> (Label, Writing) {
        let label = supply::label(self.seed, index, 10);
        let mut rng = supply::stream(self.seed, index);
        let digit = hands::of(label);
        // Among everyone, what one school writes most often is not so much more frequent than the rest.
        let (more, weight, manner): (&[Hand], fn(&Hand) -> f32, _) = match self.writers {
            Writers::Class => (&[], |hand| hand.weight, &Manner::CAREFUL),
            Writers::Everyone => (pens::more(label), |hand| hand.weight.sqrt(), &Manner::ANY),
        };
        let hands = || digit.hands.iter().chain(more);
        let total: f32 = hands().map(weight).sum();
        let mut at = rng.random_range(0.0..total);
        let hand = hands().find(|hand| {
            at -= weight(hand);
            at < 0.0
        });
        (label, writing::write(digit, hand.unwrap_or(&digit.hands[0]), manner, &mut rng))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dataset;
    use crate::dataset::source::tests::made;

    #[test]
    fn digits_depend_on_seed_and_index_alone() {
        let strokes = Strokes::new(7);
        let split = strokes.split(100..140);
        for (position, index) in (100..140).enumerate() {
            let (label, image) = strokes.digit(index);
            assert_eq!((label, &image[..]), (split.labels[position], split.images.image(position)));
        }
        assert_ne!(split, Strokes::new(8).split(100..140));
        assert_ne!(strokes.digit(3).1, strokes.digit(4).1);
    }

    #[test]
    fn training_and_test_share_no_digit() {
        let Dataset { train, test, .. } = made("strokes", 500, 500);
        assert_eq!((train.len(), test.len()), (500, 500));
        let seen: std::collections::HashSet<&[u8]> = (0..500).map(|index| train.images.image(index)).collect();
        assert_eq!(seen.len(), 500);
        assert!((0..500).all(|index| !seen.contains(test.images.image(index))));
        assert_eq!(made("strokes", 20, 0).train.images.bytes(), &train.images.bytes()[..20 * 784]);
    }

    #[test]
    fn every_digit_fits_mnist() {
        let split = Strokes::new(11).split(0..2000);
        let mut total = 0.0;
        for index in 0..split.len() {
            let image = split.images.image(index);
            let (mut ink, mut column, mut row) = (0.0, 0.0, 0.0);
            let (mut columns, mut rows) = ([false; 28], [false; 28]);
            for (at, &level) in image.iter().enumerate().filter(|(_, level)| **level > 0) {
                let level = f32::from(level) / 255.0;
                ink += level;
                column += level * (at % 28) as f32;
                row += level * (at / 28) as f32;
                columns[at % 28] = true;
                rows[at / 28] = true;
            }
            assert!((20.0..320.0).contains(&ink), "digit {index} has {ink} pixels of ink");
            // Only where the image ends may the centre of mass stay away from the middle.
            let centred = |moment: f32, lines: &[bool; 28]| (moment / ink - 14.0).abs() <= 0.5 || lines[0] || lines[27];
            assert!(centred(column, &columns) && centred(row, &rows), "digit {index} is off centre");
            let size = |used: [bool; 28]| {
                used.iter().rposition(|&on| on).unwrap() - used.iter().position(|&on| on).unwrap() + 1
            };
            assert!((19..=20).contains(&size(columns).max(size(rows))), "digit {index} does not fill the box");
            total += ink;
        }
        let mean = total / split.len() as f32;
        assert!((92.0..112.0).contains(&mean), "MNIST's images hold 102 pixels of ink, these {mean}");
    }

    #[test]
    fn each_digit_has_several_hands() {
        for label in Label::all(10) {
            let hands = hands::of(label).hands;
            assert!(hands.len() >= 3, "{label:?}");
            assert!(hands.iter().all(|hand| hand.weight > 0.0 && hand.strokes.iter().all(|knots| knots.len() >= 2)));
        }
    }

    #[test]
    fn a_drawing_is_the_digit_before_the_pen() {
        let strokes = Strokes::new(5);
        let (label, drawing) = strokes.drawing(9);
        assert_eq!(label, strokes.digit(9).0);
        assert!(drawing.iter().flatten().all(|point| point.x.abs() < 3.0 && point.y.abs() < 3.0));
        assert!(drawing::prepare(&drawing, 0.1).is_some());
    }
}
