//! IDX, the format MNIST comes in: a big-endian header that declares the sizes, then the bytes.
//!
//! Images begin with `00 00 08 03`, count, rows, columns (four bytes each); labels with `00 00 08 01`, count. A file arrives
//! in pieces. Nothing is believed before it is checked, and no more memory is taken than bytes arrive.

use super::Shape;
use crate::error::{Error, Result};

/// The most images or labels a file may declare: room for the largest relative of MNIST (EMNIST by class, 697,932), and a
/// bound on what a damaged or hostile header can make us unpack.
const MOST: usize = 1_000_000;

/// What an IDX file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Pictures of 28×28 grey pixels.
    Images,
    /// Labels 0 to 9.
    Labels,
}

impl Kind {
    /// The kind of file that begins with these bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        [Self::Images, Self::Labels].into_iter().find(|kind| bytes.starts_with(&kind.magic()))
    }

    /// The first four bytes: two zeros, 8 for bytes, and the number of dimensions.
    const fn magic(self) -> [u8; 4] {
        match self {
            Self::Images => [0, 0, 8, 3],
            Self::Labels => [0, 0, 8, 1],
        }
    }

    /// The name in sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Labels => "labels",
        }
    }

    const fn header(self) -> usize {
        match self {
            Self::Images => 16,
            Self::Labels => 8,
        }
    }

    /// Bytes of one element.
    const fn size(self) -> usize {
        match self {
            Self::Images => Shape::MNIST.pixels(),
            Self::Labels => 1,
        }
    }
}

/// An IDX file that arrives in pieces.
#[derive(Debug)]
pub struct Idx {
    /// Its name in errors.
    file: String,
    /// Whether it came out of gzip.
    packed: bool,
    expected: Kind,
    header: Vec<u8>,
    /// How many images or labels the header declares, once it is complete.
    count: Option<usize>,
    /// Bytes of content so far.
    found: usize,
}

impl Idx {
    /// Nothing of `file` yet, which should hold what is `expected`.
    pub fn new(file: &str, packed: bool, expected: Kind) -> Self {
        Self { file: file.to_owned(), packed, expected, header: vec![], count: None, found: 0 }
    }

    /// Bytes of content that the header declares; 0 until it is complete.
    pub fn declared(&self) -> usize {
        self.count.unwrap_or(0) * self.expected.size()
    }

    /// Checks the next piece, and returns what of it is content.
    ///
    /// # Errors
    /// [`Error::Data`] as soon as the file cannot be what is expected.
    pub fn push<'a>(&mut self, mut bytes: &'a [u8]) -> Result<&'a [u8]> {
        // The magic number first: the rest of a file of something else is no header.
        for end in [4, self.expected.header()] {
            let taken = bytes.len().min(end.saturating_sub(self.header.len()));
            self.header.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if self.header.len() >= 4 && !self.header.starts_with(&self.expected.magic()) {
                return Err(self.unexpected());
            }
        }
        if self.header.len() == self.expected.header() && self.count.is_none() {
            self.count = Some(self.checked_header()?);
        }
        self.found += bytes.len();
        if self.found > self.declared() {
            let (count, name, declared) = (self.count.unwrap_or(0), self.expected.name(), self.declared());
            let problem = format!("goes on after the {count} {name}, {declared} bytes, that its header declares");
            return Err(self.error(problem));
        }
        Ok(bytes)
    }

    /// How many images or labels it holds, now that no more comes.
    ///
    /// # Errors
    /// [`Error::Data`] if the file ends too early.
    pub fn end(&self) -> Result<usize> {
        if self.header.len() < 4 {
            return Err(self.unexpected());
        }
        let Some(count) = self.count else {
            let number = ["images", "rows", "columns"][(self.header.len() - 4) / 4];
            let number = if self.expected == Kind::Labels { "labels" } else { number };
            return Err(self.error(format!("ends inside its header, before the number of {number}")));
        };
        let (found, declared, name) = (self.found, self.declared(), self.expected.name());
        if found < declared {
            return Err(self.error(format!(
                "is cut short: its header declares {count} {name}, {declared} bytes, but only {found} follow"
            )));
        }
        Ok(count)
    }

    /// Checks a complete header, and returns how many elements it declares.
    fn checked_header(&self) -> Result<usize> {
        let number = |at: usize| self.header[at..at + 4].iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        let (count, name) = (number(4), self.expected.name());
        if count == 0 {
            return Err(self.error(format!("declares no {name}")));
        }
        if count > MOST {
            return Err(self.error(format!("declares {count} {name}; at most {MOST} are read")));
        }
        let Shape { height, width, .. } = Shape::MNIST;
        if self.expected == Kind::Images && (number(8), number(12)) != (height, width) {
            let found = format!("{}×{}", number(8), number(12));
            return Err(self.error(format!("holds images of {found} pixels; expected {height}×{width}")));
        }
        Ok(count)
    }

    fn unexpected(&self) -> Error {
        let found = match (self.header.as_slice(), Kind::of(&self.header)) {
            ([], _) => "is empty".to_owned(),
            (_, Some(kind)) => format!("holds {}", kind.name()),
            (found, None) => {
                let hex: String = found.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("begins with {hex}{}", if self.packed { " once unpacked" } else { "" })
            }
        };
        let magic: String = self.expected.magic().iter().map(|byte| format!("{byte:02x}")).collect();
        self.error(format!("{found}; expected an IDX file of {} (magic {magic})", self.expected.name()))
    }

    fn error(&self, problem: impl Into<String>) -> Error {
        Error::data(&self.file, problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn write(kind: Kind, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
        let mut file = kind.magic().to_vec();
        file.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        file.extend(bytes);
        file
    }

    fn images_file(count: u32) -> Vec<u8> {
        let pixels: Vec<u8> = (0..count * 784).map(|i| (i % 251) as u8).collect();
        write(Kind::Images, &[count, 28, 28], &pixels)
    }

    /// Reads a file in pieces of `step` bytes.
    fn read(kind: Kind, bytes: &[u8], step: usize) -> Result<Vec<u8>> {
        let mut idx = Idx::new("a", false, kind);
        let mut content = vec![];
        for piece in bytes.chunks(step) {
            content.extend_from_slice(idx.push(piece)?);
        }
        assert_eq!(idx.end()? * kind.size(), content.len());
        Ok(content)
    }

    #[test]
    fn each_fault_is_named() {
        use Kind::{Images, Labels};
        let plain = images_file(2);
        let labelled = |values: &[u8]| write(Labels, &[values.len() as u32], values);
        let cases: [(Kind, Vec<u8>, &str); 12] = [
            (Images, vec![], "a: is empty; expected an IDX file of images (magic 00000803)"),
            (Images, b"<!doctype html>".to_vec(), "a: begins with 3c21646f; expected an IDX file of images"),
            (Images, b"%P".to_vec(), "a: begins with 2550; expected an IDX file of images"),
            (Images, labelled(&[1]), "a: holds labels; expected an IDX file of images"),
            (Labels, plain.clone(), "a: holds images; expected an IDX file of labels (magic 00000801)"),
            (Images, plain[..6].to_vec(), "a: ends inside its header, before the number of images"),
            (Images, plain[..15].to_vec(), "a: ends inside its header, before the number of columns"),
            (
                Images,
                plain[..1000].to_vec(),
                "a: is cut short: its header declares 2 images, 1568 bytes, but only 984 follow",
            ),
            (Images, [&plain[..], &[0]].concat(), "a: goes on after the 2 images, 1568 bytes"),
            (Labels, labelled(&[]), "a: declares no labels"),
            (Images, write(Images, &[1, 32, 32], &[0; 1024]), "a: holds images of 32×32 pixels; expected 28×28"),
            (
                Images,
                write(Images, &[u32::MAX, 28, 28], &[]),
                "a: declares 4294967295 images; at most 1000000 are read",
            ),
        ];
        for (kind, file, expected) in cases {
            for step in [1, 3, 5000] {
                let found = read(kind, &file, step).unwrap_err().to_string();
                assert!(found.starts_with(expected), "{found:?} does not begin with {expected:?}");
            }
        }
        let packed = Idx { packed: true, ..Idx::new("a", true, Images) }.push(b"%PDF").unwrap_err().to_string();
        assert!(packed.starts_with("a: begins with 25504446 once unpacked; expected an IDX file"), "{packed}");
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_in_any_pieces(count in 1_u32..4, step in 1_usize..900) {
            let file = images_file(count);
            prop_assert_eq!(&read(Kind::Images, &file, step).unwrap()[..], &file[16..]);
        }

        #[test]
        fn no_damage_panics_or_invents_images(at in 0_usize..2000, byte: u8, keep in 0_usize..2000, step in 1_usize..90) {
            let mut file = images_file(2);
            let at = at % file.len();
            file[at] = byte;
            if let Ok(content) = read(Kind::Images, &file, step) {
                prop_assert_eq!(content.len(), 2 * 784);
            }
            file.truncate(keep);
            let _ = read(Kind::Images, &file, step);
            let _ = read(Kind::Labels, &file, step);
        }
    }
}
