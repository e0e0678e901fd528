//! Pictures in a folder for each class: which of them are to be decoded, and the data set that comes of it.
//!
//! The core decodes no pictures: `ff` does, and on the page the browser does.

use super::super::description::class_count;
use super::super::registry::Files;
use super::super::source::{DataSource, Own};
use super::super::{Dataset, Description, Images, Label, Shape, Split, supply};
use super::found::Findings;
use super::names::{self, Part};
use super::{Layer, Place, hexadecimal};
use crate::error::{Error, Result};
use rand::seq::SliceRandom;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// One picture in this many of each class is held out for testing, if there is no folder `test`.
const HELD_OUT: usize = 5;

/// A picture that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    class: String,
    path: String,
    part: Option<Part>,
    digest: String,
}

/// Pictures in folders, as they were given.
#[derive(Debug, Default)]
pub struct Folders {
    /// By digest and path. This order is independent of the classes, because the page shows and measures the first pictures.
    pictures: BTreeMap<String, Listed>,
    /// All folders, those without pictures too.
    all: BTreeSet<String>,
    /// The first file with an error.
    problem: Option<(String, Error)>,
}

impl Folders {
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty() && self.problem.is_none()
    }

    /// Notes the folder of a file.
    pub fn note(&mut self, path: &str) {
        if !names::is_litter(folder(path)) && !self.all.contains(folder(path)) {
            self.all.insert(folder(path).to_owned());
        }
    }

    pub fn refuse(&mut self, name: &str, problem: &str) {
        if self.problem.as_ref().is_none_or(|(first, _)| name < first.as_str()) {
            self.problem = Some((name.to_owned(), Error::data(name, problem)));
        }
    }

    /// Returns the pictures of each class; `given` names them together.
    pub fn album(self, given: &str) -> Result<Album> {
        if let Some((_, error)) = self.problem {
            return Err(error);
        }
        let first = |is: &dyn Fn(&Listed) -> bool| self.pictures.values().find(|picture| is(picture));
        if let Some(stray) = first(&|picture| picture.class.is_empty()) {
            let problem = "is in no folder of a class; give one folder for each class, with its pictures in it";
            return Err(Error::data(&stray.path, problem));
        }
        let of = |part| first(&|picture| picture.part == part);
        if let Some(tested) = of(Some(Part::Test)) {
            if let Some(other) = of(None) {
                let problem =
                    format!("is in no folder train or test, and {} is; move it into one of them", tested.path);
                return Err(Error::data(&other.path, problem));
            }
            if of(Some(Part::Train)).is_none() {
                return Err(Error::data(given, "has a folder test and no folder train; give both"));
            }
        }
        let mut classes = BTreeSet::new();
        let mut parents = BTreeSet::new();
        for picture in self.pictures.values() {
            if !classes.contains(&picture.class) {
                classes.insert(picture.class.clone());
            }
            if !parents.contains(folder(folder(&picture.path))) {
                parents.insert(folder(folder(&picture.path)).to_owned());
            }
        }
        class_count(given, classes.len())?;
        for class in &classes {
            if first(&|picture| picture.class == *class && picture.part != Some(Part::Test)).is_none() {
                let problem = "has test pictures, and none to learn from; give some in the folder train";
                return Err(Error::data(class, problem));
            }
        }
        let is_empty = |it: &&String| {
            !it.is_empty()
                && parents.contains(folder(it))
                && !parents.contains(*it)
                && !classes.contains(names::base(it))
        };
        if let Some(empty) = self.all.iter().find(is_empty) {
            return Err(Error::data(empty, "holds no pictures; add some, or leave the folder out"));
        }
        let classes = classes.into_iter().collect();
        Ok(Album { title: given.to_owned(), classes, pictures: self.pictures.into_values().collect() })
    }
}

/// The path of the folder that a file or folder is in.
fn folder(path: &str) -> &str {
    path.rfind(['/', '\\']).map_or("", |end| &path[..end])
}

/// Pictures of several classes, still to be decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Album {
    title: String,
    classes: Vec<String>,
    pictures: Vec<Listed>,
}

impl Album {
    /// The paths of all pictures, in the order in which [`Album::dataset`] wants them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.pictures.iter().map(|picture| picture.path.as_str())
    }

    /// The name of each class.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The data set of these pictures, fitted to squares of `shape` and given as red, green and blue bytes, one after
    /// another. Where no folder says which pictures are for testing, `seed` chooses one of five.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are not as many bytes as the pictures have.
    pub fn dataset(&self, shape: Shape, rgb: &[u8], seed: u64) -> Result<Dataset> {
        let side = shape.height * shape.width * 3;
        if rgb.len() != side * self.pictures.len() {
            return Err(Error::Shape {
                operation: "pictures from bytes",
                left: format!("{} bytes", rgb.len()),
                right: format!("{} pictures of {side} bytes", self.pictures.len()),
            });
        }
        let tests = self.tests(seed);
        let mut parts = [(vec![], vec![]), (vec![], vec![])];
        let mut digest = Sha256::new();
        for ((picture, pixels), is_test) in self.pictures.iter().zip(rgb.chunks_exact(side)).zip(&tests) {
            let class = self.classes.iter().position(|class| *class == picture.class).unwrap_or_default();
            let (bytes, labels) = &mut parts[usize::from(*is_test)];
            if shape.channels == 1 {
                bytes.extend(grey(pixels, shape.width));
            } else {
                bytes.extend_from_slice(pixels);
            }
            labels.extend(Label::new(class as u8));
            digest.update([class as u8, u8::from(picture.part == Some(Part::Test))]);
            digest.update(&picture.digest);
        }
        let [train, test] = parts.map(|(bytes, labels)| Split::new(Images::new(shape, bytes)?, labels));
        let description = Description::new(&self.title, shape, self.classes.clone())?;
        let own = Own { description, digest: hexadecimal(&digest.finalize()) };
        Ok(Dataset::new(DataSource::described(Files::Pictures, own, seed), train?, test?))
    }

    /// Whether each picture is for testing.
    fn tests(&self, seed: u64) -> Vec<bool> {
        let mut tests: Vec<bool> = self.pictures.iter().map(|picture| picture.part == Some(Part::Test)).collect();
        if tests.contains(&true) {
            return tests;
        }
        for (number, class) in self.classes.iter().enumerate() {
            let mut own: Vec<usize> = (0..tests.len()).filter(|&index| self.pictures[index].class == *class).collect();
            let held_out = (own.len() / HELD_OUT).max(usize::from(own.len() > 1));
            let (chosen, _) = own.partial_shuffle(&mut supply::stream(seed, number as u64), held_out);
            for &index in chosen.iter() {
                tests[index] = true;
            }
        }
        tests
    }
}

/// Turns a square of red, green and blue into grey ink on black paper, as in MNIST. The edge of the picture counts as paper.
pub fn grey(rgb: &[u8], side: usize) -> Vec<u8> {
    let luma = |pixel: &[u8; 3]| {
        let [red, green, blue] = pixel.map(u32::from);
        ((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8
    };
    let mut grey: Vec<u8> = rgb.as_chunks().0.iter().map(luma).collect();
    let is_edge = |at: usize| [at / side, at % side].iter().any(|&place| place == 0 || place == side - 1);
    let edge: Vec<u32> = grey.iter().enumerate().filter(|(at, _)| is_edge(*at)).map(|(_, &v)| v.into()).collect();
    if edge.iter().sum::<u32>() > 127 * edge.len() as u32 {
        for value in &mut grey {
            *value = 255 - *value;
        }
    }
    grey
}

/// A picture's file as it arrives.
#[derive(Debug)]
pub struct PictureFile {
    pub place: Place,
    digest: Sha256,
}

impl PictureFile {
    pub fn begin(findings: &mut Findings, place: &Place) -> Layer {
        if place.depth > 0 {
            findings.pass_over(place, Some("is a picture in an archive; unpack it, and give its folders".to_owned()));
            return Layer::Ignored;
        }
        Layer::Picture(Box::new(Self { place: place.clone(), digest: Sha256::new() }))
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    pub fn end(self, findings: &mut Findings) {
        let path = self.place.path;
        let own = folder(&path);
        let part = match names::base(folder(own)).to_ascii_lowercase().as_str() {
            "train" => Some(Part::Train),
            "test" => Some(Part::Test),
            _ => None,
        };
        let (class, digest) = (names::base(own).to_owned(), hexadecimal(&self.digest.finalize()));
        findings.folders.pictures.insert(format!("{digest} {path}"), Listed { class, path, part, digest });
    }
}
