//! What the name of a file says of it.
//!
//! Browsers and file managers rename copies (`x (1).gz`, `x - Copy`), some sites write a dot for a dash, and people put files
//! into folders. So a name is taken apart into words, and only the words count.

use super::super::idx::Kind;

/// Which part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What is learned from.
    Train,
    /// What is tested on.
    Test,
}

/// A data set that people have under this name, in a version that is not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// CIFAR-10 as Python's pickles.
    Cifar10Python,
    /// CIFAR-10 as MATLAB's files.
    Cifar10Matlab,
    /// CIFAR-100, whatever its version.
    Cifar100,
}

/// The bytes of CIFAR-100's two binary files.
const CIFAR_100: [u64; 2] = [153_700_000, 30_740_000];

/// The name at the end of a path.
pub fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Whether a system or program put the file there for itself. `._x` is what macOS keeps beside `x`.
pub fn is_litter(path: &str) -> bool {
    let name = base(path);
    name.starts_with('.')
        || ["thumbs.db", "desktop.ini"].contains(&name.to_ascii_lowercase().as_str())
        || path.split(['/', '\\']).any(|folder| folder == "__MACOSX")
}

/// The words of a name. At its end those that say nothing are left out: `gz`, and what marks a copy.
fn words(path: &str) -> Vec<String> {
    let name = base(path).to_ascii_lowercase();
    let between = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric();
    let mut words: Vec<String> = name.split(between).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let says_nothing = |word: &String| word == "gz" || word == "copy" || word.parse::<u32>().is_ok();
    while words.last().is_some_and(says_nothing) {
        words.pop();
    }
    words
}

/// Which part of MNIST a file is, or one like it; nothing if its name says neither, or both.
pub fn part(path: &str) -> Option<Part> {
    let says = |starts: &[&str]| words(path).iter().any(|word| starts.iter().any(|start| word.starts_with(start)));
    match (says(&["train"]), says(&["t10k", "test"])) {
        (true, false) => Some(Part::Train),
        (false, true) => Some(Part::Test),
        _ => None,
    }
}

/// What an IDX file holds by its name: `train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte.gz` …
pub fn idx(path: &str) -> Option<Kind> {
    let words = words(path);
    let last = words.last()?;
    let says = |some: &[&str]| words.iter().any(|word| some.contains(&word.as_str()));
    let is_idx = ["ubyte", "idx", "idx1", "idx3"].contains(&last.as_str());
    match (is_idx, says(&["images", "idx3"]), says(&["labels", "idx1"])) {
        (true, true, false) => Some(Kind::Images),
        (true, false, true) => Some(Kind::Labels),
        _ => None,
    }
}

/// The place of one of CIFAR-10's six binary files among them: `data_batch_1.bin` … `test_batch.bin`.
pub fn cifar(path: &str) -> Option<usize> {
    let words = words(path);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["data", "batch", number, .., "bin"] => {
            number.parse::<usize>().ok().filter(|number| (1..=5).contains(number)).map(|number| number - 1)
        }
        ["test", "batch", .., "bin"] => Some(5),
        _ => None,
    }
}

/// Whether a name is that of a picture.
pub fn is_picture(path: &str) -> bool {
    let words = words(path);
    words.last().is_some_and(|last| ["png", "jpg", "jpeg", "webp"].contains(&last.as_str()))
}

/// Whether a name is that of an archive.
pub fn is_archive(path: &str) -> bool {
    let words = words(path);
    words.last().is_some_and(|last| last == "tar" || last == "tgz")
}

/// The version of CIFAR that a file of this name, size and beginning belongs to, if it is none that is read.
pub fn version(path: &str, size: Option<u64>, head: &[u8]) -> Option<Version> {
    let lower = path.to_ascii_lowercase();
    let words = words(path);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let within = |folder: &str| lower.split(['/', '\\']).rev().skip(1).any(|name| name == folder);
    let is_pickle = head.first() == Some(&0x80);
    let cifar_100 = ["cifar-100-binary", "cifar-100-python", "cifar-100-matlab"];
    match words[..] {
        _ if cifar_100.iter().any(|folder| within(folder)) => Some(Version::Cifar100),
        ["train" | "test", "bin"] if size.is_some_and(|size| CIFAR_100.contains(&size)) => Some(Version::Cifar100),
        ["fine" | "coarse", "label", "names", "txt"] => Some(Version::Cifar100),
        ["train" | "test" | "meta"] if is_pickle => Some(Version::Cifar100),
        ["data" | "test", "batch", .., "mat"] | ["batches", "meta", "mat"] => Some(Version::Cifar10Matlab),
        ["data" | "test", "batch"] | ["batches", "meta"] if is_pickle => Some(Version::Cifar10Python),
        _ if within("cifar-10-batches-mat") => Some(Version::Cifar10Matlab),
        _ if within("cifar-10-batches-py") => Some(Version::Cifar10Python),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mnist_is_found_under_the_names_people_have_it_by() {
        for name in [
            "train-images-idx3-ubyte",
            "train-images-idx3-ubyte.gz",
            "train-images.idx3-ubyte",
            "TRAIN-IMAGES-IDX3-UBYTE.GZ",
            "MNIST/raw/train-images-idx3-ubyte",
            "a\\train-images-idx3-ubyte",
            "train-images-idx3-ubyte (1).gz",
            "train-images-idx3-ubyte(2).gz",
            "train-images-idx3-ubyte-2.gz",
            "train-images-idx3-ubyte - Copy.gz",
            "train-images-idx3-ubyte copy 3",
            "emnist-digits-train-images-idx3-ubyte.gz",
            "train_images.idx",
        ] {
            assert_eq!((part(name), idx(name)), (Some(Part::Train), Some(Kind::Images)), "{name}");
        }
        for name in ["t10k-labels-idx1-ubyte", "test-labels.idx1-ubyte.gz", "emnist-digits-test-labels-idx1-ubyte"] {
            assert_eq!((part(name), idx(name)), (Some(Part::Test), Some(Kind::Labels)), "{name}");
        }
        for name in ["images-idx3-ubyte", "0.idx", "train-and-test-images-idx3-ubyte", "latest-images-idx3-ubyte"] {
            assert_eq!(part(name), None, "{name}");
        }
        for name in ["train-images-idx3-ubyte.gz.sha256", "train-images.txt", "train-labels-idx1-ubyte.html", "ubyte"] {
            assert_eq!(idx(name), None, "{name}");
        }
    }

    #[test]
    fn cifar_is_found_and_told_from_its_other_versions() {
        for (name, place) in [
            ("data_batch_1.bin", Some(0)),
            ("cifar-10-batches-bin/data_batch_5.bin", Some(4)),
            ("DATA_BATCH_2 (1).BIN", Some(1)),
            ("data_batch_3 - Copy.bin", Some(2)),
            ("data_batch_4.bin.gz", Some(3)),
            ("test_batch.bin", Some(5)),
            ("data_batch_6.bin", None),
            ("data_batch_12.bin", None),
            ("data_batch_1", None),
            ("data_batch_1.bin.sha256", None),
            ("batches.meta.txt", None),
        ] {
            assert_eq!(cifar(name), place, "{name}");
        }
        let (pickle, mat) = (b"\x80\x02}q", b"MATLAB 5.0");
        for (name, size, head, found) in [
            ("cifar-10-batches-py/data_batch_1", 9, &pickle[..], Some(Version::Cifar10Python)),
            ("batches.meta", 9, pickle, Some(Version::Cifar10Python)),
            ("test_batch", 9, pickle, Some(Version::Cifar10Python)),
            ("test_batch", 9, b"what", None),
            ("data_batch_4.mat", 9, mat, Some(Version::Cifar10Matlab)),
            ("batches.meta.mat", 9, mat, Some(Version::Cifar10Matlab)),
            ("cifar-100-binary/train.bin", 9, b"", Some(Version::Cifar100)),
            ("train.bin", 153_700_000, b"", Some(Version::Cifar100)),
            ("train.bin", 5, b"", None),
            ("meta", 5, pickle, Some(Version::Cifar100)),
            ("cifar-100-matlab/train.mat", 5, mat, Some(Version::Cifar100)),
            ("fine_label_names.txt", 5, b"apple", Some(Version::Cifar100)),
            ("cifar-10-batches-bin/batches.meta.txt", 5, b"airplane", None),
            ("cifar-10-batches-bin/readme.html", 5, b"<html", None),
        ] {
            assert_eq!(version(name, Some(size), head), found, "{name}");
        }
    }

    #[test]
    fn litter_is_what_nobody_put_there() {
        for name in
            ["._train-images-idx3-ubyte", "a/.DS_Store", "Thumbs.db", "x/Desktop.ini", "__MACOSX/x/data_batch_1.bin"]
        {
            assert!(is_litter(name), "{name}");
        }
        for name in ["train-images-idx3-ubyte", "a/readme.html", "batches.meta.txt"] {
            assert!(!is_litter(name), "{name}");
        }
        assert!(is_archive("cifar-10-binary.tar.gz") && is_archive("c (1).tgz") && is_archive("c.tar"));
        assert!(!is_archive("c.zip") && !is_archive("star"));
    }
}
