//! The four files of a data set in MNIST's format, and whether they are MNIST's own.

use super::super::description::class_count;
use super::super::idx::{Idx, Kind};
use super::super::registry::Files;
use super::super::source::{DataSource, Own};
use super::super::{Dataset, Description, Images, Label, Shape, Split};
use super::found::{Findings, differ, missing};
use super::names::{self, Part};
use super::{Layer, Place, Set, hexadecimal};
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The files: images and labels of the training and of the test set.
const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// What each of the four holds.
const PARTS: [&str; 4] = ["training images", "training labels", "test images", "test labels"];

/// The SHA-256 of MNIST's files, unpacked: images and labels of the training set, then of the test set.
pub const MNIST: [&str; 4] = [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
];

/// The content of one of the files.
#[derive(Debug, Clone)]
pub struct Found {
    name: String,
    content: Arc<Vec<u8>>,
    /// The SHA-256 of the whole file.
    digest: String,
}

/// Makes a data set of the four files; `given` names them together.
pub fn together(files: [Option<Found>; 4], given: &str, reason: &str) -> Result<Dataset> {
    let absent: Vec<&str> =
        NAMES.iter().zip(&files).filter(|(_, file)| file.is_none()).map(|(name, _)| *name).collect();
    let [Some(images), Some(labels), Some(test_images), Some(test_labels)] = files else {
        return Err(missing("MNIST's format", "four", &absent, reason));
    };
    if images.content == test_images.content {
        let problem = format!("holds the same images as {}, so nothing would be tested", images.name);
        return Err(Error::data(test_images.name, format!("{problem}; give the test images")));
    }
    let digests = [&images, &labels, &test_images, &test_labels].map(|file| file.digest.clone());
    // `black_box` keeps the digests as text in the built core, where tests of the page replace them.
    if digests == *std::hint::black_box(&MNIST) {
        let (train, test) = (split(images, labels, 0)?, split(test_images, test_labels, 0)?);
        return Ok(Dataset::new(DataSource::known(Files::Mnist), train, test));
    }
    let values = || labels.content.iter().chain(test_labels.content.iter());
    // EMNIST's letters are counted from 1.
    let first = u8::from(values().min() == Some(&1));
    let count = usize::from(values().max().map_or(0, |most| most - first)) + 1;
    class_count(given, count)?;
    if let Some(class) = (first..).take(count).find(|class| !labels.content.contains(class)) {
        let problem = format!("has no image of class {class}, and labels go up to {}", count - 1 + usize::from(first));
        return Err(Error::data(labels.name, format!("{problem}; give at least one training image of each class")));
    }
    let description = Description::new(given, Shape::MNIST, usual_classes(count, first))?;
    let (train, test) = (split(images, labels, first)?, split(test_images, test_labels, first)?);
    let own = Own { description, digest: hexadecimal(&Sha256::digest(digests.concat())) };
    Ok(Dataset::new(DataSource::described(Files::Idx, own, 0), train, test))
}

/// Default class names for a set of `count` classes: digits, letters, or both, as usual for that number.
fn usual_classes(count: usize, first: u8) -> Vec<String> {
    const CHARACTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (some, more) = match (count, first) {
        (26, _) => (&CHARACTERS[10..36], ""),
        (47, 0) => (&CHARACTERS[..36], "abdefghnqrt"),
        (62, 0) => (CHARACTERS, ""),
        _ => return (usize::from(first)..).take(count).map(|class| class.to_string()).collect(),
    };
    some.chars().chain(more.chars()).map(String::from).collect()
}

/// Images and their labels, which are counted from `first`.
fn split(images: Found, labels: Found, first: u8) -> Result<Split> {
    let content = Arc::try_unwrap(images.content).unwrap_or_else(|shared| (*shared).clone());
    let pictures = Images::new(Shape::MNIST, content)?;
    if labels.content.len() != pictures.len() {
        let problem =
            format!("holds {} labels, but {} holds {} images", labels.content.len(), images.name, pictures.len());
        return Err(Error::data(labels.name, problem));
    }
    let values = labels.content.iter().filter_map(|value| Label::new(value - first)).collect();
    Split::new(pictures, values)
}

/// One of the files as it arrives.
#[derive(Debug)]
pub struct IdxFile {
    pub place: Place,
    slot: usize,
    idx: Idx,
    content: Vec<u8>,
    digest: Sha256,
    /// The same file as it was given before. Then nothing is kept of this one, and it is compared.
    earlier: Option<Found>,
    differs: bool,
    /// Bytes of content so far.
    found: usize,
}

impl IdxFile {
    /// A file of this kind by its name or its content.
    pub fn begin(findings: &mut Findings, place: &Place, kind: Kind) -> Layer {
        findings.see(Set::Idx, place.given());
        let Some(part) = names::part(&place.path) else {
            let problem = format!(
                "holds {}, and its name does not say whether to learn from them or to test on them; give it the name of \
                 MNIST's file, with train or t10k in it",
                kind.name()
            );
            findings.refuse(&place.name(), Error::data(place.name(), problem));
            return Layer::Ignored;
        };
        let slot = 2 * usize::from(part == Part::Test) + usize::from(kind == Kind::Labels);
        Layer::Idx(Box::new(Self {
            place: place.clone(),
            slot,
            idx: Idx::new(&place.name(), place.is_packed(), kind),
            content: vec![],
            digest: Sha256::new(),
            earlier: findings.four[slot].clone(),
            differs: false,
            found: 0,
        }))
    }

    pub fn push(&mut self, findings: &mut Findings, bytes: &[u8]) -> ControlFlow<()> {
        let piece = match self.idx.push(bytes) {
            Ok(piece) => piece,
            Err(error) => {
                findings.refuse(&self.place.name(), error);
                return ControlFlow::Break(());
            }
        };
        if let Some(earlier) = &self.earlier {
            self.differs |= earlier.content.get(self.found..self.found + piece.len()) != Some(piece);
        } else {
            self.digest.update(bytes);
            if self.content.len() + piece.len() > self.content.capacity() {
                // Twice as much, but never more than the header declares.
                let most = self.idx.declared() - self.content.len();
                self.content.reserve_exact(self.content.len().max(piece.len()).min(most));
            }
            self.content.extend_from_slice(piece);
        }
        self.found += piece.len();
        ControlFlow::Continue(())
    }

    pub fn end(self, findings: &mut Findings) {
        let name = self.place.name();
        if let Err(error) = self.idx.end() {
            findings.refuse(&name, error);
            return;
        }
        match self.earlier {
            None => {
                let (content, digest) = (Arc::new(self.content), hexadecimal(&self.digest.finalize()));
                findings.four[self.slot] = Some(Found { name, content, digest });
            }
            Some(earlier) if self.differs || earlier.content.len() != self.found => {
                differ(findings, &name, &earlier.name, PARTS[self.slot]);
            }
            Some(_) => {}
        }
    }
}
