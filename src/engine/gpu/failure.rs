//! What went wrong on the device, kept until someone asks: WebGPU reports errors whenever it likes, not where they arose.

use crate::error::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard};

/// The first thing that went wrong on a device.
#[derive(Debug, Clone)]
pub struct Failure {
    adapter: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    problem: Option<String>,
    out_of_memory: bool,
    /// As `out_of_memory`, for good.
    exhausted: bool,
    lost: bool,
}

impl Failure {
    /// Nothing went wrong yet on `adapter`; from now on everything `device` reports is noted.
    pub fn watch(adapter: &str, device: &wgpu::Device) -> Self {
        let failure = Self { adapter: adapter.to_owned(), state: Arc::default() };
        let on_error = failure.clone();
        device.on_uncaptured_error(Arc::new(move |error| match error {
            wgpu::Error::OutOfMemory { .. } => {
                on_error.note("has no memory left for this network; choose fewer units or a smaller batch");
                let mut state = on_error.state();
                (state.out_of_memory, state.exhausted) = (true, true);
            }
            wgpu::Error::Validation { description, .. } => {
                on_error.note(&format!("refused a command: {description}"));
            }
            wgpu::Error::Internal { description, .. } => {
                on_error.note(&format!("failed inside its driver: {description}"));
            }
        }));
        let on_loss = failure.clone();
        device.set_device_lost_callback(move |_, message| {
            on_loss.note_loss(&format!("was lost ({})", message.trim_end_matches('.')));
        });
        failure
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Keeps `problem`, unless an earlier one, of which it may be a consequence, is there.
    pub fn note(&self, problem: &str) {
        self.state().problem.get_or_insert_with(|| problem.to_owned());
    }

    /// As [`Failure::note`], for a device that is gone: then it is a refused command that may be a consequence, told earlier.
    pub fn note_loss(&self, problem: &str) {
        let mut state = self.state();
        if !std::mem::replace(&mut state.lost, true) {
            state.problem = Some(format!("{problem}; the run can go on from its last checkpoint"));
        }
    }

    /// Whether memory was ever refused.
    pub fn is_exhausted(&self) -> bool {
        self.state().exhausted
    }

    /// What was noted, if the device is gone, and not only something it was told to do.
    pub fn loss(&self) -> Option<Error> {
        let state = self.state();
        state.problem.as_ref().filter(|_| state.lost).map(|problem| self.error(problem))
    }

    /// An error of this adapter; `problem` goes on after its name.
    pub fn error(&self, problem: &str) -> Error {
        Error::Gpu { problem: format!("{} {problem}", self.adapter) }
    }

    /// Whether the device still works.
    ///
    /// # Errors
    /// [`Error::Gpu`] with the first thing that went wrong.
    pub fn check(&self) -> Result<()> {
        match &self.state().problem {
            Some(problem) => Err(self.error(problem)),
            None => Ok(()),
        }
    }

    /// As [`Failure::check`], right after an allocation: memory that was refused is an error of that allocation only,
    /// and everything there before goes on.
    ///
    /// # Errors
    /// As [`Failure::check`].
    pub fn check_allocation(&self) -> Result<()> {
        let result = self.check();
        let mut state = self.state();
        if std::mem::take(&mut state.out_of_memory) {
            state.problem = None;
        }
        result
    }
}
