//! Commands on their way to the device: recorded at once, submitted many together, and not before their kernels are compiled.

use super::compiling::{self, Compiling};
use super::failure::Failure;
use super::kernel::{Kernel, Pipeline};
use super::memory::{Allocation, Allocator};
use super::pacing::Pacing;
use super::parameters::{self, Parameters};
use super::profile::Profile;
use super::signal::Signal;
use crate::error::Result;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Bytes of parameters, picks and label codes that one submission may carry.
const ARENA: usize = 1 << 20;
/// Writes up to this size travel in the arena; larger ones would crowd it out.
const SMALL_WRITE: usize = 1 << 14;
/// Read-back buffers kept for the next time.
const STAGING_KEPT: usize = 3;

/// The most storage buffers a kernel binds: WebGPU's default limit.
const BINDINGS: usize = 8;
type BindGroupKey = (Kernel, [u64; BINDINGS]);

/// What is submitted at once: commands, and then one thing that is not a command.
#[derive(Debug, Default)]
struct Portion {
    commands: Vec<Command>,
    /// What the commands read from the arena; written there before them.
    staged: Vec<u8>,
    /// Bytes to write to a buffer from an offset on.
    write: Option<(wgpu::Buffer, u64, Vec<u8>)>,
    /// A buffer to map so many bytes of, and who is to know.
    map: Option<(wgpu::Buffer, u64, Signal<bool>)>,
}

#[derive(Debug)]
enum Command {
    /// Of so many workgroups, with its parameters at an offset in the arena, and timed there.
    Dispatch {
        kernel: Kernel,
        group: wgpu::BindGroup,
        offset: u32,
        groups: [u32; 3],
        timed: Option<(wgpu::QuerySet, u32)>,
    },
    /// From a buffer at an offset to another at an offset, so many bytes.
    Copy(wgpu::Buffer, u64, wgpu::Buffer, u64, u64),
    /// So many timestamps.
    Resolve(wgpu::QuerySet, u32, wgpu::Buffer),
}

/// Records dispatches and copies, and submits them.
#[derive(Debug)]
pub struct Recorder {
    device: wgpu::Device,
    /// Activities are stored in half precision.
    pub(super) half: bool,
    queue: wgpu::Queue,
    failure: Failure,
    allocator: Rc<Allocator>,
    pipelines: HashMap<Kernel, Pipeline>,
    /// Kernels that are being compiled and nobody waits for yet.
    compiling: Vec<(Kernel, Compiling)>,
    /// Kernels that are not yet compiled.
    missing: usize,
    bind_groups: HashMap<BindGroupKey, wgpu::BindGroup>,
    recorded: Portion,
    /// What was to be submitted while kernels were missing.
    waiting: Vec<Portion>,
    arena: Allocation,
    staging: Vec<Allocation>,
    pub(super) dispatches: u64,
    pub(super) profile: Option<Profile>,
    pub(super) pacing: Pacing,
}

impl Recorder {
    /// Nothing recorded yet, on a device where activities are stored in half precision or not.
    ///
    /// # Errors
    /// If there is no room for the arena.
    pub fn new(
        (device, half): (wgpu::Device, bool),
        queue: wgpu::Queue,
        failure: Failure,
        allocator: Rc<Allocator>,
    ) -> Result<Self> {
        let usage = wgpu::BufferUsages::UNIFORM
            | wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        let arena = allocator.buffer("parameters", ARENA as u64, usage)?;
        Ok(Self {
            device,
            half,
            queue,
            failure,
            allocator,
            pipelines: HashMap::new(),
            compiling: vec![],
            missing: 0,
            bind_groups: HashMap::new(),
            recorded: Portion::default(),
            waiting: vec![],
            arena,
            staging: vec![],
            dispatches: 0,
            profile: None,
            pacing: Pacing::default(),
        })
    }

    /// Makes sure that `bytes` can be staged without a submission in between.
    fn reserve(&mut self, bytes: usize) {
        // Each piece may be moved up to its alignment.
        if self.recorded.staged.len() + bytes + 4 * parameters::ALIGNMENT > ARENA {
            self.submit();
        }
    }

    /// Puts `bytes` (a multiple of 4) into the arena; returns where.
    fn stage(&mut self, bytes: &[u8], alignment: usize) -> u64 {
        let staged = &mut self.recorded.staged;
        let at = staged.len().next_multiple_of(alignment);
        debug_assert!(at + bytes.len() <= ARENA, "reserved before");
        staged.resize(at, 0);
        staged.extend_from_slice(bytes);
        at as u64
    }

    /// Records one dispatch of `kernel`; `None` among `buffers` stands for the arena.
    pub fn dispatch(
        &mut self,
        kernel: Kernel,
        parameters: &Parameters,
        buffers: &[Option<&Allocation>],
        groups: [u32; 3],
    ) {
        self.dispatch_with(kernel, &[], |_| *parameters, buffers, groups);
    }

    /// Records one dispatch of `kernel`, which reads `payload` out of the arena: `parameters` is told where it lies. Both travel
    /// in one portion, for they are reserved together: what was staged for one portion would be overwritten by the next.
    pub fn dispatch_with(
        &mut self,
        kernel: Kernel,
        payload: &[u8],
        parameters: impl FnOnce(u64) -> Parameters,
        buffers: &[Option<&Allocation>],
        groups: [u32; 3],
    ) {
        debug_assert!(groups.iter().all(|&n| n <= wgpu::Limits::default().max_compute_workgroups_per_dimension));
        self.reserve(payload.len() + parameters::ALIGNMENT);
        let at = self.stage(payload, 4);
        let offset = self.stage(bytemuck::bytes_of(&parameters(at)), parameters::ALIGNMENT);
        let mut key = [u64::MAX; BINDINGS];
        for (id, buffer) in key.iter_mut().zip(buffers) {
            *id = buffer.unwrap_or(&self.arena).id;
        }
        let key = (kernel, key);
        if !self.pipelines.contains_key(&kernel) {
            let (pipeline, compiling) = compiling::begin(kernel, (&self.device, self.half));
            self.pipelines.insert(kernel, pipeline);
            self.missing += usize::from(compiling.is_some());
            self.compiling.extend(compiling.map(|compiling| (kernel, compiling)));
        }
        let group = self.bind_groups.entry(key);
        let group = group.or_insert_with(|| bind(&self.device, &self.pipelines[&kernel], &self.arena, buffers)).clone();
        let timed = self.profile.as_mut().and_then(|profile| profile.next(kernel));
        self.recorded.commands.push(Command::Dispatch { kernel, group, offset: offset as u32, groups, timed });
        self.dispatches += 1;
    }

    /// Replaces the bytes of `target` from `offset` on, after everything recorded before.
    pub fn write(&mut self, target: &Allocation, offset: u64, bytes: &[u8]) {
        if bytes.len() <= SMALL_WRITE {
            self.reserve(bytes.len());
            let from = self.stage(bytes, 4);
            let (arena, target) = (self.arena.buffer.clone(), target.buffer.clone());
            self.recorded.commands.push(Command::Copy(arena, from, target, offset, bytes.len() as u64));
            return;
        }
        if self.missing > 0 {
            self.recorded.write = Some((target.buffer.clone(), offset, bytes.to_vec()));
        }
        self.submit();
        if self.missing == 0 {
            self.queue.write_buffer(&target.buffer, offset, bytes);
        }
    }

    /// A training step was recorded: submits if there are enough of them.
    pub fn step(&mut self) {
        if self.pacing.step() {
            self.submit();
        }
    }

    /// Sends everything recorded to the device, and frees what was dropped; the submission, if there was something to send and no
    /// kernel is missing.
    pub fn submit(&mut self) -> Option<wgpu::SubmissionIndex> {
        self.waiting.push(std::mem::take(&mut self.recorded));
        if self.missing > 0 {
            return None;
        }
        let mut submission = None;
        for portion in std::mem::take(&mut self.waiting) {
            submission = self.send(portion);
        }
        let Self { allocator, bind_groups, .. } = self;
        allocator.free(|id| bind_groups.retain(|(_, ids), _| !ids.contains(&id)));
        submission
    }

    fn send(&mut self, portion: Portion) -> Option<wgpu::SubmissionIndex> {
        let Portion { commands, staged, write, map } = portion;
        if !staged.is_empty() {
            self.queue.write_buffer(&self.arena.buffer, 0, &staged);
        }
        let submission = (!commands.is_empty()).then(|| {
            let index = self.queue.submit([self.encode(commands)]);
            self.pacing.submitted(&self.device, &self.queue, &index);
            index
        });
        if let Some((target, offset, bytes)) = write {
            self.queue.write_buffer(&target, offset, &bytes);
        }
        if let Some((staging, bytes, mapped)) = map {
            staging.map_async(wgpu::MapMode::Read, 0..bytes, move |result| mapped.send(result.is_ok()));
        }
        submission
    }

    fn encode(&self, commands: Vec<Command>) -> wgpu::CommandBuffer {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass: Option<wgpu::ComputePass<'static>> = None;
        for command in commands {
            // Timestamps are of passes, so that each dispatch which is timed has one of its own.
            if !matches!(command, Command::Dispatch { timed: None, .. }) {
                pass = None;
            }
            match command {
                Command::Dispatch { kernel, group, offset, groups: [x, y, z], timed } => {
                    let timestamp_writes = timed.as_ref().map(|(set, at)| wgpu::ComputePassTimestampWrites {
                        query_set: set,
                        beginning_of_pass_write_index: Some(*at),
                        end_of_pass_write_index: Some(at + 1),
                    });
                    let within = pass.get_or_insert_with(|| {
                        let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes };
                        encoder.begin_compute_pass(&descriptor).forget_lifetime()
                    });
                    within.set_pipeline(&self.pipelines[&kernel].compute);
                    within.set_bind_group(0, &group, &[offset]);
                    within.dispatch_workgroups(x, y, z);
                    if timed.is_some() {
                        pass = None;
                    }
                }
                Command::Copy(from, at, to, offset, bytes) => {
                    encoder.copy_buffer_to_buffer(&from, at, &to, offset, bytes);
                }
                Command::Resolve(set, count, to) => encoder.resolve_query_set(&set, 0..count, &to, 0),
            }
        }
        drop(pass);
        encoder.finish()
    }

    /// Waits for kernels that are missing, and sends what was to be submitted meanwhile.
    pub async fn ready(recorder: &RefCell<Self>) {
        loop {
            let next = recorder.borrow_mut().compiling.pop();
            let Some((kernel, compiling)) = next else { return };
            let (device, half) = (recorder.borrow().device.clone(), recorder.borrow().half);
            let pipeline = compiling::finish(kernel, (&device, half), compiling).await;
            let mut recorder = recorder.borrow_mut();
            recorder.pipelines.insert(kernel, pipeline);
            recorder.missing -= 1;
            if recorder.missing == 0 {
                recorder.submit();
            }
        }
    }

    /// Gives the device back.
    pub fn end(&mut self) {
        compiling::end(self.device.clone(), &self.queue, std::mem::take(&mut self.compiling));
    }

    /// Records the copies of `sources` (with their sizes) for reading back, and submits.
    ///
    /// # Errors
    /// If the device was lost or has no memory left.
    pub fn read(&mut self, sources: &[(&Allocation, u64)]) -> Result<Reading> {
        self.failure.check()?;
        let total: u64 = sources.iter().map(|(_, bytes)| bytes).sum();
        let fits = |staging: &Allocation| (total..=8 * total.max(4096)).contains(&staging.buffer.size());
        let staging = if let Some(i) = self.staging.iter().position(fits) {
            self.staging.swap_remove(i)
        } else {
            let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
            self.allocator.buffer("read back", total.next_power_of_two(), usage)?
        };
        let mut at = 0;
        let mut ranges = vec![];
        for (source, bytes) in sources {
            let (from, to) = (source.buffer.clone(), staging.buffer.clone());
            self.recorded.commands.push(Command::Copy(from, 0, to, at, *bytes));
            ranges.push(at as usize..(at + bytes) as usize);
            at += bytes;
        }
        let mapped = Signal::new();
        self.recorded.map = Some((staging.buffer.clone(), total, mapped.handle()));
        let submission = self.submit();
        Ok(Reading { staging, mapped, submission, ranges, total })
    }

    /// Begins to read the first `count` timestamps of `set`, by way of `resolved`; and how many nanoseconds they count in.
    ///
    /// # Errors
    /// As [`Recorder::read`].
    pub fn resolve(&mut self, set: &wgpu::QuerySet, count: u32, resolved: &Allocation) -> Result<(Reading, f32)> {
        self.recorded.commands.push(Command::Resolve(set.clone(), count, resolved.buffer.clone()));
        let reading = self.read(&[(resolved, 8 * u64::from(count))])?;
        Ok((reading, self.queue.get_timestamp_period()))
    }

    /// Takes back a read-back buffer.
    pub fn keep(&mut self, staging: Allocation) {
        self.staging.push(staging);
        if self.staging.len() > STAGING_KEPT {
            self.staging.remove(0);
        }
    }
}

/// Values being copied back.
#[derive(Debug)]
pub struct Reading {
    /// Where they will be.
    pub staging: Allocation,
    /// Whether they could be mapped.
    pub mapped: Signal<bool>,
    /// After which they will be there, where it is known.
    pub submission: Option<wgpu::SubmissionIndex>,
    ranges: Vec<std::ops::Range<usize>>,
    total: u64,
}

impl Reading {
    /// The values of each source, once mapped; `None` if the device will not show them.
    pub fn values(&self) -> Option<Vec<Vec<u32>>> {
        let values = {
            let view = self.staging.buffer.get_mapped_range(0..self.total).ok()?;
            self.ranges.iter().map(|r| bytemuck::pod_collect_to_vec(&view[r.clone()])).collect()
        };
        self.staging.buffer.unmap();
        Some(values)
    }
}

fn bind(
    device: &wgpu::Device,
    pipeline: &Pipeline,
    arena: &Allocation,
    buffers: &[Option<&Allocation>],
) -> wgpu::BindGroup {
    let parameters = wgpu::BindGroupEntry {
        binding: 0,
        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &arena.buffer,
            offset: 0,
            size: wgpu::BufferSize::new(parameters::SIZE),
        }),
    };
    let storage = buffers.iter().zip(1..).map(|(buffer, binding)| wgpu::BindGroupEntry {
        binding,
        resource: buffer.unwrap_or(arena).buffer.as_entire_binding(),
    });
    let entries: Vec<_> = std::iter::once(parameters).chain(storage).collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(&pipeline.name),
        layout: &pipeline.layout,
        entries: &entries,
    })
}
