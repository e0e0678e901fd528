//! The GPU engine: every primitive as a compute shader in `shaders/`, through wgpu: WebGPU in a page, Vulkan, Metal or
//! Direct3D 12 natively.
//!
//! Recording is synchronous: a primitive adds dispatches to a list, and many steps become one submission
//! (`Recorder`). Only [`Engine::finish_reading`] and [`Engine::pace`] wait. What the device reports at its own time (loss, no
//! memory, a refused shader) is kept in `failure::Failure` and returned by the next call that can fail.

mod adapter;
mod compiling;
mod dispatch;
mod failure;
mod head;
mod kernel;
mod learning;
mod losses;
mod memory;
mod pacing;
mod parameters;
mod peak;
mod primitives;
mod products;
mod profile;
mod recorder;
mod signal;
mod source;
mod tiling;

pub use adapter::{AdapterReport, Preference};
pub use kernel::listing;
pub use losses::{GoingOn, KEEP_EVERY, Losses};
pub use memory::{Bytes, Labels, Matrix, Memory};
pub use peak::measure_peak;
pub use tiling::Tiling;

use super::Engine;
use crate::engine;
use crate::error::{Error, Result};
use failure::Failure;
use memory::{Allocation, Allocator};
use recorder::Recorder;
use signal::Signal;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

/// Runs every primitive on one graphics adapter.
#[derive(Debug)]
pub struct Gpu {
    report: AdapterReport,
    device: wgpu::Device,
    failure: Failure,
    allocator: Rc<Allocator>,
    recorder: RefCell<Recorder>,
    scratch: RefCell<HashMap<Scratch, Rc<Allocation>>>,
    only: Cell<Option<Tiling>>,
    waits: Cell<u64>,
}

/// Intermediate values that live only from one dispatch to the next, so that one buffer serves all layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scratch {
    /// What the softmax head learns from, for each layer it reads: `[B, voters, 10]`.
    Errors,
    /// δ of a layer whose rule is not the standard one, or what one that sees windows adds up: `[3B, N]`.
    Rows,
}

/// Values of matrices on their way back.
#[derive(Debug)]
pub struct Reading {
    words: recorder::Reading,
    shapes: Vec<memory::Padded>,
}

impl Gpu {
    /// Which adapter this is.
    pub fn adapter(&self) -> &AdapterReport {
        &self.report
    }

    /// Cuts all products as `tiling` says from now on, whatever the adapter is.
    pub fn use_only(&self, tiling: Tiling) {
        self.only.set(Some(tiling));
    }

    /// How a product of `rows × columns` outputs is cut.
    fn tiling(&self, rows: usize, columns: usize) -> Tiling {
        self.only.get().unwrap_or_else(|| Tiling::of(self.report.fallback, rows, columns))
    }

    /// What it holds, after everything dropped was freed.
    pub fn memory(&self) -> Memory {
        self.recorder.borrow_mut().submit();
        self.allocator.memory()
    }

    /// Whether it still works.
    ///
    /// # Errors
    /// [`Error::Gpu`] with the first thing that went wrong.
    pub fn check(&self) -> Result<()> {
        self.failure.check()
    }

    /// How the device was lost, if it was and that has been told.
    pub fn loss(&self) -> Option<Error> {
        // Natively callbacks run only inside a poll, and that of a loss when nothing is under way any more; in a page this does
        // nothing.
        let patiently = wgpu::PollType::Wait { submission_index: None, timeout: Some(Duration::from_secs(1)) };
        self.device.poll(patiently).ok();
        self.failure.loss()
    }

    /// How often somebody has had to wait for values to come back, since it was opened.
    pub fn waits(&self) -> u64 {
        self.waits.get()
    }

    /// Dispatches recorded since it was opened.
    pub fn dispatches(&self) -> u64 {
        self.recorder.borrow().dispatches
    }

    /// Loses the device on purpose, as a driver's crash would.
    pub fn lose(&self) {
        self.device.destroy();
    }

    /// Waits until everything recorded is done.
    ///
    /// # Errors
    /// When the device was lost.
    pub async fn finish(&self) -> Result<()> {
        let marker = self.matrix(1, 1)?;
        self.read(&marker).await.map(drop)
    }

    /// Natively waits until `submission` is done and with it `signal` given, but not for what was submitted later; in a page
    /// callbacks run by themselves.
    fn wait<T: Copy>(&self, signal: &Signal<T>, submission: Option<wgpu::SubmissionIndex>) {
        if signal.value().is_none() {
            let until = wgpu::PollType::Wait { submission_index: submission, timeout: None };
            self.device.poll(until).ok();
        }
        // A device that failed may know nothing of the submission.
        if signal.value().is_none() {
            self.device.poll(wgpu::PollType::wait_indefinitely()).ok();
        }
    }

    /// See [`Engine::pace`].
    async fn paced(&self) -> Result<()> {
        self.recorder.borrow_mut().step();
        Recorder::ready(&self.recorder).await;
        loop {
            let oldest = self.recorder.borrow_mut().pacing.too_much();
            let Some((done, submission)) = oldest else { break };
            self.wait(&done, Some(submission));
            self.failure.check()?;
            (&done).await;
        }
        self.failure.check()
    }

    /// Whether activities are stored in half precision.
    fn half(&self) -> bool {
        self.recorder.borrow().half
    }

    /// As `allocate`, of no more rows than a dispatch can have.
    fn padded(&self, shape: memory::Padded, [rows, columns]: [usize; 2]) -> Result<engine::Matrix> {
        let most = self.device.limits().max_compute_workgroups_per_dimension as usize;
        if rows > most {
            return Err(self.failure.error(&format!(
                "cannot work on {rows} rows at once: its limit maxComputeWorkgroupsPerDimension is {most}. Choose a \
                 smaller batch, or the CPU engine"
            )));
        }
        let what = format!("a {rows}×{columns} matrix");
        self.allocate(&what, shape, [rows, columns])
    }

    /// A matrix that lies in memory as `shape` says.
    fn allocate(&self, what: &str, shape: memory::Padded, [rows, columns]: [usize; 2]) -> Result<engine::Matrix> {
        let memory = self.allocator.storage(what, shape.bytes())?;
        Ok(engine::Matrix::Gpu(Matrix { memory, shape, rows, columns }))
    }

    /// At least `bytes` for `what`.
    fn scratch(&self, what: Scratch, bytes: u64) -> Rc<Allocation> {
        let mut scratch = self.scratch.borrow_mut();
        let known = scratch.get(&what);
        if let Some(known) = known.filter(|known| known.buffer.size() >= bytes) {
            return Rc::clone(known);
        }
        match self.allocator.storage("intermediate values", bytes.next_power_of_two().max(1 << 12)) {
            Ok(allocation) => {
                let allocation = Rc::new(allocation);
                scratch.insert(what, Rc::clone(&allocation));
                allocation
            }
            // Enqueueing cannot fail; whoever reads next is told. Until then too small a buffer is safe: WebGPU checks
            // every access.
            Err(error) => {
                self.failure.note(&error.to_string());
                Rc::clone(known.unwrap_or_else(|| &scratch[&what]))
            }
        }
    }

    /// The words of each source, when they are there.
    async fn words(&self, reading: recorder::Reading) -> Result<Vec<Vec<u32>>> {
        if reading.mapped.value().is_none() {
            self.waits.set(self.waits.get() + 1);
        }
        Recorder::ready(&self.recorder).await;
        self.wait(&reading.mapped, reading.submission.clone());
        // A device that was lost may never answer.
        if reading.mapped.value().is_none() {
            self.failure.check()?;
        }
        let mapped = (&reading.mapped).await;
        let words = if mapped { reading.values() } else { None };
        self.failure.check()?;
        if words.is_none() {
            // A device's loss may be told later than what comes of it.
            if self.loss().is_none() {
                self.failure.note("would not hand back its values; the run can go on from its last checkpoint");
            }
            self.failure.check()?;
        }
        self.recorder.borrow_mut().keep(reading.staging);
        Ok(words.expect("there, or the check has failed"))
    }
}

impl Drop for Gpu {
    /// Frees the device's memory; a page's garbage collector would take its time.
    fn drop(&mut self) {
        self.recorder.get_mut().end();
    }
}
