//! CIFAR-10 in its own binary layout: six files of 10,000 pictures, as they are or in the `.tar.gz` they come in.
//!
//! A picture is 3073 bytes: its label, then 32×32 bytes of red, as many of green, as many of blue (Krizhevsky 2009). Here the
//! three values of a pixel stand beside each other. Nothing is believed before it is checked, and no more memory is taken than
//! pictures arrive.

#[cfg(not(target_arch = "wasm32"))]
use flate2::read::MultiGzDecoder;
#[cfg(not(target_arch = "wasm32"))]
use std::io::{ErrorKind, Read};
#[cfg(not(target_arch = "wasm32"))]
use std::path::Path;

use super::{Dataset, Images, LABELS, Label, Shape, Split};
use crate::error::{Error, Result};

/// What the labels 0 to 9 mean.
pub const CLASSES: [&str; LABELS] =
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

/// Reads one of the six files, which must hold exactly `pictures` (of CIFAR-10's own, [`PICTURES`]); `file` is its name in
/// errors.
///
/// # Errors
/// [`Error::Data`] if the bytes are not exactly such a file.
pub fn batch(file: &str, bytes: &[u8], pictures: usize) -> Result<Split> {
    size(file, bytes.len(), pictures)?;
    let mut labels = Vec::with_capacity(pictures);
    let mut pixels = Vec::with_capacity(pictures * 3 * PLANE);
    for (index, record) in bytes.chunks_exact(RECORD).enumerate() {
        let label = Label::new(record[0]).ok_or_else(|| {
            let found = format!("picture {index} has the label {}; expected 0 to {}", record[0], LABELS - 1);
            Error::data(file, format!("{found}: this is no CIFAR-10 in its binary version, or it is damaged"))
        })?;
        labels.push(label);
        pixels.extend((0..PLANE).flat_map(|at| [1, 1 + PLANE, 1 + 2 * PLANE].map(|plane| record[plane + at])));
    }
    Split::new(Images::new(Shape::CIFAR, pixels)?, labels)
}

/// Refuses a file that is not as long as `pictures` are.
fn size(file: &str, found: usize, pictures: usize) -> Result<()> {
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
            "goes on after the {pictures} pictures, {expected} bytes, that a file of CIFAR-10 holds: it has {found}"
        ),
    };
    Err(Error::data(file, problem))
}

/// The six files as they come, in any order.
#[derive(Debug, Default)]
pub struct Gathering {
    splits: [Option<Split>; 6],
}

impl Gathering {
    /// Takes one of the six files, which must hold `pictures`, by the name at the end of its path. Says whether it is one of them:
    /// others are passed over.
    ///
    /// # Errors
    /// [`Error::Data`] if it is not what its name says, or was there before.
    pub fn add(&mut self, path: &str, bytes: &[u8], pictures: usize) -> Result<bool> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let Some(place) = FILES.iter().position(|known| name == *known) else { return Ok(false) };
        if self.splits[place].is_some() {
            return Err(Error::data(path, "is there twice"));
        }
        self.splits[place] = Some(batch(path, bytes, pictures)?);
        Ok(true)
    }

    /// All of it.
    ///
    /// # Errors
    /// [`Error::Data`] naming the files that are missing.
    pub fn finish(self) -> Result<Dataset> {
        let missing: Vec<&str> =
            FILES.iter().zip(&self.splits).filter(|(_, split)| split.is_none()).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            let problem = format!("is six files; still missing: {}. Bring all six together", missing.join(", "));
            return Err(Error::data("CIFAR-10", problem));
        }
        together(self.splits.into_iter().flatten().collect())
    }
}

/// Puts the six files together, in the order of [`FILES`].
fn together(mut splits: Vec<Split>) -> Result<Dataset> {
    let test = splits.pop().expect("six files");
    let mut labels = vec![];
    let mut pixels = Vec::with_capacity(splits.iter().map(|split| split.images.bytes().len()).sum());
    for split in splits {
        pixels.extend_from_slice(split.images.bytes());
        labels.extend(split.labels);
    }
    let train = Split::new(Images::new(Shape::CIFAR, pixels)?, labels)?;
    Ok(Dataset { name: "cifar10".to_owned(), train, test })
}

/// Reads CIFAR-10 out of a tar archive packed with gzip, each of whose six files must hold `pictures`; `file` is the archive's
/// name in errors. Other files in it are passed over.
///
/// # Errors
/// [`Error::Data`] if it is not such an archive, if one of the files is missing or there twice, or is not what its name says.
#[cfg(not(target_arch = "wasm32"))]
pub fn archive(file: &str, packed: impl Read, pictures: usize) -> Result<Dataset> {
    let mut tar = tar::Archive::new(MultiGzDecoder::new(packed));
    let splits = match unpacked(file, &mut tar, pictures) {
        Ok(splits) => splits?,
        Err(error) => return Err(no_archive(file, &error, tar.into_inner())),
    };
    let missing: Vec<&str> =
        FILES.iter().zip(&splits).filter(|(_, split)| split.is_none()).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        let problem = format!("has no {} in it; expected CIFAR-10's binary version", missing.join(", "));
        return Err(Error::data(file, problem));
    }
    together(splits.into_iter().flatten().collect())
}

/// Those of the six files that an archive holds. The outer error is the archive's, the inner one a file's.
#[cfg(not(target_arch = "wasm32"))]
fn unpacked<R: Read>(
    file: &str,
    tar: &mut tar::Archive<R>,
    pictures: usize,
) -> std::io::Result<Result<[Option<Split>; 6]>> {
    let mut splits: [Option<Split>; 6] = Default::default();
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let name = path.file_name().unwrap_or_default();
        let known = FILES.iter().position(|known| name == *known);
        let Some(place) = known.filter(|_| entry.header().entry_type().is_file()) else { continue };
        let called = format!("{file}: {}", FILES[place]);
        if splits[place].is_some() {
            return Ok(Err(Error::data(called, "is in the archive twice")));
        }
        // Before anything is unpacked: a header may declare any size.
        let declared = entry.size();
        if let Err(error) = size(&called, usize::try_from(declared).unwrap_or(usize::MAX), pictures) {
            return Ok(Err(error));
        }
        let mut bytes = vec![];
        entry.read_to_end(&mut bytes)?;
        if bytes.len() as u64 != declared {
            return Err(ErrorKind::Other.into());
        }
        match batch(&called, &bytes, pictures) {
            Ok(split) => splits[place] = Some(split),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(splits))
}

/// Why an archive could not be read; `rest` is what was left of it.
#[cfg(not(target_arch = "wasm32"))]
fn no_archive(file: &str, error: &std::io::Error, mut rest: impl Read) -> Error {
    let problem = match error.kind() {
        ErrorKind::UnexpectedEof => {
            "is cut short: its gzip data stops in the middle; download or copy it again".to_owned()
        }
        ErrorKind::InvalidInput => {
            "is not packed with gzip; expected the archive of CIFAR-10's binary version, .tar.gz".to_owned()
        }
        ErrorKind::Other if matches!(rest.read(&mut [0]), Ok(0)) => {
            "is cut short: it ends in the middle of a file; download or copy it again".to_owned()
        }
        ErrorKind::Other => {
            "is not a tar archive inside, or it is damaged; expected the archive of CIFAR-10's binary version"
                .to_owned()
        }
        _ => format!("its gzip data is damaged ({error}); download or copy it again"),
    };
    Error::data(file, problem)
}

/// Reads CIFAR-10 from a folder with its six files, or from the `.tar.gz` they come in.
///
/// # Errors
/// [`Error::Data`] if a file is missing or is not what its name says, [`Error::Io`] if one cannot be read.
#[cfg(not(target_arch = "wasm32"))]
pub fn from_path(path: &Path) -> Result<Dataset> {
    let io = |path: &Path, error: &std::io::Error| Error::Io {
        file: path.display().to_string(),
        problem: error.to_string(),
    };
    if path.is_file() {
        let file = std::fs::File::open(path).map_err(|error| io(path, &error))?;
        return archive(&path.display().to_string(), std::io::BufReader::new(file), PICTURES);
    }
    if !path.is_dir() {
        let problem = "there is no such folder or file; expected CIFAR-10's folder of .bin files, or its .tar.gz";
        return Err(Error::data(path.display().to_string(), problem));
    }
    // The archive unpacks to a folder of its own.
    let inner = path.join("cifar-10-batches-bin");
    let folder = if inner.is_dir() { &inner } else { path };
    let read = |name: &&str| {
        let file = folder.join(name);
        if !file.is_file() {
            return Err(Error::data(folder.display().to_string(), format!("there is no {name} in this folder")));
        }
        let bytes = std::fs::read(&file).map_err(|error| io(&file, &error))?;
        batch(&file.display().to_string(), &bytes, PICTURES)
    };
    together(FILES.iter().map(read).collect::<Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    /// Two pictures; the first bytes of the first are told apart by plane.
    fn file(first: u8) -> Vec<u8> {
        let mut bytes = vec![7; 2 * RECORD];
        bytes[..3].copy_from_slice(&[first, 1, 2]);
        (bytes[1 + PLANE], bytes[1 + 2 * PLANE], bytes[RECORD]) = (100, 200, 9);
        bytes
    }

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// One file of a tar archive.
    fn entry(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut header = vec![0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o} ", bytes.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        header.extend(bytes);
        header.resize(header.len().next_multiple_of(512), 0);
        header
    }

    fn tar() -> Vec<u8> {
        let mut tar = entry("cifar-10-batches-bin/readme.html", b"words");
        for (place, name) in FILES.iter().enumerate().rev() {
            tar.extend(entry(&format!("cifar-10-batches-bin/{name}"), &file(place as u8)));
        }
        tar.extend([0; 1024]);
        tar
    }

    fn problem<T: std::fmt::Debug>(result: Result<T>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn colours_of_a_pixel_come_to_stand_beside_each_other() {
        let split = batch("x", &file(3), 2).unwrap();
        assert_eq!(split.labels.iter().map(|label| label.value()).collect::<Vec<_>>(), [3, 9]);
        assert_eq!(split.images.shape(), Shape::CIFAR);
        assert_eq!(split.images.image(0)[..6], [1, 100, 200, 2, 7, 7]);
    }

    #[test]
    fn each_fault_is_named() {
        let whole = file(3);
        let cut = problem(batch("a.bin", &whole[..whole.len() - 1], 2));
        assert!(
            cut.starts_with("a.bin: is cut short: it holds 1 whole pictures in 6145 bytes; expected 2 in 6146"),
            "{cut}"
        );
        // Cut at the end of a picture, too.
        assert!(problem(batch("a.bin", &whole[..RECORD], 2)).contains("holds 1 whole pictures in 3073"));
        assert!(problem(batch("a.bin", &[], 2)).contains("is empty; expected 2 pictures"));
        let long = problem(batch("a.bin", &[&whole[..], &[0]].concat(), 2));
        assert!(long.contains("goes on after the 2 pictures, 6146 bytes"), "{long}");
        let mut wrong = whole;
        wrong[RECORD] = 10;
        let label = problem(batch("a.bin", &wrong, 2));
        assert!(label.starts_with("a.bin: picture 1 has the label 10; expected 0 to 9"), "{label}");
    }

    #[test]
    fn files_are_gathered_in_any_order_and_what_is_missing_is_named() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.add("folder/readme.html", b"words", 2), Ok(false));
        for (place, name) in FILES.iter().enumerate().rev().skip(1) {
            assert_eq!(gathering.add(&format!("folder/{name}"), &file(place as u8), 2), Ok(true));
        }
        let missing = problem(std::mem::take(&mut gathering).finish());
        assert!(missing.starts_with("CIFAR-10: is six files; still missing: test_batch.bin"), "{missing}");
        for (place, name) in FILES.iter().enumerate().rev() {
            assert_eq!(gathering.add(name, &file(place as u8), 2), Ok(true));
        }
        assert!(problem(gathering.add(FILES[2], &file(1), 2)).contains("is there twice"));
        assert_eq!(gathering.finish(), archive("c.tar.gz", &pack(&tar())[..], 2));
    }

    #[test]
    fn an_archive_is_read_whatever_the_order_of_its_files() {
        let read = archive("c.tar.gz", &pack(&tar())[..], 2).unwrap();
        assert_eq!((read.name.as_str(), read.train.len(), read.test.len()), ("cifar10", 10, 2));
        let labels: Vec<u8> = read.train.labels.iter().map(|label| label.value()).collect();
        assert_eq!(labels, [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]);
        assert_eq!(read.test.labels[0].value(), 5);
    }

    #[test]
    fn an_archive_s_faults_are_named() {
        let of = |tar: &[u8]| problem(archive("c", &pack(tar)[..], 2));
        let whole = tar();
        assert!(of(&whole[..whole.len() - 2000]).contains("c: is cut short: it ends in the middle of a file"));
        let packed = pack(&whole);
        assert!(problem(archive("c", &packed[..packed.len() / 2], 2)).contains("its gzip data stops in the middle"));
        assert!(problem(archive("c", &whole[..], 2)).contains("is not packed with gzip"));
        assert!(of(b"words, and no archive").contains("is cut short"));
        assert!(of(&[b'w'; 600]).contains("is not a tar archive inside"));
        let one = entry("data_batch_1.bin", &file(1));
        assert!(
            of(&one).contains("has no data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, test_")
        );
        assert!(of(&[&one[..], &one].concat()).contains("c: data_batch_1.bin: is in the archive twice"));
        assert!(of(&entry("data_batch_1.bin", b"short")).contains("c: data_batch_1.bin: is cut short"));
        let mut damaged = one;
        damaged[3] ^= 1;
        assert!(of(&damaged).contains("is not a tar archive inside, or it is damaged"));
    }

    #[test]
    fn a_folder_names_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        assert!(problem(from_path(folder.path())).ends_with("there is no data_batch_1.bin in this folder"));
        std::fs::write(folder.path().join("data_batch_1.bin"), [1, 2]).unwrap();
        let cut = problem(from_path(folder.path()));
        assert!(cut.contains("data_batch_1.bin: is cut short: it holds 0 whole pictures in 2 bytes"), "{cut}");
        assert!(problem(from_path(&folder.path().join("none"))).contains("there is no such folder or file"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damage_never_panics(place in 0_usize..60_000, byte: u8, cut in 0_usize..60_000) {
            let mut bytes = tar();
            let place = place % bytes.len();
            bytes[place] = byte;
            bytes.truncate(bytes.len().saturating_sub(cut / 3));
            drop(archive("x", &pack(&bytes)[..], 2));
        }
    }
}
