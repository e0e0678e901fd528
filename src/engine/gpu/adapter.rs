//! Finding an adapter and opening it.

use super::failure::Failure;
use super::memory::Allocator;
use super::recorder::Recorder;
use super::tiling::Plan;
use super::{Gpu, Scratch, Tuning, tuning};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Which adapter to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// The fastest there is, even one that only imitates a GPU on the CPU.
    Any,
    /// Only hardware.
    Hardware,
}

/// What an adapter says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdapterReport {
    /// Its name; browsers may keep it to themselves.
    pub name: String,
    /// Through what it is driven: `Vulkan`, `Metal`, `Dx12` or `WebGPU`.
    pub backend: String,
    /// Whether it imitates a GPU on the CPU.
    pub fallback: bool,
}

impl AdapterReport {
    fn new(info: &wgpu::AdapterInfo) -> Self {
        let backend = match info.backend {
            wgpu::Backend::BrowserWebGpu => "WebGPU".to_owned(),
            other => format!("{other:?}"),
        };
        // Software that wgpu or the browser does not call so.
        let name = info.name.to_lowercase();
        let software = ["swiftshader", "llvmpipe", "lavapipe", "basic render"].iter().any(|s| name.contains(s));
        Self {
            name: if info.name.is_empty() { format!("a {backend} adapter") } else { info.name.clone() },
            backend,
            fallback: info.device_type == wgpu::DeviceType::Cpu || software,
        }
    }

    /// What a [`Plan`] is kept under.
    pub fn key(&self) -> String {
        format!("{} ({})", self.name, self.backend)
    }
}

impl Gpu {
    /// Opens an adapter, and finds the fastest tilings for it as `tuning` says.
    ///
    /// # Errors
    /// [`Error::Gpu`] if there is no adapter, none that was preferred, or it cannot do what WebGPU asks at least.
    pub async fn open(preference: Preference, tuning: Tuning) -> Result<Self> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|error| {
            let problem =
                format!("no WebGPU, Vulkan, Metal or Direct3D 12 adapter was found ({error}); use the CPU engine");
            Error::Gpu { problem }
        })?;
        let report = AdapterReport::new(&adapter.get_info());
        if preference == Preference::Hardware && report.fallback {
            return Err(Error::Gpu {
                problem: format!("{} only imitates a GPU on the CPU; the CPU engine is faster", report.name),
            });
        }
        // WebGPU's default limits are enough for every kernel; larger buffers hold larger networks and data sets.
        let offered = adapter.limits();
        let required_limits = wgpu::Limits {
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            max_buffer_size: offered.max_buffer_size,
            ..wgpu::Limits::default()
        };
        let descriptor = wgpu::DeviceDescriptor { required_limits, ..Default::default() };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|error| Error::Gpu {
            problem: format!("{} could not be opened ({error}); use the CPU engine", report.name),
        })?;
        let failure = Failure::watch(&report.name, &device);
        let allocator = Allocator::new(device.clone(), failure.clone());
        let recorder = Recorder::new(device.clone(), queue, failure.clone(), Rc::clone(&allocator))?;
        let mut scratch = HashMap::new();
        for what in [Scratch::Partial, Scratch::Factors, Scratch::HeadError] {
            scratch.insert(what, Rc::new(allocator.storage("intermediate values", 1 << 12)?));
        }
        let plan = Plan { adapter: report.key(), choices: vec![] };
        let gpu = Self {
            report,
            device,
            failure,
            allocator,
            recorder: RefCell::new(recorder),
            scratch: RefCell::new(scratch),
            plan: RefCell::new(plan),
        };
        let plan = tuning::plan(&gpu, tuning).await?;
        gpu.plan.replace(plan);
        Ok(gpu)
    }
}
