//! The registry of data: one entry for each source.

use super::objects::Objects;
use super::strokes::{Strokes, Writers};
use super::{Shape, Split, cifar, objects};
use crate::error::{Error, Result};
use serde::Serialize;
use std::ops::Range;

/// The names of ten digits.
pub(super) const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

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
    /// How the page asks for the files if it cannot download them, and the label of the button that chooses them.
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
    /// The shape of its pictures; a default if the files decide.
    pub shape: Shape,
    /// The names of its classes; empty if the files decide.
    pub classes: &'static [&'static str],
    /// Numbers of training and test images that the page generates or the files hold; 0 if the files decide.
    pub usual: [usize; 2],
    /// Whether the page offers it.
    offered: bool,
    /// Which of the weights that come with the page learned from such pictures.
    pretrained: Option<&'static str>,
    /// Makes the examples of a range of indices from a seed.
    pub(super) make: Option<fn(u64, Range<u64>) -> Split>,
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
    /// How to give its files, if the page cannot download them.
    ask: Option<&'static str>,
    /// The label of the button that chooses its files.
    pick: Option<&'static str>,
    /// Whether its files are chosen as a folder.
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
