//! Files: data sets and checkpoints.

use crate::arguments::{DataArguments, Source};
use forward_forward::dataset::objects::Objects;
use forward_forward::dataset::source::MOST_IMAGES;
use forward_forward::dataset::strokes::{Strokes, Writers};
use forward_forward::dataset::{Dataset, folder};
use forward_forward::model::Checkpoint;
use forward_forward::model::checkpoint::DataSource;
use forward_forward::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The data set the command line asks for.
pub fn load(arguments: &DataArguments) -> Result<Dataset> {
    let DataArguments { train, test, data_seed, .. } = *arguments;
    if train.max(test) > MOST_IMAGES {
        return Err(Error::setting("train", train.max(test), format!("choose up to {MOST_IMAGES} images")));
    }
    let strokes = |writers, test| Strokes::by(writers, data_seed).dataset(train, test);
    let files = |path: &Option<PathBuf>, name, says: &str| -> Result<Dataset> {
        let path = path.as_ref().ok_or_else(|| Error::data(name, format!("say where its files are with {says}")))?;
        let mut dataset = folder::from_path(path)?;
        let found = if dataset.name == "mnist" { "MNIST" } else { "CIFAR-10" };
        if found != name {
            let problem =
                format!("is {found}, and --data asks for {name}; give the other folder, or --data {}", dataset.name);
            return Err(Error::data(path.display().to_string(), problem));
        }
        dataset.train.truncate(train);
        dataset.test.truncate(test);
        Ok(dataset)
    };
    let mnist = || files(&arguments.mnist, "MNIST", "--mnist FOLDER|FILE or the variable FF_MNIST_DIR");
    let both = |writers: Writers| -> Result<Dataset> {
        let mut dataset = mnist()?;
        dataset.train = dataset.train.joined(&strokes(writers, 0).train)?;
        dataset.name = format!("mnist+{}", writers.name());
        Ok(dataset)
    };
    match arguments.data {
        Source::Strokes => Ok(strokes(Writers::Class, test)),
        Source::Pens => Ok(strokes(Writers::Everyone, test)),
        Source::Mnist => mnist(),
        Source::MnistStrokes => both(Writers::Class),
        Source::MnistPens => both(Writers::Everyone),
        Source::Objects => Ok(Objects::new(data_seed).dataset(train, test)),
        Source::Cifar10 => files(&arguments.cifar, "CIFAR-10", "--cifar FOLDER|FILE or the variable FF_CIFAR"),
    }
}

/// What a checkpoint says of its data.
pub fn source(dataset: &Dataset, arguments: &DataArguments) -> DataSource {
    DataSource {
        name: dataset.name.clone(),
        train: dataset.train.len(),
        test: dataset.test.len(),
        // Of no meaning where nothing is generated; the page says 0, too.
        seed: if matches!(arguments.data, Source::Mnist | Source::Cifar10) { 0 } else { arguments.data_seed },
    }
}

/// Reads a checkpoint.
pub fn checkpoint(path: &Path) -> Result<Checkpoint> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| Error::Io { file: file.clone(), problem: e.to_string() })?;
    Checkpoint::from_bytes(&file, &bytes)
}

/// Refuses a file that could not be written, before there is anything to write.
pub fn writable(path: &Path) -> Result<()> {
    let problem = |problem: String| Error::Io { file: path.display().to_string(), problem };
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(problem(format!("there is no folder {}; make it, or name another file", folder.display())));
    }
    if path.is_dir() {
        return Err(problem("is a folder; name a file".to_owned()));
    }
    let attempt = || {
        if path.exists() {
            std::fs::OpenOptions::new().append(true).open(path)?;
        }
        if !is_device(path) {
            std::fs::File::create(partial_of(path))?;
            std::fs::remove_file(partial_of(path))?;
        }
        Ok(())
    };
    attempt().map_err(|error: std::io::Error| problem(format!("cannot be written ({error}); name another file")))
}

/// Whether there is something at this path that is no file, and must not be replaced by one.
fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| !there.is_file())
}

/// Where a file is written before it takes its name.
fn partial_of(path: &Path) -> PathBuf {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    partial.into()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file whole or not at all: a full disk, a kill or a power cut at any moment leaves the old one or the new one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let problem = |e: std::io::Error| Error::Io { file: path.display().to_string(), problem: e.to_string() };
    if is_device(path) {
        return std::fs::write(path, bytes).map_err(problem);
    }
    let partial = partial_of(path);
    let mut file = std::fs::File::create(&partial).map_err(problem)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(problem)?;
    std::fs::rename(&partial, path).and_then(|()| sync_folder_of(path)).map_err(problem)
}

/// The new name of a file is on the disk once its folder is. Elsewhere than on Unix a folder cannot be opened, and need not be.
fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        std::fs::File::open(folder_of(path))?.sync_all()?;
    }
    Ok(())
}
