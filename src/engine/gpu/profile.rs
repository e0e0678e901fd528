//! Where the time goes: the device's own timestamps around dispatches, on adapters that have them.

use super::Gpu;
use super::kernel::Kernel;
use super::memory::Allocation;
use crate::engine::Spent;
use crate::error::Result;
use crate::order::largest_first;

/// Dispatches that are timed: WebGPU lets a set hold 4,096 timestamps.
const MOST: usize = 2048;

/// Two timestamps a dispatch, and whose they are.
#[derive(Debug)]
pub struct Profile {
    set: wgpu::QuerySet,
    kernels: Vec<Kernel>,
    /// Where the timestamps go before they are read.
    resolved: Allocation,
}

impl Profile {
    /// Where the two timestamps of a dispatch of `kernel` go, while there is room.
    pub fn next(&mut self, kernel: Kernel) -> Option<(wgpu::QuerySet, u32)> {
        let at = 2 * self.kernels.len() as u32;
        if self.kernels.len() == MOST {
            return None;
        }
        self.kernels.push(kernel);
        Some((self.set.clone(), at))
    }
}

impl Gpu {
    /// See [`crate::engine::Engine::watch`].
    pub(super) fn begin_profile(&self) -> Result<bool> {
        if !self.device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Ok(false);
        }
        let (ty, count) = (wgpu::QueryType::Timestamp, 2 * MOST as u32);
        let set = self.device.create_query_set(&wgpu::QuerySetDescriptor { label: Some("profile"), ty, count });
        let usage = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
        let resolved = self.allocator.buffer("timestamps", 8 * u64::from(count), usage)?;
        self.recorder.borrow_mut().profile = Some(Profile { set, kernels: vec![], resolved });
        Ok(true)
    }

    /// See [`crate::engine::Engine::spent`].
    pub(super) async fn profiled(&self) -> Result<Vec<Spent>> {
        let profile = self.recorder.borrow_mut().profile.take();
        // A query that no dispatch has answered must not be asked.
        let Some(Profile { set, kernels, resolved }) = profile.filter(|profile| !profile.kernels.is_empty()) else {
            return Ok(vec![]);
        };
        let (reading, nanoseconds) = self.recorder.borrow_mut().resolve(&set, 2 * kernels.len() as u32, &resolved)?;
        let moments: Vec<[u64; 2]> = bytemuck::pod_collect_to_vec(&self.words(reading).await?[0]);
        let mut spent: Vec<Spent> = vec![];
        for (kernel, [begun, done]) in kernels.iter().zip(moments) {
            let what = kernel.file();
            let known = spent.iter().position(|spent| spent.what == what).unwrap_or_else(|| {
                spent.push(Spent { what, times: 0, milliseconds: 0.0 });
                spent.len() - 1
            });
            spent[known].times += 1;
            // WebGPU promises no order of timestamps: a device may set its clock back.
            spent[known].milliseconds += done.saturating_sub(begun) as f64 * f64::from(nanoseconds) / 1e6;
        }
        let longest_first = largest_first(&spent.iter().map(|spent| spent.milliseconds as f32).collect::<Vec<_>>());
        Ok(longest_first.into_iter().map(|i| spent[i].clone()).collect())
    }
}
