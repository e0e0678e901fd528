//! Which data a run learns from, enough to find them again.

use super::registry::{DIGITS, Files, Source};
use super::{Dataset, Description, Shape, Split, supply};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The most images a split may have: several times the largest set in use, and few enough to shuffle in little memory.
pub const MOST_IMAGES: usize = 2_000_000;

/// MNIST's training images.
const MNIST_TRAIN: usize = 60_000;

/// The description of data that the files decide, and the SHA-256 of their content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Their title, shape and classes.
    pub description: Description,
    /// The SHA-256 of their content in hexadecimal digits.
    pub digest: String,
}

/// Which data a run learns from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct DataSource {
    /// Where they come from.
    pub kind: &'static Source,
    /// Training images.
    pub train: usize,
    /// Test images.
    pub test: usize,
    /// The seed of what is generated or chosen at random; has no effect on other data.
    pub seed: u64,
    /// The description from the files, for data that the registry does not describe.
    own: Option<Box<Own>>,
}

/// A source of data as checkpoints hold it.
#[derive(Serialize, Deserialize)]
struct Stored {
    name: String,
    train: usize,
    test: usize,
    seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

impl From<DataSource> for Stored {
    fn from(DataSource { kind, train, test, seed, own }: DataSource) -> Self {
        let (description, digest) = own.map(|own| (own.description, own.digest)).unzip();
        Self { name: kind.name.to_owned(), train, test, seed, description, digest }
    }
}

impl TryFrom<Stored> for DataSource {
    type Error = Error;

    fn try_from(Stored { name, train, test, seed, description, digest }: Stored) -> Result<Self> {
        let kind = Source::named(&name)?;
        let own = match (description, digest) {
            (Some(description), Some(digest)) if kind.classes.is_empty() => Some(Box::new(Own { description, digest })),
            _ if kind.classes.is_empty() => {
                return Err(Error::setting("data", name, "their description and digest are missing"));
            }
            _ => None,
        };
        Self { kind, train, test, seed, own }.bounded()
    }
}

impl DataSource {
    /// Data known by name.
    ///
    /// # Errors
    /// [`Error::Setting`] if there are no such data, or only files can say what they are, or there are too many.
    pub fn new(name: &str, train: usize, test: usize, seed: u64) -> Result<Self> {
        Stored { name: name.to_owned(), train, test, seed, description: None, digest: None }.try_into()
    }

    /// Data known by name, as many as usual.
    ///
    /// # Errors
    /// The errors of [`DataSource::new`].
    pub fn usual(name: &str) -> Result<Self> {
        let [train, test] = Source::named(name)?.usual;
        Self::new(name, train, test, 1)
    }

    /// Data that are these well-known files and nothing else.
    pub(super) fn known(files: Files) -> Self {
        Self { kind: Source::of(files), train: 0, test: 0, seed: 0, own: None }
    }

    /// Data that files describe.
    pub(super) fn described(files: Files, own: Own, seed: u64) -> Self {
        Self { kind: Source::of(files), train: 0, test: 0, seed, own: Some(Box::new(own)) }
    }

    fn bounded(self) -> Result<Self> {
        let most = self.train.max(self.test);
        if most > MOST_IMAGES {
            return Err(Error::setting("data", format!("{most} images"), format!("choose up to {MOST_IMAGES}")));
        }
        Ok(self)
    }

    /// The name in the address, on the command line and in checkpoints.
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    /// The name a person reads.
    pub fn title(&self) -> &str {
        self.own.as_ref().map_or(self.kind.title, |own| own.description.title())
    }

    /// The title, the shape and the class names.
    pub fn description(&self) -> Description {
        let known = || Description::known(self.kind.title, self.kind.shape, self.kind.classes);
        self.own.as_ref().map_or_else(known, |own| own.description.clone())
    }

    /// The same data under another title and other class names, where files decide what they are.
    pub(super) fn named(mut self, title: &str, classes: Vec<String>) -> Result<Self> {
        if let Some(own) = &mut self.own {
            own.description = Description::new(title, own.description.shape(), classes)?;
        }
        Ok(self)
    }

    /// The same data with rows and columns of each picture exchanged, where files decide what they are.
    pub(super) fn transposed(mut self) -> Self {
        if let Some(own) = &mut self.own {
            own.digest.push_str(" transposed");
        }
        self
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.own.as_ref().map_or(self.kind.classes.len(), |own| own.description.classes().len())
    }

    /// The shape of each picture.
    pub fn shape(&self) -> Shape {
        self.own.as_ref().map_or(self.kind.shape, |own| own.description.shape())
    }

    /// Whether its pictures are in colour.
    pub fn in_colour(&self) -> bool {
        self.shape().channels > 1
    }

    /// Whether both are the same pictures in the same order. Their titles and the names of their classes may differ.
    pub fn is_same(&self, other: &Self) -> bool {
        let seeded = self.kind.make.is_some() || self.kind.files == Some(Files::Pictures);
        self.kind == other.kind
            && self.train == other.train
            && self.test == other.test
            && self.digest() == other.digest()
            && (self.seed == other.seed || !seeded)
    }

    /// Whether these `files` are those it needs.
    pub fn takes(&self, files: &Self) -> bool {
        self.kind.files == files.kind.files
            && self.digest() == files.digest()
            && (self.seed == files.seed || self.kind.files != Some(Files::Pictures))
    }

    fn digest(&self) -> Option<(&str, Shape)> {
        self.own.as_ref().map(|own| (own.digest.as_str(), own.description.shape()))
    }

    /// Whether its pictures and classes are those of pen strokes.
    pub fn is_of_digits(&self) -> bool {
        self.shape() == Shape::MNIST && self.description().classes() == DIGITS
    }

    /// The generated training pictures of `range`: the whole set, or the part that is added to MNIST.
    pub fn made(&self, range: Range<u64>) -> Split {
        match self.kind.make {
            Some(make) => make(self.seed, range),
            None => Split::none(self.shape()),
        }
    }

    /// The generated test pictures of `range`.
    pub fn made_tests(&self, range: Range<usize>) -> Split {
        self.made(supply::test(range))
    }

    /// Whether all of it is made here, so that no files are needed.
    pub fn is_built_in(&self) -> bool {
        self.kind.files.is_none()
    }

    /// Numbers of training images from files and of generated ones: half each if there are both, limited by the files.
    pub fn shares(&self) -> [usize; 2] {
        match (self.kind.files, self.kind.make) {
            (Some(_), None) => [self.train, 0],
            (Some(_), Some(_)) if self.train <= 2 * MNIST_TRAIN => [self.train / 2, self.train - self.train / 2],
            (Some(_), Some(_)) => [MNIST_TRAIN, self.train - MNIST_TRAIN],
            (None, _) => [0, self.train],
        }
    }

    /// The same data, `train` training images and `test` test images of them.
    pub(super) fn counting(self, train: usize, test: usize) -> Self {
        Self { train, test, ..self }
    }

    /// The whole data set, if all of it is made here.
    pub fn made_whole(&self) -> Dataset {
        let (train, test) = (self.made(0..self.train as u64), self.made_tests(0..self.test));
        Dataset { source: self.clone(), train, test }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dataset::registry::SOURCES;

    /// A data set that is made here, of seed 1.
    pub fn made(name: &str, train: usize, test: usize) -> Dataset {
        DataSource::new(name, train, test, 1).unwrap().made_whole()
    }

    fn source(name: &str, train: usize, seed: u64) -> DataSource {
        DataSource::new(name, train, 10, seed).unwrap()
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
        let refused = |name, train| DataSource::new(name, train, 10, 1).unwrap_err().to_string();
        assert!(refused("strokes", usize::MAX).contains("choose up to 2000000"));
        let names = "strokes, pens, mnist, mnist+strokes, mnist+pens, objects, cifar10, idx, pictures";
        assert!(refused("cats", 5).contains(names));
        assert!(refused("idx", 5).contains("their description and digest are missing"));
    }

    #[test]
    fn sources_of_checkpoints_before_descriptions_are_read_and_written_as_they_were() {
        let stored = r#"{"name":"mnist","train":60000,"test":10000,"seed":0}"#;
        let source: DataSource = serde_json::from_str(stored).unwrap();
        assert_eq!((source.name(), source.classes(), source.shape()), ("mnist", 10, Shape::MNIST));
        assert_eq!(serde_json::to_string(&source).unwrap(), stored);
        for files in [Files::Mnist, Files::Cifar10, Files::Idx, Files::Pictures] {
            assert_eq!(Source::of(files).files, Some(files));
        }
        for kind in &SOURCES {
            if let Ok(source) = DataSource::new(kind.name, 20, 10, 1) {
                assert_eq!(source.description().classes().len(), source.classes());
            }
        }
    }

    #[test]
    fn files_that_describe_themselves_are_told_apart_by_their_content() {
        let own = |classes: [&str; 2], digest: &str| {
            let description = Description::new("pets", Shape::CIFAR, classes.map(str::to_owned).to_vec()).unwrap();
            let own = Own { description, digest: digest.to_owned() };
            DataSource::described(Files::Pictures, own, 1).counting(8, 2)
        };
        let pets = own(["cat", "dog"], "ab");
        assert_eq!((pets.classes(), pets.in_colour(), pets.description().title()), (2, true, "pets"));
        assert!(pets.is_same(&own(["Katze", "Hund"], "ab")), "the same pictures under other names");
        assert!(!pets.is_same(&own(["cat", "dog"], "cd")));
        let text = serde_json::to_string(&pets).unwrap();
        assert_eq!(serde_json::from_str::<DataSource>(&text).unwrap(), pets);
    }
}
