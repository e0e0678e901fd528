//! What can go wrong, as sentences a person can act on.

/// The result of anything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong, each variant naming the operation, the file or the shapes.
///
/// The `Display` text is shown to people as it stands, on the page and on the command line: it says what happened, to
/// what, and what to do about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A data file is not what its name or header says.
    #[error("{file}: {problem}")]
    Data {
        /// The file, as the person named it.
        file: String,
        /// What is wrong with it, and what was expected.
        problem: String,
    },
    /// A setting is out of its range.
    #[error("{setting} = {value} is not possible: {expected}")]
    Setting {
        /// The setting's name as it stands in the URL and on the command line.
        setting: &'static str,
        /// The value that was given.
        value: String,
        /// What would be accepted.
        expected: String,
    },
    /// Two shapes that must agree do not.
    #[error("{operation}: {left} does not fit {right}")]
    Shape {
        /// What was being attempted.
        operation: &'static str,
        /// The first shape, with what it belongs to.
        left: String,
        /// The second shape, with what it belongs to.
        right: String,
    },
    /// A checkpoint cannot be read.
    #[error("checkpoint {file}: {problem}")]
    Checkpoint {
        /// The file, as the person named it.
        file: String,
        /// What is wrong with it, and what was expected.
        problem: String,
    },
    /// Training left the finite numbers.
    #[error(
        "layer {layer} became infinite or not a number at step {step}; the learning rate is probably too high. \
         Restart with a smaller rate, or go back to the last checkpoint"
    )]
    Diverged {
        /// The layer, counted from 1.
        layer: usize,
        /// The step after which it was noticed.
        step: u64,
    },
    /// The softmax left the finite numbers, or the baseline below it did.
    #[error(
        "the softmax became infinite or not a number at step {step}; the learning rate or the weight cost of the head is \
         probably too high. Restart with smaller ones, or go back to the last checkpoint"
    )]
    HeadDiverged {
        /// The step after which it was noticed.
        step: u64,
    },
    /// There is not enough memory.
    #[error("there is no memory for {what}, {mebibytes} MiB; choose fewer units or a smaller batch")]
    Memory {
        /// What it was wanted for.
        what: String,
        /// How much.
        mebibytes: usize,
    },
    /// The graphics adapter is missing, too small, or lost.
    #[error("GPU engine: {problem}")]
    Gpu {
        /// What happened, to which adapter, and what to do.
        problem: String,
    },
    /// The file system refused.
    #[error("{file}: {problem}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the operating system said.
        problem: String,
    },
}

impl Error {
    /// A [`Error::Data`] about `file`.
    pub fn data(file: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Data { file: file.into(), problem: problem.into() }
    }

    /// A [`Error::Checkpoint`] about `file`.
    pub fn checkpoint(file: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Checkpoint { file: file.into(), problem: problem.into() }
    }

    /// A [`Error::Setting`] for `setting`.
    pub fn setting(setting: &'static str, value: impl ToString, expected: impl Into<String>) -> Self {
        Self::Setting { setting, value: value.to_string(), expected: expected.into() }
    }
}
