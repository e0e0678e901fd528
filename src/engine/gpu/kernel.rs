//! The kernels: which file, which tiling, which bindings.

use super::parameters;
use super::source::{self, Names};
use super::tiling::Tiling;
use crate::dataset::MOST_CLASSES;
use std::borrow::Cow;

/// One compute pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as their files in shaders/")]
pub enum Kernel {
    /// With label codes, or without.
    Gather {
        labelled: bool,
    },
    Forward(Tiling),
    /// `forward.wgsl` as one of several inputs, or as the pictures' product.
    Connect(Tiling),
    ForwardPictures,
    ConnectPictures,
    ConnectLocal,
    /// After one step of the recurrent net, or where units see windows.
    Settle {
        previous: bool,
    },
    Express,
    Mix,
    Transform,
    Measure,
    Delta,
    Backward,
    Mask,
    /// `judge.wgsl`, with the biases' step or without.
    Judge {
        bias: bool,
    },
    /// Where the layer reads pictures (or the activities below), and where δ is written out.
    Update {
        tiling: Tiling,
        pictures: bool,
        given: bool,
    },
    UpdateLocal {
        pictures: bool,
        given: bool,
    },
    BackwardLocal,
    UpdateBias {
        given: bool,
    },
    /// `head.wgsl` of so many layers and classes.
    Head {
        parts: u32,
        classes: u32,
        teaches: bool,
    },
    LearnHead {
        parts: u32,
        classes: u32,
        scaled: bool,
    },
    Tally,
    Peak,
}

impl Kernel {
    /// Its file: forward's for what is made of it, else its name with an underscore before each capital.
    pub fn file(self) -> String {
        if let Self::Connect(tiling) = self {
            return Self::Forward(tiling).file();
        }
        let name = format!("{self:?}");
        let letters = name.chars().take_while(char::is_ascii_alphabetic).enumerate();
        letters.fold(String::new(), |mut file, (i, letter)| {
            if i > 0 && letter.is_ascii_uppercase() {
                file.push('_');
            }
            file.push(letter.to_ascii_lowercase());
            file
        })
    }

    /// The WGSL it is compiled from, with activities stored in `half` precision or not.
    fn source(self, half: bool) -> String {
        let mut names = Names::from([("HALF".to_owned(), u32::from(half))]);
        let mut name = |name: &str, value: u32| {
            names.insert(name.to_owned(), value);
        };
        match self {
            Self::Forward(t) | Self::Connect(t) | Self::Update { tiling: t, .. } => {
                name("X", t.x);
                name("Y", t.y);
                name("ROWS", t.rows);
                name("QUADS", t.rows / 4);
                name("WRITTEN", if t.depth > 0 { t.rows } else { 1 });
                name("VECTORS", t.vectors);
                name("DEPTH", t.depth);
                name("SLICES", t.slices);
                name("SLICED", t.slices - 1);
                name("PARTS", t.parts());
                name("FORWARD", u32::from(matches!(self, Self::Forward(_))));
            }
            Self::Gather { labelled } => name("LABELLED", u32::from(labelled)),
            Self::Settle { previous } => name("PREVIOUS", u32::from(previous)),
            Self::Judge { bias } => name("BIAS", u32::from(bias)),
            Self::UpdateBias { given } => name("GIVEN", u32::from(given)),
            Self::Head { parts, classes, teaches: so } | Self::LearnHead { parts, classes, scaled: so } => {
                name("PARTS", parts);
                name("CLASSES", classes);
                name("VECTORS", classes.div_ceil(4));
                name("AHEAD", if classes <= 16 { 4 } else { 1 });
                name("TEACHES", u32::from(so));
                name("SCALED", u32::from(so));
            }
            Self::Peak => name("SUMS", 8),
            _ => {}
        }
        if let Self::Update { pictures, given, .. } | Self::UpdateLocal { pictures, given } = self {
            name("PICTURES", u32::from(pictures));
            name("GIVEN", u32::from(given));
        }
        source::kernel(source::file(&self.file()), &names)
    }

    /// Compiles it as [`Kernel::source`] for `device`.
    pub fn compile(self, (device, half): Target) -> Pipeline {
        let name = self.file();
        let source = self.source(half);
        let writable = storage_bindings(&source);
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&name),
            source: wgpu::ShaderSource::Wgsl(Cow::Owned(source)),
        });
        let parameters = wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: true,
                min_binding_size: wgpu::BufferSize::new(parameters::SIZE),
            },
            count: None,
        };
        let storage = writable.iter().enumerate().map(|(i, &writable)| wgpu::BindGroupLayoutEntry {
            binding: i as u32 + 1,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only: !writable },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        });
        let entries: Vec<_> = std::iter::once(parameters).chain(storage).collect();
        let layout =
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(&name), entries: &entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(&name),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let compute = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&name),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            // Every kernel writes its workgroup memory before it reads it.
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        Pipeline { name, compute, layout }
    }
}

/// What kernels are compiled for: a device, and whether activities are stored there in half precision.
pub type Target<'a> = (&'a wgpu::Device, bool);

/// A compiled kernel.
#[derive(Debug)]
pub struct Pipeline {
    /// Its file.
    pub name: String,
    /// What is dispatched.
    pub compute: wgpu::ComputePipeline,
    /// What its buffers are bound by.
    pub layout: wgpu::BindGroupLayout,
}

/// For each storage binding of a shader, from binding 1 on, whether it is written.
fn storage_bindings(source: &str) -> Vec<bool> {
    let bound = |number: usize| {
        let begin = format!("@group(0) @binding({number})");
        source.lines().find(|line| line.starts_with(&begin) && line.contains("var<storage"))
    };
    (1..).map_while(bound).map(|line| line.contains("read_write")).collect()
}

/// Every kernel in every tiling, for ten classes and for the most.
fn all() -> Vec<Kernel> {
    let mut kernels = vec![
        Kernel::ForwardPictures,
        Kernel::ConnectPictures,
        Kernel::ConnectLocal,
        Kernel::BackwardLocal,
        Kernel::Express,
        Kernel::Mix,
        Kernel::Transform,
        Kernel::Measure,
        Kernel::Delta,
        Kernel::Backward,
        Kernel::Mask,
        Kernel::Tally,
        Kernel::Peak,
    ];
    for tiling in Tiling::ALL {
        kernels.extend([Kernel::Forward(tiling), Kernel::Connect(tiling)]);
    }
    for so in [false, true] {
        kernels.extend([Kernel::Gather { labelled: so }, Kernel::Judge { bias: so }, Kernel::Settle { previous: so }]);
        kernels.push(Kernel::UpdateBias { given: so });
        for pictures in [false, true] {
            kernels.push(Kernel::UpdateLocal { pictures, given: so });
            kernels.extend(Tiling::ALL.map(|tiling| Kernel::Update { tiling, pictures, given: so }));
        }
    }
    for classes in [10, MOST_CLASSES as u32] {
        for parts in [1, 2] {
            kernels.push(Kernel::LearnHead { parts, classes, scaled: false });
            kernels.extend([false, true].map(|teaches| Kernel::Head { parts, classes, teaches }));
        }
        kernels.push(Kernel::Head { parts: 0, classes, teaches: true });
        kernels.push(Kernel::LearnHead { parts: 1, classes, scaled: true });
    }
    kernels
}

/// What every kernel in every tiling is compiled from, with activities stored in `half` precision or not: its name, and its WGSL.
pub fn listing(half: bool) -> Vec<(String, String)> {
    all().into_iter().map(|kernel| (format!("{kernel:?}"), kernel.source(half))).collect()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_is_valid_within_the_default_limits() {
        for (kernel, half) in all().into_iter().flat_map(|kernel| [(kernel, false), (kernel, true)]) {
            let source = kernel.source(half);
            let module = naga::front::wgsl::parse_str(&source)
                .unwrap_or_else(|e| panic!("{kernel:?}: {}", e.emit_to_string(&source)));
            // Every adapter of WebGPU packs halves into words.
            let packs = naga::valid::Capabilities::SHADER_FLOAT16_IN_FLOAT32;
            let able = if half { packs } else { naga::valid::Capabilities::empty() };
            let mut validator = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), able);
            if let Err(error) = validator.validate(&module) {
                panic!("{kernel:?}: {}", error.emit_to_string(&source));
            }
            let limits = wgpu::Limits::default();
            let bindings = storage_bindings(&source);
            let storage = module.global_variables.iter();
            let storage = storage.filter(|(_, v)| matches!(v.space, naga::AddressSpace::Storage { .. })).count();
            assert_eq!(bindings.len(), storage, "{kernel:?}");
            assert!(storage <= limits.max_storage_buffers_per_shader_stage as usize, "{kernel:?}");
            let shared = module.global_variables.iter();
            let shared = shared.filter(|(_, v)| v.space == naga::AddressSpace::WorkGroup);
            let shared: u32 = shared.map(|(_, v)| module.types[v.ty].inner.size(module.to_ctx())).sum();
            let product = kernel.file() == "forward" || matches!(kernel, Kernel::Update { .. });
            // Two workgroups of a product must fit a core.
            let most = limits.max_compute_workgroup_storage_size / if product { 2 } else { 1 };
            assert!(shared <= most, "{kernel:?}: {shared} bytes of workgroup memory");
            let size = module.entry_points[0].workgroup_size;
            assert!(size.iter().product::<u32>() <= limits.max_compute_invocations_per_workgroup, "{kernel:?}");
        }
    }
}
