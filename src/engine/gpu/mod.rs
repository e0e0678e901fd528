//! The GPU engine: every primitive as a compute shader in `shaders/`, through wgpu: WebGPU in a page, Vulkan, Metal or
//! Direct3D 12 natively.
//!
//! Recording is synchronous: a primitive adds dispatches to a list, and many steps become one submission
//! (`Recorder`). Only [`Engine::finish_reading`] and [`Engine::pace`] wait. What the device reports at its own time (loss, no
//! memory, a refused shader) is kept in `failure::Failure` and returned by the next call that can fail.

mod adapter;
mod compiling;
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
mod profile;
mod recorder;
mod signal;
mod source;
mod tiling;

pub use adapter::{AdapterReport, Preference};
pub use losses::{GoingOn, KEEP_EVERY, Losses};
pub use memory::{Bytes, Labels, Matrix, Memory};
pub use peak::measure_peak;
pub use tiling::Tiling;

use super::{
    Activation, Activity, Blocks, Connection, Delta, Engine, Identity, Input, Layer, MaskKey, NEUTRAL, Objective,
    Obstacle, Pick, Pictures, Previous, Rates, Rule, Sign, Spent, Teaching, Verdict,
};
use crate::dataset::Images;
use crate::error::{Error, Result};
use failure::Failure;
use memory::{Allocation, Allocator};
use recorder::Recorder;
use signal::Signal;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
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
    /// δ of a layer whose rule is not the standard one: `[3B, N]`.
    Delta,
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

    /// A matrix that lies in memory as `shape` says.
    fn allocate(&self, what: &str, shape: memory::Padded, [rows, columns]: [usize; 2]) -> Result<Matrix> {
        let memory = self.allocator.storage(what, shape.bytes())?;
        Ok(Matrix { memory, shape, rows, columns })
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
}

impl Drop for Gpu {
    /// Frees the device's memory; a page's garbage collector would take its time.
    fn drop(&mut self) {
        self.recorder.get_mut().end();
    }
}

impl Engine for Gpu {
    type Matrix = Matrix;
    type Dataset = Bytes;
    type Labels = Labels;
    type Reading = Reading;

    fn identity(&self) -> Identity {
        Identity { kind: "webgpu", name: self.report.name.clone() }
    }

    fn matrix(&self, rows: usize, columns: usize) -> Result<Matrix> {
        let most = self.device.limits().max_compute_workgroups_per_dimension as usize;
        if rows > most {
            return Err(self.failure.error(&format!(
                "cannot work on {rows} rows at once: its limit maxComputeWorkgroupsPerDimension is {most}. Choose a \
                 smaller batch, or the CPU engine"
            )));
        }
        let what = format!("a {rows}×{columns} matrix");
        self.allocate(&what, memory::Padded::new(rows, columns), [rows, columns])
    }

    fn sums(&self, rows: usize, columns: usize) -> Result<Matrix> {
        self.allocate("sums of squares", memory::Padded::sums(rows, columns), [rows, 1])
    }

    fn write(&self, matrix: &mut Matrix, values: &[f32]) {
        let padded = matrix.shape.pad(values);
        self.recorder.borrow_mut().write(&matrix.memory, 0, bytemuck::cast_slice(&padded));
    }

    fn begin_reading(&self, matrices: &[&Matrix]) -> Result<Reading> {
        let sources: Vec<_> = matrices.iter().map(|m| (&m.memory, m.memory.buffer.size())).collect();
        let words = self.recorder.borrow_mut().read(&sources)?;
        Ok(Reading { words, shapes: matrices.iter().map(|m| m.shape).collect() })
    }

    fn has_arrived(&self, reading: &Reading) -> bool {
        // Natively callbacks run only inside a poll; in a page this does nothing.
        self.device.poll(wgpu::PollType::Poll).ok();
        reading.words.mapped.value().is_some()
    }

    async fn finish_reading(&self, reading: Reading) -> Result<Vec<Vec<f32>>> {
        let words = self.words(reading.words).await?;
        let values = reading.shapes.iter().zip(words);
        Ok(values.map(|(shape, words)| shape.unpad(bytemuck::cast_slice(&words))).collect())
    }

    async fn pace(&self) -> Result<()> {
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

    fn watch(&self) -> Result<bool> {
        self.begin_profile()
    }

    async fn spent(&self) -> Result<Vec<Spent>> {
        self.profiled().await
    }

    fn dataset(&self, images: &Images) -> Result<Bytes> {
        let bytes = images.bytes();
        let what = format!("{} images", images.len());
        let memory = self.allocator.storage(&what, bytes.len().next_multiple_of(4).max(4) as u64)?;
        let (whole, rest) = bytes.split_at(bytes.len() / 4 * 4);
        let mut recorder = self.recorder.borrow_mut();
        if !whole.is_empty() {
            recorder.write(&memory, 0, whole);
        }
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            recorder.write(&memory, whole.len() as u64, &word);
        }
        Ok(Bytes { memory, shape: images.shape() })
    }

    fn labels(&self, rows: usize) -> Result<Labels> {
        let memory = self.allocator.storage("label codes", 4 * rows.max(1) as u64)?;
        let mut labels = Labels { memory, rows };
        self.write_labels(&mut labels, 0, &vec![NEUTRAL; rows]);
        Ok(labels)
    }

    fn write_labels(&self, labels: &mut Labels, first: usize, codes: &[u8]) {
        let words: Vec<u32> = codes.iter().map(|&code| u32::from(code)).collect();
        self.recorder.borrow_mut().write(&labels.memory, 4 * first as u64, bytemuck::cast_slice(&words));
    }

    async fn read_labels(&self, labels: &Labels) -> Result<Vec<u8>> {
        let reading = self.recorder.borrow_mut().read(&[(&labels.memory, 4 * labels.rows as u64)])?;
        let words = self.words(reading).await?;
        Ok(words[0].iter().map(|&word| word as u8).collect())
    }

    fn gather(&self, dataset: &Bytes, picks: &[Pick], first: usize, label_pixels: usize, rows: &mut Activity<Self>) {
        primitives::gather(self, dataset, picks, first, label_pixels, None, rows);
    }

    fn take_in(
        &self,
        dataset: &Bytes,
        picks: &[Pick],
        label_pixels: usize,
        codes: &[(usize, &[u8])],
        rows: &mut Activity<Self>,
        labels: &mut Labels,
    ) {
        primitives::gather(self, dataset, picks, 0, label_pixels, Some((codes, &*labels)), rows);
    }

    fn mix(&self, dataset: &Bytes, pairs: &[[Pick; 2]], first: usize, key: &MaskKey, rows: &mut Activity<Self>) {
        primitives::mix(self, dataset, pairs, first, key, rows);
    }

    fn project(&self, pictures: &mut Pictures<Self>, count: usize, connection: &Connection<Self>) {
        primitives::project(self, pictures, count, connection);
    }

    fn forward(&self, input: &Input<Self>, layer: &Layer<Self>, rows: Range<usize>, output: &mut Activity<Self>) {
        primitives::forward(self, input, layer, rows, output);
    }

    fn connect(
        &self,
        input: &Input<Self>,
        connection: &Connection<Self>,
        rows: Range<usize>,
        accumulate: bool,
        sum: &mut Matrix,
    ) {
        primitives::connect(self, input, connection, rows, accumulate, sum);
    }

    fn settle(
        &self,
        sum: &Matrix,
        layer: &Layer<Self>,
        previous: &Previous<Self>,
        rows: Range<usize>,
        output: &mut Activity<Self>,
        gated: &mut Matrix,
    ) {
        primitives::settle(self, sum, layer, previous, rows, output, gated);
    }

    fn express(&self, labels: &Labels, rows: Range<usize>, strength: f32, output: &mut Activity<Self>) {
        primitives::express(self, labels, rows, strength, output);
    }

    fn transform(
        &self,
        obstacle: Obstacle,
        seed: u32,
        input: &Activity<Self>,
        rows: Range<usize>,
        output: &mut Activity<Self>,
    ) {
        primitives::transform(self, obstacle, seed, input, rows, output);
    }

    fn measure(&self, rule: Rule, rows: Range<usize>, activity: &mut Activity<Self>) {
        primitives::measure(self, rule, rows, activity);
    }

    fn assess(
        &self,
        activity: &Activity<Self>,
        blocks: &Blocks,
        objective: &Objective,
        rates: Option<&Rates>,
        layer: &mut Layer<Self>,
        verdict: &mut Verdict<Self>,
    ) {
        learning::assess(self, activity, blocks, objective, rates, layer, verdict);
    }

    fn update(&self, input: &Input<Self>, delta: &Delta<Self>, rates: &Rates, connection: &mut Connection<Self>) {
        learning::update(self, input, delta, rates, connection);
    }

    fn update_bias(&self, delta: &Delta<Self>, rates: &Rates, layer: &mut Layer<Self>) {
        learning::update_bias(self, delta, rates, layer);
    }

    fn mask(&self, mask: &Matrix, connection: &mut Connection<Self>) {
        primitives::mask(self, mask, connection);
    }

    fn backward(
        &self,
        delta: &Matrix,
        connection: &Connection<Self>,
        below: &Activity<Self>,
        activation: Activation,
        rows: Range<usize>,
        output: &mut Matrix,
    ) {
        primitives::backward(self, delta, connection, below, activation, rows, output);
    }

    fn classify(
        &self,
        layers: &[&Activity<Self>],
        head: &[Connection<Self>],
        normalised: bool,
        count: usize,
        logits: &mut Matrix,
    ) {
        head::classify(self, layers, head, normalised, count, logits);
    }

    fn blame(&self, logits: &Matrix, labels: &Labels, positive: Range<usize>, error: &mut Matrix) {
        head::blame(self, logits, labels, &positive, error);
    }

    fn learn_head(
        &self,
        layers: &[&Activity<Self>],
        error: &Matrix,
        normalised: bool,
        count: usize,
        rates: &Rates,
        head: &mut [Connection<Self>],
    ) {
        head::learn_head(self, layers, error, normalised, count, rates, head);
    }

    fn teach(
        &self,
        layers: &[&Activity<Self>],
        teaching: &Teaching,
        labels: &mut Labels,
        head: &mut [Connection<Self>],
        logits: &mut Matrix,
        _: &mut Matrix,
    ) {
        head::teach(self, layers, teaching, labels, head, logits);
    }

    fn tally(&self, layers: &[(&Activity<Self>, Sign)], first: usize, count: usize, scores: &mut Matrix) {
        head::tally(self, layers, first, count, scores);
    }

    fn propose(&self, scores: &Matrix, blocks: &Blocks, seed: u32, step: u32, labels: &mut Labels) {
        head::propose(self, scores, blocks, seed, step, labels);
    }
}

impl Gpu {
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
