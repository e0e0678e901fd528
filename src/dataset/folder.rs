//! Data sets in a folder or a file, for `ff`.

use super::files::{Given, MOST_FILES, MOST_PICTURES, Reader};
use crate::error::{Error, Result};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// How deep folders are looked into.
const DEPTH: usize = 8;

/// Bytes that are read at once.
const PIECE: usize = 1 << 18;

/// Reads a data set from a folder with its files, or from an archive; pictures are still to be decoded then, and are in the
/// same folder.
///
/// # Errors
/// [`Error::Data`] if it is no data, with the sentence that the page says of the same files; [`Error::Io`] if the folder
/// cannot be read.
pub fn from_path(path: &Path) -> Result<Given> {
    let mut files = vec![];
    let io = |error: io::Error| Error::Io { file: path.display().to_string(), problem: error.to_string() };
    if fs::metadata(path).map_err(io)?.is_dir() {
        list(path, "", DEPTH, &mut files).map_err(io)?;
        files.sort();
    } else {
        files.push(name_of(path));
    }
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let mut reader = Reader::default();
    for name in &files {
        read(&mut reader, name, &folder.join(name));
    }
    let what = match reader.finish(&name_of(path)) {
        Ok(Given::Checkpoint(name)) => Error::data(name, "is a checkpoint, and no data set"),
        Ok(given) => return Ok(given),
        Err(error) => error,
    };
    // Where it is, before the sentence that the page says, too.
    let place = if files.is_empty() { path.parent().unwrap_or(Path::new("")) } else { folder };
    if place.as_os_str().is_empty() {
        Err(what)
    } else {
        Err(Error::data(place.display().to_string(), what.to_string()))
    }
}

/// The last part of a path; of `.` and the like, the folder's own name.
fn name_of(path: &Path) -> String {
    let whole = path.canonicalize().ok();
    let name = path.file_name().or_else(|| whole.as_ref()?.file_name());
    name.unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Adds the files in a folder and those below it, as far as they are looked through. A folder below that cannot be opened has
/// none.
fn list(folder: &Path, within: &str, depth: usize, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{within}{}", name_of(&path));
        // More than the reader takes, for it does not count what systems put there.
        if files.len() > MOST_FILES + MOST_PICTURES {
            break;
        }
        if path.is_dir() {
            files.push(format!("{name}/"));
            if depth > 0 {
                list(&path, &format!("{name}/"), depth - 1, files).ok();
            }
        } else if !path.is_symlink() || path.is_file() {
            files.push(name);
        }
    }
    Ok(())
}

/// Has the reader read a file, or know why it cannot be read.
fn read(reader: &mut Reader, name: &str, path: &Path) {
    let size = fs::metadata(path).map_or(0, |file| file.len());
    if !reader.begin(name, size) {
        return;
    }
    let mut whole = || -> io::Result<()> {
        let mut file = File::open(path)?;
        let mut piece = vec![0; PIECE];
        loop {
            let length = file.read(&mut piece)?;
            if length == 0 || !reader.push(&piece[..length]) {
                return Ok(());
            }
        }
    };
    match whole() {
        Ok(()) => reader.end(),
        Err(error) => reader.unreadable(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_with_what_is_below_it_and_named_in_front() {
        let folder = tempfile::tempdir().unwrap();
        let raw = folder.path().join("MNIST/raw");
        fs::create_dir_all(&raw).unwrap();
        let empty = from_path(folder.path()).unwrap_err().to_string();
        let name = name_of(folder.path());
        assert!(empty.contains(&format!(": {name}: holds no files; give MNIST's four")), "{empty}");
        fs::write(raw.join("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 9, 1]).unwrap();
        let cut = from_path(folder.path()).unwrap_err().to_string();
        let expected = format!(
            "{}: MNIST/raw/train-labels-idx1-ubyte: is cut short: its header declares 9 labels, 9 bytes, but only 1 follow",
            folder.path().display()
        );
        assert_eq!(cut, expected);
        let none = from_path(&folder.path().join("none")).unwrap_err().to_string();
        assert!(none.contains("none: ") && none.contains("No such file"), "{none}");
    }

    #[test]
    fn folders_without_end_come_to_an_end() {
        let folder = tempfile::tempdir().unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        for i in 0..=MOST_FILES {
            fs::write(folder.path().join(i.to_string()), []).unwrap();
        }
        let many = from_path(folder.path()).unwrap_err().to_string();
        assert!(
            many.ends_with("more than 1000 files: are too many to look through; give only those of the data set"),
            "{many}"
        );
    }
}
