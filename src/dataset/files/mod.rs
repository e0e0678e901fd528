//! Files that a person gave, on the page or to `ff`: which data set they are, which file is which, what is passed over, and
//! what is refused, in which sentence.
//!
//! ```text
//! bytes ─▶ gzip? ─▶ tar? ─▶ gzip? ─▶ IDX, a batch of CIFAR-10, or a picture ─▶ what was found ─▶ a data set, or a sentence
//! ```
//!
//! Files arrive one after another and in pieces, so that an archive is never in memory as a whole. The name decides what a
//! file is, and its header what it holds: a test set is never guessed from sizes. What looks like data must be understood;
//! what does not is passed over.

mod album;
mod formats;
mod found;
mod four;
mod gzip;
mod names;
mod tar;

use super::idx::Kind;
use super::{Dataset, cifar};
use crate::error::{Error, Result};
use album::PictureFile;
pub use album::{Album, grey};
use found::{CifarFile, Findings, Set};
use four::IdxFile;
pub use four::MNIST;
use gzip::Gzip;
use std::ops::ControlFlow;
use tar::Tar;

/// The most files that are looked through, without pictures.
pub const MOST_FILES: usize = 1000;

/// The most pictures that are looked through.
pub const MOST_PICTURES: usize = 100_000;

/// The most bytes that are read, and the most that come out of what is packed: several times the largest data set's.
const MOST_BYTES: u64 = 1 << 30;

/// How deep archives and packed files may lie in one another.
const MOST_LAYERS: usize = 3;

/// What should be given instead of something else.
const EXPECTED: &str = "give MNIST's four IDX files (train-images-idx3-ubyte …), or CIFAR-10's binary version (cifar-10-binary.tar.gz), or one \
     folder of pictures for each class";

/// What was given.
#[derive(Debug, PartialEq)]
pub enum Given {
    /// A data set.
    Data {
        /// Its pictures.
        dataset: Dataset,
        /// A checkpoint that was among its files, and was not opened.
        checkpoint: Option<String>,
    },
    /// Pictures in folders, still to be decoded.
    Pictures(Album),
    /// No data, but the checkpoint of this path.
    Checkpoint(String),
}

/// Reads files one after another: [`Reader::begin`], [`Reader::push`] and [`Reader::end`] for each, and [`Reader::finish`].
#[derive(Debug)]
pub struct Reader {
    findings: Findings,
    file: Layer,
    files: usize,
    pictures: usize,
    read: u64,
}

impl Default for Reader {
    fn default() -> Self {
        Self::expecting(cifar::PICTURES)
    }
}

impl Reader {
    /// No files yet. Each of CIFAR-10's must hold so many pictures, of the real one [`cifar::PICTURES`].
    pub fn expecting(pictures: usize) -> Self {
        Self { findings: Findings::new(pictures), file: Layer::Ignored, files: 0, pictures: 0, read: 0 }
    }

    /// Begins the file of this path and size, or notes the folder of a path that ends with a slash. Whether its content is
    /// wanted.
    pub fn begin(&mut self, path: &str, size: u64) -> bool {
        self.file = Layer::Ignored;
        if names::is_litter(path) {
            return false;
        }
        self.findings.folders.note(path);
        if path.ends_with('/') {
            return false;
        }
        let is_picture = names::is_picture(path);
        let (count, most) =
            if is_picture { (&mut self.pictures, MOST_PICTURES) } else { (&mut self.files, MOST_FILES) };
        *count += 1;
        let is_wanted = *count <= most;
        if is_wanted {
            self.file =
                Layer::Head(Head::new(Place { path: path.to_owned(), within: None, size: Some(size), depth: 0 }));
        } else {
            let problem = "are too many to look through; give only those of the data set";
            self.findings.refuse("", Error::data(format!("more than {most} files"), problem));
        }
        is_wanted
    }

    /// Takes the next piece of the file. Whether more of it is wanted.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        if !matches!(self.file, Layer::Picture(_)) {
            self.read += bytes.len() as u64;
        }
        if self.read > MOST_BYTES {
            self.file.refuse(&mut self.findings, &too_much());
        }
        self.file.push(&mut self.findings, bytes);
        !matches!(self.file, Layer::Ignored)
    }

    /// Ends the file.
    pub fn end(&mut self) {
        self.file.end(&mut self.findings);
        self.file = Layer::Ignored;
    }

    /// Ends a file that cannot be read, with the reason.
    pub fn unreadable(&mut self, why: &str) {
        let problem = format!("cannot be read ({why})");
        std::mem::replace(&mut self.file, Layer::Ignored).refuse(&mut self.findings, &problem);
    }

    /// What the files are; `given` is what to call them together, the folder they were in.
    ///
    /// # Errors
    /// [`Error::Data`] with the sentence that says why they are no data set.
    pub fn finish(self, given: &str) -> Result<Given> {
        self.findings.verdict(given)
    }
}

/// Hexadecimal digits of a digest.
fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn too_much() -> String {
    format!("makes more than {} MiB, and no data set that is read here is as large", MOST_BYTES >> 20)
}

/// Where bytes come from.
#[derive(Debug, Clone)]
struct Place {
    /// The path of a file that was given, or of one in an archive.
    path: String,
    /// The archive it lies in.
    within: Option<String>,
    /// Its size, where that is known beforehand.
    size: Option<u64>,
    /// Archives and packed files around it.
    depth: usize,
}

impl Place {
    /// The file in sentences.
    fn name(&self) -> String {
        match &self.within {
            Some(archive) => format!("{archive}: {}", names::base(&self.path)),
            None => self.path.clone(),
        }
    }

    /// What was given of it: the archive, or the file itself.
    fn given(&self) -> &str {
        self.within.as_deref().unwrap_or(&self.path)
    }

    fn is_packed(&self) -> bool {
        self.size.is_none()
    }

    /// Whether its name is that of data, so that what is wrong with it must be said.
    fn says_data(&self) -> bool {
        let path = &self.path;
        names::idx(path).is_some() || names::cifar(path).is_some() || names::is_archive(path)
    }
}

/// What is done with the bytes of a file; files in archives and packed files are files again.
#[derive(Debug)]
enum Layer {
    Head(Head),
    Packed(Box<(Place, Gzip, Layer)>),
    Archive(Box<(Place, Tar, Layer)>),
    Idx(Box<IdxFile>),
    Cifar(CifarFile),
    Picture(Box<PictureFile>),
    Ignored,
}

/// The first bytes of a file, which tell what it is.
#[derive(Debug)]
struct Head {
    place: Place,
    bytes: Vec<u8>,
}

impl Head {
    fn new(place: Place) -> Self {
        Self { place, bytes: vec![] }
    }
}

impl Layer {
    fn push(&mut self, findings: &mut Findings, mut bytes: &[u8]) {
        if let Self::Head(head) = self {
            let (part, rest) = bytes.split_at(bytes.len().min(tar::BLOCK - head.bytes.len()));
            head.bytes.extend_from_slice(part);
            if head.bytes.len() < tar::BLOCK {
                return;
            }
            self.decide(findings);
            bytes = rest;
        }
        if bytes.is_empty() {
            return;
        }
        let done = match self {
            Self::Head(_) | Self::Ignored => ControlFlow::Break(()),
            Self::Idx(file) => file.push(findings, bytes),
            Self::Cifar(file) => file.push(findings, bytes),
            Self::Picture(file) => {
                file.push(bytes);
                ControlFlow::Continue(())
            }
            Self::Packed(packed) => {
                let (_, gzip, inner) = &mut **packed;
                let fault = gzip.push(bytes, &mut |bytes| inner.take(findings, bytes)).err();
                packed_on(packed, findings, fault)
            }
            Self::Archive(archive) => {
                let (place, tar, inner) = &mut **archive;
                let fault = tar.push(bytes, &mut |event| inner.member(findings, place, event)).err();
                archive_on(archive, findings, fault)
            }
        };
        if done.is_break() {
            *self = Self::Ignored;
        }
    }

    fn end(&mut self, findings: &mut Findings) {
        if matches!(self, Self::Head(_)) {
            self.decide(findings);
        }
        match std::mem::replace(self, Self::Ignored) {
            Self::Head(_) | Self::Ignored => {}
            Self::Idx(file) => file.end(findings),
            Self::Cifar(file) => file.end(findings),
            Self::Picture(file) => file.end(findings),
            Self::Packed(mut packed) => {
                let (_, gzip, inner) = &mut *packed;
                let fault = gzip.end(&mut |bytes| inner.take(findings, bytes)).err();
                if packed_on(&mut packed, findings, fault).is_continue() {
                    packed.2.end(findings);
                }
            }
            Self::Archive(mut archive) => {
                let fault = archive.1.end().err();
                let _ = archive_on(&mut archive, findings, fault);
            }
        }
    }

    /// Takes what came out of a packed file.
    fn take(&mut self, findings: &mut Findings, bytes: &[u8]) {
        if findings.unpack(bytes.len()) {
            self.push(findings, bytes);
        } else {
            self.refuse(findings, &too_much());
            *self = Self::Ignored;
        }
    }

    /// Takes what came out of an archive at `place`.
    fn member(&mut self, findings: &mut Findings, place: &Place, event: tar::Event) {
        match event {
            tar::Event::Begins(path, size) if !names::is_litter(path) => {
                let (within, depth) = (Some(place.name()), place.depth + 1);
                let place = Place { path: path.to_owned(), within, size: Some(size), depth };
                *self = Self::Head(Head::new(place));
                // Known by its name already, whatever befalls the archive.
                if let Self::Head(head) = self
                    && let Some(version) = names::version(&head.place.path, head.place.size, &[])
                {
                    findings.version(&head.place, version);
                }
            }
            tar::Event::Begins(..) => *self = Self::Ignored,
            tar::Event::Content(bytes) => self.push(findings, bytes),
            tar::Event::Ends => self.end(findings),
        }
    }

    /// Notes that the file cannot be read on. Where nothing says that it is data, it is passed over.
    fn refuse(&self, findings: &mut Findings, problem: &str) {
        let place = match self {
            Self::Head(Head { place, .. }) => place,
            Self::Packed(packed) => &packed.0,
            Self::Archive(archive) => &archive.0,
            Self::Idx(file) => &file.place,
            Self::Cifar(file) => &file.place,
            Self::Picture(file) => return findings.folders.refuse(&file.place.path, problem),
            Self::Ignored => return,
        };
        let known = !matches!(self, Self::Head(_) | Self::Packed(_)) || place.says_data();
        if known {
            findings.refuse(&place.name(), Error::data(place.name(), problem));
        } else {
            findings.pass_over(place, Some(problem.to_owned()));
        }
    }

    /// Finds out from the first bytes and the name what a file is.
    fn decide(&mut self, findings: &mut Findings) {
        let Self::Head(Head { place, bytes }) = std::mem::replace(self, Self::Ignored) else { return };
        *self = kind_of(findings, &place, &bytes);
        if !matches!(self, Self::Ignored) {
            self.push(findings, &bytes);
        }
    }
}

/// Goes on with a packed file, unless something is wrong with it or nothing more is wanted of it.
fn packed_on(
    packed: &mut (Place, Gzip, Layer),
    findings: &mut Findings,
    fault: Option<gzip::Fault>,
) -> ControlFlow<()> {
    let (place, _, inner) = packed;
    let Some(fault) = fault else {
        return if matches!(inner, Layer::Ignored) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    };
    // What came out of it so far may tell what it is.
    if let Layer::Head(head) = inner
        && !head.bytes.is_empty()
    {
        inner.decide(findings);
    }
    if matches!(inner, Layer::Ignored | Layer::Head(_)) && !place.says_data() {
        findings.pass_over(place, Some(fault));
    } else {
        findings.refuse(&place.name(), Error::data(place.name(), fault));
    }
    ControlFlow::Break(())
}

/// Goes on with an archive, unless something is wrong with it.
fn archive_on(
    archive: &mut (Place, Tar, Layer),
    findings: &mut Findings,
    fault: Option<tar::Fault>,
) -> ControlFlow<()> {
    let Some(fault) = fault else { return ControlFlow::Continue(()) };
    findings.refuse(&archive.0.name(), Error::data(archive.0.name(), fault));
    ControlFlow::Break(())
}

/// What is to be done with a file that begins with `head`, which is all of it if it is shorter than a block.
fn kind_of(findings: &mut Findings, place: &Place, head: &[u8]) -> Layer {
    let (path, name) = (&place.path, place.name());
    if head.starts_with(&gzip::MAGIC) || Tar::begins(head) {
        if place.depth == MOST_LAYERS {
            findings.pass_over(place, Some("lies in too many archives; unpack it".to_owned()));
            return Layer::Ignored;
        }
        if Tar::begins(head) {
            return Layer::Archive(Box::new((place.clone(), Tar::new(), Layer::Ignored)));
        }
        let inner = Place { size: None, depth: place.depth + 1, ..place.clone() };
        return Layer::Packed(Box::new((place.clone(), Gzip::new(), Layer::Head(Head::new(inner)))));
    }
    if let Some(index) = names::cifar(path) {
        return CifarFile::begin(findings, place, index);
    }
    let known = names::version(path, place.size, head);
    if let Some(version) = known {
        findings.version(place, version);
        return Layer::Ignored;
    }
    if let Some(kind) = names::idx(path).or_else(|| Kind::of(head)) {
        return IdxFile::begin(findings, place, kind);
    }
    if formats::is_picture(head) {
        return PictureFile::begin(findings, place);
    }
    if names::is_picture(path) && place.depth == 0 {
        let problem = "is not a PNG, JPEG or WebP picture, or it is damaged; replace it, or leave it out";
        findings.folders.refuse(path, problem);
    }
    if formats::is_checkpoint(head) || path.to_ascii_lowercase().ends_with(".safetensors") {
        findings.checkpoint(place);
    } else if let Some(problem) = formats::foreign(head) {
        findings.pass_over(place, Some(problem));
    } else if names::is_archive(path) {
        let problem = match head {
            [] => format!("is empty; {EXPECTED}"),
            _ if place.is_packed() => format!("is not a tar archive inside, or it is damaged; {EXPECTED}"),
            _ => format!("is not packed with gzip; {EXPECTED}"),
        };
        findings.refuse(&name, Error::data(&name, problem));
    } else {
        findings.pass_over(place, None);
    }
    Layer::Ignored
}

#[cfg(test)]
mod tests;
