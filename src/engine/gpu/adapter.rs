//! Finding an adapter and opening it.

use super::failure::Failure;
use super::memory::Allocator;
use super::recorder::Recorder;
use super::{Gpu, Scratch};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::JsCast;

/// Which adapter to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// The fastest there is, even one that only imitates a GPU on the CPU.
    Any,
    /// As `Any`, with activities and pixels stored in half precision.
    Half,
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
    fn new(info: &wgpu::AdapterInfo, device: &wgpu::Device) -> Self {
        let backend = match info.backend {
            wgpu::Backend::BrowserWebGpu => "WebGPU".to_owned(),
            other => format!("{other:?}"),
        };
        let (name, imitates) = browser_info(device).unwrap_or_else(|| (info.name.clone(), false));
        // Software that wgpu or the browser does not call so.
        let lower = name.to_ascii_lowercase();
        let software = ["swiftshader", "llvmpipe", "lavapipe", "basic render"].iter().any(|s| lower.contains(s));
        Self {
            name: if name.is_empty() { format!("a {backend} adapter") } else { name },
            backend,
            fallback: info.device_type == wgpu::DeviceType::Cpu || software || imitates,
        }
    }
}

/// What the browser says of the adapter, none of which wgpu hands on: vendor and architecture, more rarely its name, and nothing
/// where it keeps them to itself; and whether it is a `isFallbackAdapter`.
#[cfg(target_arch = "wasm32")]
fn browser_info(device: &wgpu::Device) -> Option<(String, bool)> {
    let get = |of: &js_sys::Object, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
    let device: &wasm_bindgen::JsValue = device.as_webgpu()?.as_ref();
    let info: js_sys::Object = get(device.unchecked_ref(), "adapterInfo")?.dyn_into().ok()?;
    let words =
        ["vendor", "architecture", "description"].map(|name| get(&info, name).and_then(|word| word.as_string()));
    let words: Vec<String> = words.into_iter().flatten().filter(|word| !word.is_empty()).collect();
    let fallback = get(&info, "isFallbackAdapter").is_some_and(|answer| answer.is_truthy());
    Some((words.join(" "), fallback))
}

/// Natively wgpu knows everything.
#[cfg(not(target_arch = "wasm32"))]
fn browser_info(_: &wgpu::Device) -> Option<(String, bool)> {
    None
}

impl Gpu {
    /// Opens an adapter.
    ///
    /// # Errors
    /// [`Error::Gpu`] if there is no adapter, none that was preferred, or it cannot do what WebGPU asks at least.
    pub async fn open(preference: Preference) -> Result<Self> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(descriptor);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await.map_err(|error| {
            let found = if cfg!(target_arch = "wasm32") {
                // What wgpu says is a list of its own words, of no use to a visitor.
                "no WebGPU adapter is offered by this browser".to_owned()
            } else {
                format!("no Vulkan, Metal or Direct3D 12 adapter was found ({error})")
            };
            Error::Gpu { problem: format!("{found}; use the CPU engine") }
        })?;
        let info = adapter.get_info();
        // WebGPU's default limits are enough for every kernel; larger buffers hold larger networks and data sets.
        let offered = adapter.limits();
        let required_limits = wgpu::Limits {
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            max_buffer_size: offered.max_buffer_size,
            ..wgpu::Limits::default()
        };
        let required_features = adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
        let descriptor = wgpu::DeviceDescriptor { required_features, required_limits, ..Default::default() };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|error| Error::Gpu {
            problem: format!("the adapter {} could not be opened ({error}); use the CPU engine", info.name),
        })?;
        let report = AdapterReport::new(&info, &device);
        if preference == Preference::Hardware && report.fallback {
            return Err(Error::Gpu {
                problem: format!("{} only imitates a GPU on the CPU; the CPU engine is faster", report.name),
            });
        }
        let failure = Failure::watch(&report.name, &device);
        let allocator = Allocator::new(device.clone(), failure.clone());
        let half = preference == Preference::Half;
        let recorder = Recorder::new((device.clone(), half), queue, failure.clone(), Rc::clone(&allocator))?;
        let mut scratch = HashMap::new();
        for what in [Scratch::Errors, Scratch::Rows] {
            scratch.insert(what, Rc::new(allocator.storage("intermediate values", 1 << 12)?));
        }
        Ok(Self {
            report,
            device,
            failure,
            allocator,
            recorder: RefCell::new(recorder),
            scratch: RefCell::new(scratch),
            only: Cell::new(None),
            waits: Cell::new(0),
        })
    }
}
