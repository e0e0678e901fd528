//! Files: data sets and checkpoints.

use crate::picture;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use forward_forward::dataset::files::{Album, Given};
use forward_forward::dataset::registry::{Files, SOURCES, Source};
use forward_forward::dataset::source::{DataSource, MOST_IMAGES};
use forward_forward::dataset::{Dataset, Shape, folder};
use forward_forward::model::Checkpoint;
use forward_forward::{Error, Result};
use rayon::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Which data a command works on.
#[derive(Debug, Args)]
pub struct DataArguments {
    /// Which pictures to learn from and to be tested on.
    #[arg(long, value_parser = sources(), default_value = SOURCES[0].name)]
    pub data: &'static Source,
    /// The folder with MNIST's four IDX files, plain or gzip, or an archive of them.
    #[arg(long, env = "FF_MNIST_DIR", value_name = "FOLDER|FILE")]
    pub mnist: Option<PathBuf>,
    /// The folder with CIFAR-10's six .bin files, or the .tar.gz they come in.
    #[arg(long, env = "FF_CIFAR", value_name = "FOLDER|FILE")]
    pub cifar: Option<PathBuf>,
    /// The folder with the four IDX files of any data set in MNIST's format, plain or gzip, or an archive of them.
    #[arg(long, value_name = "FOLDER|FILE")]
    pub idx: Option<PathBuf>,
    /// Exchange rows and columns of IDX images; EMNIST needs that.
    #[arg(long)]
    pub transpose: bool,
    /// The folder with a folder of PNG, JPEG or WebP pictures for each class, or with folders train and test of such.
    #[arg(long, value_name = "FOLDER")]
    pub pictures: Option<PathBuf>,
    /// Fit pictures to 32×32 in colour; without it to 28×28 in grey.
    #[arg(long)]
    pub colour: bool,
    /// A text file with the name of each class of --idx or --pictures, one a line.
    #[arg(long, value_name = "FILE")]
    pub classes: Option<PathBuf>,
    /// Training images: how many to make, or how many of the files' to use at most.
    #[arg(long, default_value_t = 60_000)]
    pub train: usize,
    /// Test images: how many to make, or how many of the files' to use at most.
    #[arg(long, default_value_t = 10_000)]
    pub test: usize,
    /// The seed of generated pictures. With --pictures it also chooses the test pictures.
    #[arg(long, default_value_t = 1)]
    pub data_seed: u64,
}

/// Reads the name of a source of data.
fn sources() -> impl TypedValueParser<Value = &'static Source> {
    let values = SOURCES.iter().map(|source| PossibleValue::new(source.name).help(source.help));
    PossibleValuesParser::new(values).try_map(|name| Source::named(&name))
}

/// The data set the command line asks for.
pub fn load(arguments: &DataArguments) -> Result<Dataset> {
    let DataArguments { data, train, test, data_seed, .. } = *arguments;
    if train.max(test) > MOST_IMAGES {
        return Err(Error::setting("train", train.max(test), format!("choose up to {MOST_IMAGES} images")));
    }
    let mut dataset = match data.files {
        None => return Ok(DataSource::new(data.name, train, test, data_seed)?.made_whole()),
        Some(Files::Mnist) => {
            files(arguments, arguments.mnist.as_deref(), "--mnist FOLDER|FILE or the variable FF_MNIST_DIR")?
        }
        Some(Files::Cifar10) => {
            files(arguments, arguments.cifar.as_deref(), "--cifar FOLDER|FILE or the variable FF_CIFAR")?
        }
        Some(Files::Idx) => files(arguments, arguments.idx.as_deref(), "--idx FOLDER|FILE")?,
        Some(Files::Pictures) => files(arguments, arguments.pictures.as_deref(), "--pictures FOLDER")?,
    };
    dataset.truncate(train, test);
    if !data.makes() {
        return Ok(dataset);
    }
    let joined = DataSource::new(data.name, 0, 0, data_seed)?;
    let train = dataset.train.joined(&joined.made(0..train as u64))?;
    Ok(Dataset::new(joined, train, dataset.test))
}

/// Reads the data set in the files at `path`. Without a path, the error says how to give one.
fn files(arguments: &DataArguments, path: Option<&Path>, says: &str) -> Result<Dataset> {
    let wanted = Source::of(arguments.data.files.expect("the source is files"));
    let path = path.ok_or_else(|| Error::data(wanted.title, format!("say where its files are with {says}")))?;
    let named = |problem: String| Error::data(path.display().to_string(), problem);
    let dataset = match folder::from_path(path)? {
        Given::Pictures(album) => pictures(arguments, path, album)?,
        Given::Data { dataset, .. } => dataset,
        Given::Checkpoint(name) => return Err(Error::data(name, "is a checkpoint, and no data set")),
    };
    let found = dataset.source.kind;
    // MNIST is one of the sets in its format.
    if found != wanted && (found.files, wanted.files) != (Some(Files::Mnist), Some(Files::Idx)) {
        let files =
            if found.files == Some(Files::Idx) { "not the files of MNIST, by their SHA-256" } else { found.title };
        let problem = format!(
            "is {files}, and --data asks for {}; give the other folder, or --data {}",
            wanted.title, found.name
        );
        return Err(named(problem));
    }
    if !found.classes.is_empty() && (arguments.transpose || arguments.classes.is_some()) {
        let problem = format!(
            "is {}, whose images are upright and whose classes are known; leave out --transpose and --classes",
            found.title
        );
        return Err(named(problem));
    }
    let dataset = if arguments.transpose { dataset.transposed() } else { dataset };
    let Some(file) = &arguments.classes else { return Ok(dataset) };
    let text = std::fs::read_to_string(file)
        .map_err(|e| Error::Io { file: file.display().to_string(), problem: e.to_string() })?;
    let title = dataset.source.title().to_owned();
    dataset.named(&title, text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Decodes the pictures of `album`, which are in `folder`.
fn pictures(arguments: &DataArguments, folder: &Path, album: Album) -> Result<Dataset> {
    let shape = if arguments.colour { Shape::CIFAR } else { Shape::MNIST };
    let paths: Vec<PathBuf> = album.paths().map(|path| folder.join(path)).collect();
    let fitted: Vec<Vec<u8>> = paths.par_iter().map(|path| picture::fitted(path, shape)).collect::<Result<_>>()?;
    album.dataset(shape, &fitted.concat(), arguments.data_seed)
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
