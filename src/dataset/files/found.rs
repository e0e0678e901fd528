//! What was found in the files that were given, and the verdict on it.

use super::super::cifar::{self, Batch, Outcome};
use super::super::{Dataset, Split};
use super::album::Folders;
use super::four::{self, Found};
use super::names::Version;
use super::{EXPECTED, Given, Layer, MOST_BYTES, Place};
use crate::error::{Error, Result};
use std::ops::ControlFlow;

/// The data sets that files can be of.
const SETS: [&str; 3] = ["a set in MNIST's format", "CIFAR-10", "CIFAR-100"];

/// The places of data sets among [`SETS`].
#[derive(Debug, Clone, Copy)]
pub enum Set {
    Idx,
    Cifar10,
    Cifar100,
}

/// Everything that was found. "First" is by name, for files may come in any order.
#[derive(Debug, Default)]
pub struct Findings {
    /// Pictures in each of CIFAR-10's files.
    pictures: usize,
    /// The four files in MNIST's format.
    pub four: [Option<Found>; 4],
    cifar: [Option<(String, Split)>; 6],
    pub folders: Folders,
    /// The data sets whose files were given, each with its first file.
    sets: [Option<String>; 3],
    /// A version of CIFAR-10 that is not read, with what was given of it.
    other: Option<(String, Version)>,
    /// Whether there was a file of the version that is read.
    binary: bool,
    /// The first file that something is wrong with.
    problem: Option<(String, Error)>,
    /// The first that is no data, and the first of those for a reason.
    passed_over: Option<String>,
    reason: Option<(String, String)>,
    checkpoints: Vec<String>,
    /// Bytes that came out of what was packed.
    unpacked: u64,
}

impl Findings {
    pub fn new(pictures: usize) -> Self {
        Self { pictures, ..Self::default() }
    }

    /// Notes what is wrong with a file; the first fault of each counts.
    pub fn refuse(&mut self, name: &str, error: Error) {
        if self.problem.as_ref().is_none_or(|(first, _)| name < first.as_str()) {
            self.problem = Some((name.to_owned(), error));
        }
    }

    pub fn pass_over(&mut self, place: &Place, why: Option<String>) {
        let name = place.name();
        match why {
            None if self.passed_over.as_ref().is_none_or(|first| name < *first) => self.passed_over = Some(name),
            Some(why) if self.reason.as_ref().is_none_or(|(first, _)| name < *first) => self.reason = Some((name, why)),
            _ => {}
        }
    }

    pub fn checkpoint(&mut self, place: &Place) {
        self.checkpoints.push(place.name());
    }

    /// Notes a file of a version of CIFAR that is not read.
    pub fn version(&mut self, place: &Place, version: Version) {
        self.see(if version == Version::Cifar100 { Set::Cifar100 } else { Set::Cifar10 }, place.given());
        if self.other.as_ref().is_none_or(|(first, _)| place.given() < first.as_str()) {
            self.other = Some((place.given().to_owned(), version));
        }
    }

    /// Counts bytes that came out of what was packed; whether there may be more.
    pub fn unpack(&mut self, bytes: usize) -> bool {
        self.unpacked += bytes as u64;
        self.unpacked <= MOST_BYTES
    }

    pub fn see(&mut self, set: Set, name: &str) {
        let first = &mut self.sets[set as usize];
        if first.as_ref().is_none_or(|first| name < first.as_str()) {
            *first = Some(name.to_owned());
        }
    }

    /// Returns the data set, or an error that says why there is none. `given` names all files together in that error.
    pub fn verdict(mut self, given: &str) -> Result<Given> {
        let mut sets = SETS.iter().zip(&self.sets).filter_map(|(set, first)| Some((set, first.as_ref()?)));
        if let (Some((one, its)), Some((other, others))) = (sets.next(), sets.next()) {
            let problem =
                format!("is a file of {one}, and {others} one of {other}; give the files of one data set at a time");
            return Err(Error::data(its, problem));
        }
        let [four, cifar, _] = self.sets.each_ref().map(Option::is_some);
        if let Some((given, version)) = self.other.take().filter(|_| !self.binary) {
            return Err(other_version(given, version));
        }
        if let Some((_, error)) = self.problem.take() {
            return Err(error);
        }
        let dataset = match (four, cifar) {
            (true, _) => four::together(std::mem::take(&mut self.four), given, &self.reason())?,
            (_, true) => self.cifar()?,
            _ if !self.folders.is_empty() => return Ok(Given::Pictures(self.folders.album(given)?)),
            _ => return self.nothing(given),
        };
        Ok(Given::Data { dataset, checkpoint: self.checkpoints.into_iter().min() })
    }

    /// Why nothing that was given is data; that may be because it is a checkpoint.
    fn nothing(mut self, given: &str) -> Result<Given> {
        // The first of them comes to stand in front.
        let first = (0..self.checkpoints.len()).min_by_key(|&i| &self.checkpoints[i]).unwrap_or(0);
        self.checkpoints.rotate_left(first);
        match &self.checkpoints[..] {
            [only] => return Ok(Given::Checkpoint(only.clone())),
            [first, second, ..] => {
                return Err(Error::data(first, format!("is a checkpoint, and so is {second}; give one of them")));
            }
            [] => {}
        }
        Err(match (self.reason, self.passed_over) {
            (Some((name, why)), _) => Error::data(name, why),
            (None, Some(name)) => Error::data(name, format!("is no data; {EXPECTED}")),
            (None, None) => Error::data(given, format!("holds no files; {EXPECTED}")),
        })
    }

    /// Why a file was passed over, behind a sentence.
    fn reason(&self) -> String {
        self.reason.as_ref().map_or_else(String::new, |(name, why)| format!(". {name} {why}"))
    }

    fn cifar(&mut self) -> Result<Dataset> {
        let files = std::mem::take(&mut self.cifar);
        let absent: Vec<&str> =
            cifar::FILES.iter().zip(&files).filter(|(_, file)| file.is_none()).map(|(name, _)| *name).collect();
        let splits: Vec<Split> = files.into_iter().flatten().map(|(_, split)| split).collect();
        match splits.try_into() {
            Ok(six) => cifar::together(six),
            Err(_) => Err(missing("CIFAR-10", "six", &absent, &self.reason())),
        }
    }
}

/// That what was given is a version of CIFAR that is not read.
fn other_version(given: String, version: Version) -> Error {
    let is = match version {
        Version::Cifar10Python => "is CIFAR-10's Python version",
        Version::Cifar10Matlab => "is CIFAR-10's MATLAB version",
        Version::Cifar100 => "is CIFAR-100, which has a hundred classes, and networks here tell at most 64 apart",
    };
    let instead = "give CIFAR-10's binary version, cifar-10-binary.tar.gz from www.cs.toronto.edu/~kriz/cifar.html";
    Error::data(given, format!("{is}; {instead}"))
}

/// That files of a data set are missing, with the reason why one was passed over.
pub fn missing(set: &str, count: &str, missing: &[&str], reason: &str) -> Error {
    let missing = missing.join(", ");
    Error::data(set, format!("is {count} files; still missing: {missing}. Give all {count} together{reason}"))
}

/// The sentence about two files under one name that hold different things.
pub fn differ(findings: &mut Findings, one: &str, other: &str, are: &str) {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    let problem = format!("differs from {first}, and by their names both are the {are}; give one of them");
    findings.refuse(second, Error::data(second, problem));
}

/// One of CIFAR-10's files as it arrives.
#[derive(Debug)]
pub struct CifarFile {
    pub place: Place,
    index: usize,
    batch: Batch,
}

impl CifarFile {
    /// The file of this place among the six.
    pub fn begin(findings: &mut Findings, place: &Place, index: usize) -> Layer {
        findings.see(Set::Cifar10, place.given());
        findings.binary = true;
        let (name, pictures) = (place.name(), findings.pictures);
        // Before anything is read: a file may be of any size.
        let size =
            place.size.map_or(Ok(()), |size| cifar::size(&name, usize::try_from(size).unwrap_or(usize::MAX), pictures));
        if let Err(error) = size {
            findings.refuse(&name, error);
            return Layer::Ignored;
        }
        let earlier = findings.cifar[index].as_ref().map(|(_, split)| split.clone());
        Layer::Cifar(Self { place: place.clone(), index, batch: Batch::new(&name, pictures, earlier) })
    }

    pub fn push(&mut self, findings: &mut Findings, bytes: &[u8]) -> ControlFlow<()> {
        match self.batch.push(bytes) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                findings.refuse(&self.place.name(), error);
                ControlFlow::Break(())
            }
        }
    }

    pub fn end(self, findings: &mut Findings) {
        let (name, index) = (self.place.name(), self.index);
        match self.batch.end() {
            Err(error) => findings.refuse(&name, error),
            Ok(Outcome::Read(split)) => findings.cifar[index] = Some((name, split)),
            Ok(Outcome::Same) => {}
            Ok(Outcome::Differs) => {
                let earlier = findings.cifar[index].as_ref().map_or_else(String::new, |(name, _)| name.clone());
                differ(findings, &name, &earlier, cifar::FILES[index]);
            }
        }
    }
}
