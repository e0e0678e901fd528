//! Which data a run learns from, enough to find them again.

use super::objects::Objects;
use super::strokes::{Strokes, Writers};
use super::{Shape, Split};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The most images a split may have: those of the largest set anyone has trained on here, several times over, and few enough
/// that putting them in order takes no memory to speak of.
pub const MOST_IMAGES: usize = 2_000_000;

/// MNIST's training images.
const MNIST_TRAIN: usize = 60_000;

/// Which data a run learns from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSource {
    /// `strokes` or `pens`, which are written, `mnist`, or MNIST with either: `mnist+strokes`, `mnist+pens`; in colour
    /// `objects`, which are painted, or `cifar10`.
    pub name: String,
    /// Training images.
    pub train: usize,
    /// Test images.
    pub test: usize,
    /// The seed of generated images; without meaning where there are none.
    pub seed: u64,
}

impl DataSource {
    /// Whether both are the same pictures in the same order.
    pub fn is_same(&self, other: &Self) -> bool {
        let generated = !["mnist", "cifar10"].contains(&self.name.as_str());
        self.name == other.name
            && self.train == other.train
            && self.test == other.test
            && (self.seed == other.seed || !generated)
    }

    /// The training pictures of `range` among those that are made here: all there are, or those that join MNIST.
    pub fn made(&self, range: Range<u64>) -> Split {
        if self.in_colour() { Objects::new(self.seed).split(range) } else { self.strokes().split(range) }
    }

    /// The test pictures of `range`, likewise.
    pub fn made_tests(&self, range: Range<usize>) -> Split {
        if self.in_colour() { Objects::new(self.seed).test_split(range) } else { self.strokes().test_split(range) }
    }

    fn strokes(&self) -> Strokes {
        let writers = if self.name.ends_with("pens") { Writers::Everyone } else { Writers::Class };
        Strokes::by(writers, self.seed)
    }

    /// The shape of its pictures.
    pub fn shape(&self) -> Shape {
        if self.in_colour() { Shape::CIFAR } else { Shape::MNIST }
    }

    /// Whether its pictures are in colour.
    pub fn in_colour(&self) -> bool {
        ["objects", "cifar10"].contains(&self.name.as_str())
    }

    /// Whether all of it is made here, so that nobody has to bring anything.
    pub fn is_built_in(&self) -> bool {
        !self.needs_mnist() && self.name != "cifar10"
    }

    /// Whether MNIST's files are needed for it.
    pub fn needs_mnist(&self) -> bool {
        self.name.starts_with("mnist")
    }

    /// How many of the training images are MNIST's and how many are strokes: with strokes or pens it has as many of
    /// the one as of the other, as far as MNIST goes.
    pub fn shares(&self) -> [usize; 2] {
        match self.name.as_str() {
            "mnist" => [self.train, 0],
            "mnist+strokes" | "mnist+pens" if self.train <= 2 * MNIST_TRAIN => {
                [self.train / 2, self.train - self.train / 2]
            }
            "mnist+strokes" | "mnist+pens" => [MNIST_TRAIN, self.train - MNIST_TRAIN],
            _ => [0, self.train],
        }
    }

    /// Itself, if there are such data.
    ///
    /// # Errors
    /// [`Error::Setting`] naming what is not possible.
    pub fn checked(self) -> Result<Self> {
        let known = ["strokes", "pens", "mnist", "mnist+strokes", "mnist+pens", "objects", "cifar10"];
        if !known.contains(&self.name.as_str()) {
            let name = self.name.chars().take(40).collect::<String>();
            let expected = "there are strokes, pens, mnist, mnist+strokes, mnist+pens, objects and cifar10";
            return Err(Error::setting("data", name, expected));
        }
        let most = self.train.max(self.test);
        if most > MOST_IMAGES {
            return Err(Error::setting("data", format!("{most} images"), format!("choose up to {MOST_IMAGES}")));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, train: usize, seed: u64) -> DataSource {
        DataSource { name: name.to_owned(), train, test: 10, seed }
    }

    #[test]
    fn only_generated_pictures_depend_on_a_seed() {
        assert!(source("mnist", 60_000, 0).is_same(&source("mnist", 60_000, 1)));
        assert!(!source("mnist", 60_000, 0).is_same(&source("mnist", 20_000, 0)));
        assert!(source("cifar10", 60_000, 0).is_same(&source("cifar10", 60_000, 1)));
        assert!(!source("objects", 100, 0).is_same(&source("objects", 100, 1)));
        assert!(!source("strokes", 100, 0).is_same(&source("strokes", 100, 1)));
        assert!(!source("mnist+strokes", 100, 0).is_same(&source("mnist+strokes", 100, 1)));
    }

    #[test]
    fn shares_are_those_the_command_line_makes() {
        assert_eq!(source("mnist+strokes", 40_000, 1).shares(), [20_000, 20_000]);
        assert_eq!(source("mnist+strokes", 160_000, 1).shares(), [60_000, 100_000]);
        assert_eq!(source("mnist", 500, 1).shares(), [500, 0]);
        assert_eq!(source("mnist+pens", 40_000, 1).shares(), [20_000, 20_000]);
        assert_eq!(source("mnist+pens", 160_000, 1).shares(), [60_000, 100_000]);
        assert_eq!(source("strokes", 500, 1).shares(), [0, 500]);
        assert_eq!(source("pens", 500, 1).shares(), [0, 500]);
    }

    #[test]
    fn absurd_data_are_named() {
        let refused = |source: DataSource| source.checked().unwrap_err().to_string();
        assert!(refused(source("strokes", usize::MAX, 1)).contains("choose up to 2000000"));
        assert!(
            refused(source("cats", 5, 1))
                .contains("strokes, pens, mnist, mnist+strokes, mnist+pens, objects and cifar10")
        );
    }
}
