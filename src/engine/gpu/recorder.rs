//! Commands on their way to the device: recorded at once, submitted many together.

use super::failure::Failure;
use super::kernel::{Kernel, Pipeline};
use super::memory::{Allocation, Allocator};
use super::pacing::Pacing;
use super::parameters::{self, Parameters};
use super::profile::Profile;
use super::signal::Signal;
use crate::error::Result;
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

/// Records dispatches and copies, and submits them.
#[derive(Debug)]
pub struct Recorder {
    device: wgpu::Device,
    queue: wgpu::Queue,
    failure: Failure,
    allocator: Rc<Allocator>,
    pipelines: HashMap<Kernel, Pipeline>,
    bind_groups: HashMap<BindGroupKey, wgpu::BindGroup>,
    // Before the encoder, because a pass must end before its encoder does.
    pass: Option<wgpu::ComputePass<'static>>,
    encoder: Option<wgpu::CommandEncoder>,
    /// What the dispatches and copies recorded so far read from the arena; written there with the submission.
    staged: Vec<u8>,
    arena: Allocation,
    staging: Vec<Allocation>,
    pub(super) dispatches: u64,
    pub(super) profile: Option<Profile>,
    pub(super) pacing: Pacing,
}

impl Recorder {
    /// Nothing recorded yet.
    ///
    /// # Errors
    /// If there is no room for the arena.
    pub fn new(device: wgpu::Device, queue: wgpu::Queue, failure: Failure, allocator: Rc<Allocator>) -> Result<Self> {
        let usage = wgpu::BufferUsages::UNIFORM
            | wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        let arena = allocator.buffer("parameters", ARENA as u64, usage)?;
        Ok(Self {
            device,
            queue,
            failure,
            allocator,
            pipelines: HashMap::new(),
            bind_groups: HashMap::new(),
            pass: None,
            encoder: None,
            staged: vec![],
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
        if self.staged.len() + bytes + 4 * parameters::ALIGNMENT > ARENA {
            self.submit();
        }
    }

    /// Puts `bytes` (a multiple of 4) into the arena; returns where.
    fn stage(&mut self, bytes: &[u8], alignment: usize) -> u64 {
        let at = self.staged.len().next_multiple_of(alignment);
        debug_assert!(at + bytes.len() <= ARENA, "reserved before");
        self.staged.resize(at, 0);
        self.staged.extend_from_slice(bytes);
        at as u64
    }

    fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        self.encoder
            .get_or_insert_with(|| self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default()))
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
        let pipeline = self.pipelines.entry(kernel).or_insert_with(|| kernel.compile(&self.device));
        if !self.bind_groups.contains_key(&key) {
            let group = bind(&self.device, pipeline, &self.arena, buffers);
            self.bind_groups.insert(key, group);
        }
        let mut profile = self.profile.take();
        // Timestamps are of passes, so that each dispatch which is timed has one of its own.
        let timestamp_writes = profile.as_mut().and_then(|profile| profile.next(kernel));
        let timed = timestamp_writes.is_some();
        if timed {
            self.pass = None;
        }
        if self.pass.is_none() {
            let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes };
            self.pass = Some(self.encoder().begin_compute_pass(&descriptor).forget_lifetime());
        }
        self.profile = profile;
        let pass = self.pass.as_mut().expect("begun above");
        pass.set_pipeline(&self.pipelines[&kernel].compute);
        pass.set_bind_group(0, &self.bind_groups[&key], &[offset as u32]);
        pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
        self.dispatches += 1;
        if timed {
            self.pass = None;
        }
    }

    /// Replaces the bytes of `target` from `offset` on, after everything recorded before.
    pub fn write(&mut self, target: &Allocation, offset: u64, bytes: &[u8]) {
        if bytes.len() <= SMALL_WRITE {
            self.reserve(bytes.len());
            let from = self.stage(bytes, 4);
            self.pass = None;
            let arena = self.arena.buffer.clone();
            self.encoder().copy_buffer_to_buffer(&arena, from, &target.buffer, offset, bytes.len() as u64);
        } else {
            self.submit();
            self.queue.write_buffer(&target.buffer, offset, bytes);
        }
    }

    /// A training step was recorded: submits if there are enough of them.
    pub fn step(&mut self) {
        if self.pacing.step() {
            self.submit();
        }
    }

    /// Sends everything recorded to the device, and frees what was dropped; the submission, if there was something to send.
    pub fn submit(&mut self) -> Option<wgpu::SubmissionIndex> {
        self.pass = None;
        let mut submission = None;
        if let Some(encoder) = self.encoder.take() {
            if !self.staged.is_empty() {
                self.queue.write_buffer(&self.arena.buffer, 0, &self.staged);
                self.staged.clear();
            }
            let index = self.queue.submit([encoder.finish()]);
            self.pacing.submitted(&self.device, &self.queue, &index);
            submission = Some(index);
        }
        let Self { allocator, bind_groups, .. } = self;
        allocator.free(|id| bind_groups.retain(|(_, ids), _| !ids.contains(&id)));
        submission
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
        self.pass = None;
        let mut at = 0;
        let mut ranges = vec![];
        for (source, bytes) in sources {
            self.encoder().copy_buffer_to_buffer(&source.buffer, 0, &staging.buffer, at, *bytes);
            ranges.push(at as usize..(at + bytes) as usize);
            at += bytes;
        }
        let submission = self.submit().expect("a copy was recorded");
        let mapped = Signal::new();
        let handle = mapped.handle();
        staging.buffer.map_async(wgpu::MapMode::Read, 0..total, move |result| handle.send(result.is_ok()));
        Ok(Reading { staging, mapped, submission, ranges, total })
    }

    /// Begins to read the first `count` timestamps of `set`, by way of `resolved`; and how many nanoseconds they count in.
    ///
    /// # Errors
    /// As [`Recorder::read`].
    pub fn resolve(&mut self, set: &wgpu::QuerySet, count: u32, resolved: &Allocation) -> Result<(Reading, f32)> {
        self.pass = None;
        self.encoder().resolve_query_set(set, 0..count, &resolved.buffer, 0);
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
    /// After which they will be there.
    pub submission: wgpu::SubmissionIndex,
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
