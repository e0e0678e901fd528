//! Which data a run learns from, enough to find them again; and the one list of all there are.

use super::objects::Objects;
use super::strokes::{Strokes, Writers};
use super::{Dataset, Description, Shape, Split, cifar, objects, supply};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The most images a split may have: several times the largest set in use, and few enough to shuffle in little memory.
pub const MOST_IMAGES: usize = 2_000_000;

/// MNIST's training images.
const MNIST_TRAIN: usize = 60_000;

/// The names of ten digits.
const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// Files that a person has to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// MNIST's four files.
    Mnist,
    /// CIFAR-10's six files.
    Cifar10,
    /// Four files in MNIST's format.
    Idx,
    /// Pictures in a folder for each class.
    Pictures,
}

impl Files {
    /// How the page asks for them, where it cannot fetch them itself; and what the button says that chooses them.
    const fn sentences(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Mnist => (None, "MNIST from files…"),
            Self::Cifar10 => {
                (Some("drop its six .bin files here, or the .tar.gz they come in"), "CIFAR-10 from files…")
            }
            Self::Idx => (Some("drop its four files here"), "IDX files…"),
            Self::Pictures => (Some("drop the folder here that has a folder for each class"), "Folder of pictures…"),
        }
    }
}

/// A source of data: one entry of [`SOURCES`].
#[derive(Debug)]
pub struct Source {
    /// The name in the address, on the command line and in checkpoints.
    pub name: &'static str,
    /// The name a person reads.
    pub title: &'static str,
    /// What it is, in a sentence.
    pub help: &'static str,
    /// The shape of its pictures; where files decide, the most usual one.
    pub shape: Shape,
    /// The names of its classes; none where the files decide.
    pub classes: &'static [&'static str],
    /// How many training and test images the page makes, or the files hold; none where the files decide.
    pub usual: [usize; 2],
    /// Whether the page offers it.
    offered: bool,
    /// Which of the weights that come with the page learned from such pictures.
    pretrained: Option<&'static str>,
    /// Makes the examples of a range of indices from a seed.
    make: Option<fn(u64, Range<u64>) -> Split>,
    /// The files it needs.
    pub files: Option<Files>,
}

/// All sources of data.
pub static SOURCES: [Source; 9] = [
    Source {
        name: "strokes",
        title: "pen strokes",
        help: "Digits written by one school class, made here: no files needed.",
        shape: Shape::MNIST,
        classes: &DIGITS,
        usual: [20_000, 2_000],
        offered: true,
        pretrained: Some("digits"),
        make: Some(|seed, range| Strokes::by(Writers::Class, seed).split(range)),
        files: None,
    },
    Source {
        name: "pens",
        title: "everyone's pen strokes",
        help: "Digits written by everyone, in more ways and in a hurry too, made here: no files needed.",
        shape: Shape::MNIST,
        classes: &DIGITS,
        usual: [20_000, 2_000],
        offered: false,
        pretrained: None,
        make: Some(|seed, range| Strokes::by(Writers::Everyone, seed).split(range)),
        files: None,
    },
    Source {
        name: "mnist",
        title: "MNIST",
        help: "60,000 digits written by people, in four IDX files.",
        shape: Shape::MNIST,
        classes: &DIGITS,
        usual: [60_000, 10_000],
        offered: true,
        pretrained: Some("digits"),
        make: None,
        files: Some(Files::Mnist),
    },
    Source {
        name: "mnist+strokes",
        title: "MNIST and pen strokes",
        help: "MNIST's training images and as many pen strokes; tested on MNIST.",
        shape: Shape::MNIST,
        classes: &DIGITS,
        usual: [120_000, 10_000],
        offered: false,
        pretrained: None,
        make: Some(|seed, range| Strokes::by(Writers::Class, seed).split(range)),
        files: Some(Files::Mnist),
    },
    Source {
        name: "mnist+pens",
        title: "MNIST and everyone's pen strokes",
        help: "MNIST's training images and as many of everyone's pen strokes; tested on MNIST.",
        shape: Shape::MNIST,
        classes: &DIGITS,
        usual: [120_000, 10_000],
        offered: false,
        pretrained: None,
        make: Some(|seed, range| Strokes::by(Writers::Everyone, seed).split(range)),
        files: Some(Files::Mnist),
    },
    Source {
        name: "objects",
        title: "coloured objects",
        help: "Ten outlines of any colour, texture, place and size before clutter, 32×32, made here: no files needed.",
        shape: Shape::CIFAR,
        classes: &objects::CLASSES,
        usual: [10_000, 1_000],
        offered: true,
        pretrained: Some("objects"),
        make: Some(|seed, range| Objects::new(seed).split(range)),
        files: None,
    },
    Source {
        name: "cifar10",
        title: "CIFAR-10",
        help: "Photographs of ten kinds, 32×32, in six binary files.",
        shape: Shape::CIFAR,
        classes: &cifar::CLASSES,
        usual: [50_000, 10_000],
        offered: true,
        pretrained: None,
        make: None,
        files: Some(Files::Cifar10),
    },
    Source {
        name: "idx",
        title: "IDX files",
        help: "Four files in MNIST's format, with 2 to 64 classes: Fashion-MNIST, KMNIST, EMNIST and others.",
        shape: Shape::MNIST,
        classes: &[],
        usual: [0, 0],
        offered: true,
        pretrained: None,
        make: None,
        files: Some(Files::Idx),
    },
    Source {
        name: "pictures",
        title: "folders of pictures",
        help: "PNG, JPEG or WebP pictures in one folder for each of 2 to 64 classes.",
        shape: Shape::MNIST,
        classes: &[],
        usual: [0, 0],
        offered: true,
        pretrained: None,
        make: None,
        files: Some(Files::Pictures),
    },
];

impl Source {
    /// The source of this name.
    ///
    /// # Errors
    /// [`Error::Setting`] that names all there are.
    pub fn named(name: &str) -> Result<&'static Self> {
        SOURCES.iter().find(|source| source.name == name).ok_or_else(|| {
            let names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
            let name: String = name.chars().take(40).collect();
            Error::setting("data", name, format!("choose one of {}", names.join(", ")))
        })
    }

    /// Whether it makes pictures here, all of them or some.
    pub fn makes(&self) -> bool {
        self.make.is_some()
    }

    /// The source that is these files and nothing else.
    #[expect(clippy::missing_panics_doc, reason = "a test looks for each")]
    pub fn of(files: Files) -> &'static Self {
        let alone = |source: &&Self| source.files == Some(files) && source.make.is_none();
        SOURCES.iter().find(alone).expect("each kind of files is a source")
    }
}

/// What the page knows of a source of data before the core is loaded.
#[expect(clippy::struct_excessive_bools, reason = "a row of a table")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SourceRow {
    name: &'static str,
    title: &'static str,
    help: &'static str,
    /// Whether its pictures are in colour.
    colour: bool,
    /// Which of the weights that come with the page learned from such pictures.
    pretrained: Option<&'static str>,
    /// Whether all of it is made here.
    built_in: bool,
    /// Whether its title and its class names are the person's to choose.
    own: bool,
    /// How to give its files, where the page cannot fetch them.
    ask: Option<&'static str>,
    /// What the button says that chooses its files, which are a folder where `folder` says so.
    pick: Option<&'static str>,
    folder: bool,
}

/// The sources that the page offers.
pub fn rows() -> Vec<SourceRow> {
    let row = |source: &Source| SourceRow {
        name: source.name,
        title: source.title,
        help: source.help,
        colour: source.shape.channels > 1,
        pretrained: source.pretrained,
        built_in: source.files.is_none(),
        own: source.classes.is_empty(),
        ask: source.files.and_then(|files| files.sentences().0),
        pick: source.files.map(|files| files.sentences().1),
        folder: source.files == Some(Files::Pictures),
    };
    SOURCES.iter().filter(|source| source.offered).map(row).collect()
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Source {}

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
    /// What the files say, where [`Source::classes`] does not.
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
    /// As [`DataSource::new`].
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

    /// The training pictures of `range` among those that are made here: all there are, or those that join MNIST.
    pub fn made(&self, range: Range<u64>) -> Split {
        match self.kind.make {
            Some(make) => make(self.seed, range),
            None => Split::none(self.shape()),
        }
    }

    /// The test pictures of `range` among those that are made here.
    pub fn made_tests(&self, range: Range<usize>) -> Split {
        self.made(supply::test(range))
    }

    /// Whether all of it is made here, so that no files are needed.
    pub fn is_built_in(&self) -> bool {
        self.kind.files.is_none()
    }

    /// How many of the training images come from files and how many are made here: half of each where there are both, as
    /// far as the files go.
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
