//! CIFAR-10 in its own binary layout: six files of 10,000 pictures.
//!
//! A picture is 3073 bytes: its label, then 32×32 bytes of red, as many of green, as many of blue (Krizhevsky 2009). Here the
//! three values of a pixel stand beside each other. A file arrives in pieces. Nothing is believed before it is checked, and no
//! more memory is taken than pictures arrive.

use super::registry::Files;
use super::source::DataSource;
use super::{Dataset, Images, Label, Shape, Split};
use crate::error::{Error, Result};

/// What the labels 0 to 9 mean.
pub const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Pictures in each of the six files.
pub const PICTURES: usize = 10_000;

/// The files, training pictures first.
pub const FILES: [&str; 6] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];

/// Values of one colour.
const PLANE: usize = Shape::CIFAR.height * Shape::CIFAR.width;
/// Bytes of one picture with its label.
const RECORD: usize = 1 + 3 * PLANE;

/// One of the six files as it arrives, in pieces.
#[derive(Debug)]
pub struct Batch {
    /// Its name in errors.
    file: String,
    /// How many pictures it must hold.
    pictures: usize,
    /// The bytes so far of a picture that has not arrived whole.
    record: Vec<u8>,
    labels: Vec<Label>,
    pixels: Vec<u8>,
    /// The same file as it was given before. Then nothing is kept of this one, and its pictures are compared.
    earlier: Option<Split>,
    differs: bool,
    /// Bytes so far.
    found: usize,
}

impl Batch {
    /// Nothing of `file` yet, which must hold `pictures`; with the same file as it was given before, if it was.
    pub fn new(file: &str, pictures: usize, earlier: Option<Split>) -> Self {
        let (record, labels, pixels) = (Vec::with_capacity(RECORD), vec![], vec![]);
        Self { file: file.to_owned(), pictures, record, labels, pixels, earlier, differs: false, found: 0 }
    }

    /// Checks and takes the next piece.
    ///
    /// # Errors
    /// [`Error::Data`] as soon as the file cannot be what it should be.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.found += bytes.len();
        if self.found > self.pictures * RECORD {
            return size(&self.file, self.found, self.pictures);
        }
        while !bytes.is_empty() {
            let (part, rest) = bytes.split_at(bytes.len().min(RECORD - self.record.len()));
            self.record.extend_from_slice(part);
            bytes = rest;
            if self.record.len() == RECORD {
                self.picture()?;
                self.record.clear();
            }
        }
        Ok(())
    }

    /// Takes the picture that has come.
    fn picture(&mut self) -> Result<()> {
        let index = self.labels.len();
        let Some(label) = Label::new(self.record[0]).filter(|label| usize::from(label.value()) < CLASSES.len()) else {
            let found =
                format!("picture {index} has the label {}; expected 0 to {}", self.record[0], CLASSES.len() - 1);
            let problem = format!("{found}: this is no CIFAR-10 in its binary version, or it is damaged");
            return Err(Error::data(&self.file, problem));
        };
        self.labels.push(label);
        let record = &self.record;
        let pixels = (0..PLANE).flat_map(|at| [1, 1 + PLANE, 1 + 2 * PLANE].map(|plane| record[plane + at]));
        if let Some(earlier) = &self.earlier {
            let same = earlier.labels[index] == label && earlier.images.image(index).iter().copied().eq(pixels);
            self.differs |= !same;
        } else {
            let grown = self.pixels.len().clamp(3 * PLANE, self.pictures * 3 * PLANE - self.pixels.len());
            if self.pixels.len() == self.pixels.capacity() {
                self.pixels.reserve_exact(grown);
            }
            self.pixels.extend(pixels);
        }
        Ok(())
    }

    /// The pictures, now that no more bytes come; nothing if they are those of the same file as it was given before.
    ///
    /// # Errors
    /// [`Error::Data`] if the file is too short.
    pub fn end(self) -> Result<Outcome> {
        size(&self.file, self.found, self.pictures)?;
        Ok(match self.earlier {
            Some(_) if self.differs => Outcome::Differs,
            Some(_) => Outcome::Same,
            None => Outcome::Read(Split::new(Images::new(Shape::CIFAR, self.pixels)?, self.labels)?),
        })
    }
}

/// What came of a file.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// Its pictures.
    Read(Split),
    /// They are those of the same file as it was given before.
    Same,
    /// They are others.
    Differs,
}

/// Refuses a file that is not as long as `pictures` are.
///
/// # Errors
/// [`Error::Data`] that says how long it is.
pub fn size(file: &str, found: usize, pictures: usize) -> Result<()> {
    let expected = pictures * RECORD;
    let whole = found / RECORD;
    let problem = match found {
        0 => format!("is empty; expected {pictures} pictures of CIFAR-10, {expected} bytes"),
        _ if found == expected => return Ok(()),
        _ if found < expected => format!(
            "is cut short: it holds {whole} whole pictures in {found} bytes; expected {pictures} in {expected}. Download or \
             copy it again"
        ),
        _ => format!(
            "goes on after the {pictures} pictures, {expected} bytes, that a file of CIFAR-10 holds; download or copy it \
             again"
        ),
    };
    Err(Error::data(file, problem))
}

/// Puts the six files together, in the order of [`FILES`].
///
/// # Errors
/// Never for pictures of one shape.
pub fn together(splits: [Split; 6]) -> Result<Dataset> {
    let [training @ .., test] = splits;
    let mut labels = vec![];
    let mut pixels = Vec::with_capacity(training.iter().map(|split| split.images.bytes().len()).sum());
    for split in training {
        pixels.extend_from_slice(split.images.bytes());
        labels.extend(split.labels);
    }
    let train = Split::new(Images::new(Shape::CIFAR, pixels)?, labels)?;
    Ok(Dataset::new(DataSource::known(Files::Cifar10), train, test))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pictures; the first bytes of the first are told apart by plane.
    fn file(first: u8) -> Vec<u8> {
        let mut bytes = vec![7; 2 * RECORD];
        bytes[..3].copy_from_slice(&[first, 1, 2]);
        (bytes[1 + PLANE], bytes[1 + 2 * PLANE], bytes[RECORD]) = (100, 200, 9);
        bytes
    }

    fn read(bytes: &[u8], step: usize, earlier: Option<Split>) -> Result<Outcome> {
        let mut batch = Batch::new("a.bin", 2, earlier);
        bytes.chunks(step).try_for_each(|piece| batch.push(piece))?;
        batch.end()
    }

    fn split(bytes: &[u8]) -> Split {
        match read(bytes, 1000, None).unwrap() {
            Outcome::Read(split) => split,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn colours_of_a_pixel_come_to_stand_beside_each_other() {
        for step in [1, 1000, 3073, 10_000] {
            let Outcome::Read(split) = read(&file(3), step, None).unwrap() else { panic!("it is the first") };
            assert_eq!(split.labels.iter().map(|label| label.value()).collect::<Vec<_>>(), [3, 9]);
            assert_eq!(split.images.shape(), Shape::CIFAR);
            assert_eq!(split.images.image(0)[..6], [1, 100, 200, 2, 7, 7]);
        }
    }

    #[test]
    fn the_same_file_again_is_compared() {
        assert_eq!(read(&file(3), 500, Some(split(&file(3)))), Ok(Outcome::Same));
        assert_eq!(read(&file(3), 500, Some(split(&file(4)))), Ok(Outcome::Differs));
        let mut other = file(3);
        other[5000] = 9;
        assert_eq!(read(&other, 500, Some(split(&file(3)))), Ok(Outcome::Differs));
    }

    #[test]
    fn each_fault_is_named() {
        let problem = |bytes: &[u8]| read(bytes, 1000, None).unwrap_err().to_string();
        let whole = file(3);
        let cut = problem(&whole[..whole.len() - 1]);
        assert!(
            cut.starts_with("a.bin: is cut short: it holds 1 whole pictures in 6145 bytes; expected 2 in 6146"),
            "{cut}"
        );
        // Cut at the end of a picture, too.
        assert!(problem(&whole[..RECORD]).contains("holds 1 whole pictures in 3073"));
        assert!(problem(&[]).contains("is empty; expected 2 pictures"));
        let long = problem(&[&whole[..], &[0]].concat());
        assert!(long.contains("goes on after the 2 pictures, 6146 bytes"), "{long}");
        let mut wrong = whole;
        wrong[RECORD] = 10;
        let label = problem(&wrong);
        assert!(label.starts_with("a.bin: picture 1 has the label 10; expected 0 to 9"), "{label}");
    }
}
