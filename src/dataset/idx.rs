//! IDX, the format MNIST comes in: a big-endian header that declares the sizes, then the bytes.
//!
//! Images begin with `00 00 08 03`, count, rows, columns (four bytes each); labels with `00 00 08 01`, count. Files may
//! be packed with gzip or not: that is read from their first bytes rather than from their name, because web servers
//! unpack `.gz` on the way without saying so. Nothing is believed before it is checked, and no more memory is taken than
//! bytes arrive.

use std::io::{self, ErrorKind, Read};

use super::{Images, LABELS, Label, Shape, Split};
use crate::error::{Error, Result};
use crate::gzip;

/// The most images or labels a file may declare: room for the largest relative of MNIST (EMNIST's 280,000 digits), and a
/// bound on what a damaged or hostile header can make us unpack.
const MOST: usize = 300_000;

/// What an IDX file holds, by the last two bytes of its magic number: the element type and the number of dimensions.
#[derive(Clone, Copy)]
struct Kind {
    magic: [u8; 4],
    name: &'static str,
    /// What the file should have been, for an error's second half.
    expected: &'static str,
}

const IMAGES: Kind = Kind { magic: [0, 0, 8, 3], name: "images", expected: "an IDX file of images (magic 00000803)" };
const LABELLING: Kind =
    Kind { magic: [0, 0, 8, 1], name: "labels", expected: "an IDX file of labels (magic 00000801)" };

/// Reads an IDX file of 28×28 images, plain or gzip; `file` is its name in errors.
///
/// # Errors
/// [`Error::Data`] if the bytes are not exactly such a file.
pub fn images(file: &str, bytes: &[u8]) -> Result<Images> {
    let mut content = Content::open(file, bytes);
    let count = content.header(IMAGES)?;
    let (height, width) = (content.number("rows")?, content.number("columns")?);
    let shape = Shape::MNIST;
    if (height, width) != (shape.height, shape.width) {
        let expected = format!("{}×{}", shape.height, shape.width);
        return Err(Error::data(file, format!("holds images of {height}×{width} pixels; expected {expected}")));
    }
    let pixels = content.exactly(count, shape.pixels(), IMAGES)?;
    Images::new(shape, pixels)
}

/// Reads an IDX file of labels 0 to 9, plain or gzip; `file` is its name in errors.
///
/// # Errors
/// [`Error::Data`] if the bytes are not exactly such a file.
pub fn labels(file: &str, bytes: &[u8]) -> Result<Vec<Label>> {
    let mut content = Content::open(file, bytes);
    let count = content.header(LABELLING)?;
    let values = content.exactly(count, 1, LABELLING)?;
    values
        .iter()
        .enumerate()
        .map(|(index, &value)| {
            Label::new(value)
                .ok_or_else(|| Error::data(file, format!("label {index} is {value}; expected 0 to {}", LABELS - 1)))
        })
        .collect()
}

/// Reads a file of images and the file of their labels.
///
/// # Errors
/// [`Error::Data`] if either is not what it should be, or they do not belong together.
pub fn split(images_file: &str, images_bytes: &[u8], labels_file: &str, labels_bytes: &[u8]) -> Result<Split> {
    // Labels first: they are small, and a wrong file is told before 47 MB are unpacked.
    let labels = labels(labels_file, labels_bytes)?;
    let images = images(images_file, images_bytes)?;
    if labels.len() != images.len() {
        let problem = format!("holds {} labels, but {images_file} holds {} images", labels.len(), images.len());
        return Err(Error::data(labels_file, problem));
    }
    Split::new(images, labels)
}

/// A file's bytes as they come out of gzip, or as they are.
struct Content<'a> {
    file: &'a str,
    packed: bool,
    /// The file itself.
    bytes: &'a [u8],
    reader: Box<dyn Read + 'a>,
}

impl<'a> Content<'a> {
    fn open(file: &'a str, bytes: &'a [u8]) -> Self {
        let packed = gzip::is_packed(bytes);
        let reader: Box<dyn Read + 'a> = if packed { Box::new(gzip::content(bytes)) } else { Box::new(bytes) };
        Self { file, packed, bytes, reader }
    }

    fn error(&self, problem: impl Into<String>) -> Error {
        Error::data(self.file, problem)
    }

    /// Up to `most` bytes; fewer only where the content ends.
    fn read(&mut self, most: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.follow(most));
        match self.reader.by_ref().take(most as u64).read_to_end(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(self.error("is cut short: its gzip data stops in the middle; download or copy it again"))
            }
            Err(error) => Err(self.error(format!("its gzip data is damaged ({error}); download or copy it again"))),
            Ok(_) => Ok(bytes),
        }
    }

    /// Of `declared` bytes, how many may follow: a header may lie, and a vector that grows as it is read takes half as much
    /// again as it needs, or twice.
    fn follow(&self, declared: usize) -> usize {
        if !self.packed || declared <= self.bytes.len() {
            return declared.min(self.bytes.len());
        }
        // Unpacked once to be counted; what is damaged is told by whoever reads it.
        let mut unpacked = gzip::content(self.bytes).take(declared as u64);
        io::copy(&mut unpacked, &mut io::sink()).map_or(0, |count| count as usize)
    }

    /// One of the header's big-endian numbers.
    fn number(&mut self, name: &str) -> Result<usize> {
        let bytes = self.read(4)?;
        let four: [u8; 4] =
            bytes.try_into().map_err(|_| self.error(format!("ends inside its header, before the number of {name}")))?;
        Ok(u32::from_be_bytes(four) as usize)
    }

    /// Checks the magic number and returns how many elements are declared.
    fn header(&mut self, kind: Kind) -> Result<usize> {
        let magic = self.read(4)?;
        if magic != kind.magic {
            let found = match magic.as_slice() {
                [] => "is empty".to_owned(),
                found if found == IMAGES.magic => "holds images".to_owned(),
                found if found == LABELLING.magic => "holds labels".to_owned(),
                found => {
                    let hex = found.iter().fold(0_u64, |hex, &byte| hex << 8 | u64::from(byte));
                    let (digits, unpacked) = (2 * found.len(), if self.packed { " once unpacked" } else { "" });
                    format!("begins with {hex:0digits$x}{unpacked}")
                }
            };
            return Err(self.error(format!("{found}; expected {}", kind.expected)));
        }
        let count = self.number(kind.name)?;
        if count == 0 {
            return Err(self.error(format!("declares no {}", kind.name)));
        }
        if count > MOST {
            return Err(self.error(format!("declares {count} {}; at most {MOST} are read", kind.name)));
        }
        Ok(count)
    }

    /// The rest of the content, which must be `count` elements of `size` bytes.
    fn exactly(&mut self, count: usize, size: usize, kind: Kind) -> Result<Vec<u8>> {
        let declared = count * size;
        // One byte more than declared tells a file that goes on, and makes gzip compare its checksum.
        let bytes = self.read(declared + 1)?;
        let Kind { name, .. } = kind;
        match bytes.len() {
            found if found < declared => Err(self.error(format!(
                "is cut short: its header declares {count} {name}, {declared} bytes, but only {found} follow"
            ))),
            found if found > declared => {
                Err(self.error(format!("goes on after the {count} {name}, {declared} bytes, that its header declares")))
            }
            _ => Ok(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn write(magic: [u8; 4], sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
        let mut file = magic.to_vec();
        file.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        file.extend(bytes);
        file
    }

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_packed_takes_the_room_that_it_fills() {
        let file = pack(&write(IMAGES.magic, &[20, 28, 28], &[7; 20 * 784]));
        let mut content = Content::open("x", &file);
        let count = content.header(IMAGES).unwrap();
        assert_eq!([content.number("rows"), content.number("columns")], [Ok(28), Ok(28)]);
        let pixels = content.exactly(count, 784, IMAGES).unwrap();
        assert!(pixels.capacity() <= pixels.len() + 1, "{} for {}", pixels.capacity(), pixels.len());
    }

    fn images_file(count: u32) -> Vec<u8> {
        let pixels: Vec<u8> = (0..count * 784).map(|i| (i % 251) as u8).collect();
        write(IMAGES.magic, &[count, 28, 28], &pixels)
    }

    fn labels_file(values: &[u8]) -> Vec<u8> {
        write(LABELLING.magic, &[values.len() as u32], values)
    }

    fn problem<T: std::fmt::Debug>(result: Result<T>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn plain_and_packed_files_read_the_same() {
        let (plain, labelling) = (images_file(3), labels_file(&[0, 9, 5]));
        let read = split("i", &plain, "l", &labelling).unwrap();
        assert_eq!(read.images.bytes(), &plain[16..]);
        assert_eq!(read.labels.iter().map(|label| label.value()).collect::<Vec<_>>(), [0, 9, 5]);
        assert_eq!(split("i", &pack(&plain), "l", &pack(&labelling)).unwrap(), read);
    }

    #[test]
    fn each_fault_is_named() {
        let plain = images_file(2);
        let cases = [
            (problem(images("a.gz", &[])), "a.gz: is empty; expected an IDX file of images (magic 00000803)"),
            (problem(images("a", b"<!doctype html>")), "a: begins with 3c21646f; expected an IDX file of images"),
            (problem(images("a", &pack(b"%PDF"))), "a: begins with 25504446 once unpacked; expected an IDX file"),
            (problem(images("a", &labels_file(&[1]))), "a: holds labels; expected an IDX file of images"),
            (problem(labels("a", &plain)), "a: holds images; expected an IDX file of labels (magic 00000801)"),
            (problem(images("a", &plain[..6])), "a: ends inside its header, before the number of images"),
            (problem(images("a", &plain[..15])), "a: ends inside its header, before the number of columns"),
            (
                problem(images("a", &plain[..1000])),
                "a: is cut short: its header declares 2 images, 1568 bytes, but only 984 follow",
            ),
            (problem(images("a", &[plain.as_slice(), &[0]].concat())), "a: goes on after the 2 images, 1568 bytes"),
            (problem(labels("a", &labels_file(&[3, 10]))), "a: label 1 is 10; expected 0 to 9"),
            (problem(labels("a", &labels_file(&[]))), "a: declares no labels"),
            (problem(images("a", &write(IMAGES.magic, &[1, 32, 32], &[0; 1024]))), "a: holds images of 32×32 pixels"),
            (problem(split("a", &plain, "b", &labels_file(&[1, 2, 3]))), "b: holds 3 labels, but a holds 2 images"),
        ];
        for (found, expected) in cases {
            assert!(found.starts_with(expected), "{found:?} does not begin with {expected:?}");
        }
    }

    #[test]
    fn absurd_sizes_are_refused_without_taking_memory() {
        let endless = write(IMAGES.magic, &[u32::MAX, 28, 28], &[]);
        assert_eq!(problem(images("a", &endless)), "a: declares 4294967295 images; at most 300000 are read");
        // 784 MB of zeros would fit in a megabyte of gzip: no more than the declared size is unpacked.
        let bomb = pack(&write(IMAGES.magic, &[1, 28, 28], &vec![0; 20_000_000]));
        assert!(bomb.len() < 200_000);
        assert!(problem(images("a", &bomb)).contains("goes on after the 1 images"));
    }

    #[test]
    fn damaged_gzip_is_told_from_a_short_one() {
        let packed = pack(&images_file(2));
        assert!(problem(images("a", &packed[..packed.len() / 2])).contains("is cut short"), "half a gzip file");
        let mut wrong_checksum = packed.clone();
        *wrong_checksum.iter_mut().rev().nth(6).unwrap() ^= 1;
        assert!(problem(images("a", &wrong_checksum)).contains("its gzip data is damaged"));
        assert!(problem(images("a", &packed[..packed.len() - 3])).contains("is cut short"), "half a checksum");
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(values in prop::collection::vec(0_u8..10, 1..200), packed: bool) {
            let file = labels_file(&values);
            let file = if packed { pack(&file) } else { file };
            let read = labels("a", &file).unwrap();
            prop_assert_eq!(read.into_iter().map(Label::value).collect::<Vec<_>>(), values);
        }

        #[test]
        fn no_damage_panics_or_invents_images(
            packed: bool, at in 0_usize..2000, byte: u8, keep in 0_usize..2000, insert: bool,
        ) {
            let mut file = if packed { pack(&images_file(2)) } else { images_file(2) };
            let at = at % file.len();
            if insert { file.insert(at, byte) } else { file[at] = byte }
            if let Ok(read) = images("a", &file) {
                prop_assert_eq!(read.len(), 2);
            }
            file.truncate(keep);
            let _ = images("a", &file);
            let _ = labels("a", &file);
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..100), packed: bool) {
            let bytes = if packed { pack(&bytes) } else { bytes };
            let _ = images("a", &bytes);
            let _ = labels("a", &bytes);
        }
    }
}
