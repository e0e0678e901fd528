//! MNIST in a folder: its four files, under any of the names they are found by.

use std::path::Path;

use super::{Dataset, Split, idx};
use crate::error::{Error, Result};

/// Reads MNIST's four IDX files from a folder, each plain or gzip.
///
/// Both spellings in circulation are found: `train-images-idx3-ubyte` and `train-images.idx3-ubyte`, with or without
/// `.gz`.
///
/// # Errors
/// [`Error::Data`] if a file is missing or is not what its name says, [`Error::Io`] if one cannot be read.
pub fn from_folder(path: &Path) -> Result<Dataset> {
    let train = split(path, "train")?;
    let test = split(path, "t10k")?;
    Ok(Dataset { name: "mnist".to_owned(), train, test })
}

/// The images and labels whose files begin with `prefix`.
fn split(folder: &Path, prefix: &str) -> Result<Split> {
    let (labels_file, labels) = read(folder, &format!("{prefix}-labels"), "idx1-ubyte")?;
    let (images_file, images) = read(folder, &format!("{prefix}-images"), "idx3-ubyte")?;
    idx::split(&images_file, &images, &labels_file, &labels)
}

/// The name and bytes of the first file there is.
fn read(folder: &Path, stem: &str, kind: &str) -> Result<(String, Vec<u8>)> {
    let names = ["-", "."].into_iter().flat_map(|dash| ["", ".gz"].map(|gz| format!("{stem}{dash}{kind}{gz}")));
    let Some(file) = names.map(|name| folder.join(name)).find(|file| file.is_file()) else {
        let problem = format!("there is no {stem}-{kind} or {stem}-{kind}.gz in this folder");
        return Err(Error::data(folder.display().to_string(), problem));
    };
    let name = file.display().to_string();
    match std::fs::read(&file) {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(Error::Io { file: name, problem: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[u8]) -> Vec<u8> {
        [&[0, 0, 8, 1, 0, 0, 0, values.len() as u8], values].concat()
    }

    fn images(count: u8) -> Vec<u8> {
        let header = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28];
        [&header[..], &vec![count; 784 * usize::from(count)]].concat()
    }

    #[test]
    fn finds_both_spellings() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("train-images-idx3-ubyte", images(3));
        write("train-labels-idx1-ubyte.gz", labels(&[1, 2, 3]));
        write("t10k-images.idx3-ubyte", images(1));
        let missing = from_folder(folder.path()).unwrap_err().to_string();
        assert!(missing.ends_with("there is no t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz in this folder"));
        write("t10k-labels.idx1-ubyte", labels(&[7]));
        let read = from_folder(folder.path()).unwrap();
        assert_eq!((read.name.as_str(), read.train.len(), read.test.len()), ("mnist", 3, 1));
    }

    #[test]
    fn names_the_file_at_fault() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("train-labels-idx1-ubyte"), labels(&[1, 200])).unwrap();
        std::fs::write(folder.path().join("train-images-idx3-ubyte"), images(2)).unwrap();
        let problem = from_folder(folder.path()).unwrap_err().to_string();
        assert!(problem.ends_with("train-labels-idx1-ubyte: label 1 is 200; expected 0 to 9"), "{problem}");
    }
}
