//! What a graphics card's compiler makes of the kernels, without the card: Mesa's driver for AMD cards (RADV) compiles for one that is
//! not there, a Radeon of the second RDNA generation, and tells registers and instructions.
//!
//! `cargo test --test card -- --nocapture` prints the table in `docs/gpu.md`.

#![cfg(target_os = "linux")]

use ash::vk;
use forward_forward::engine::gpu::listing;
use std::collections::HashMap;
use std::ffi::CStr;

/// The card, by the name that the driver's developers use.
const CARD: &str = "navi21";

/// A kernel as compiled.
struct Compiled {
    /// What the driver counts, by its words for it.
    counts: HashMap<String, u64>,
    /// Instructions, one a line, with labels between them.
    assembly: String,
}

/// A driver for a card that is not there.
struct Driver {
    // What the others' functions lie in.
    _entry: ash::Entry,
    _instance: ash::Instance,
    device: ash::Device,
    tells: ash::khr::pipeline_executable_properties::Device,
}

impl Driver {
    /// Opens it; without it this panics with a sentence, or returns nothing where `FF_WITHOUT_GPU=1` leaves such tests out.
    fn open() -> Option<Self> {
        // SAFETY: the only test of this program, which has started nothing else.
        unsafe { std::env::set_var("RADV_FORCE_FAMILY", CARD) };
        let is_set = |name| std::env::var(name).is_ok_and(|value| value == "1");
        match Self::find() {
            Ok(driver) => Some(driver),
            Err(problem) if is_set("FF_WITHOUT_GPU") && !is_set("REQUIRE_GPU") => {
                eprintln!("LEFT OUT, as FF_WITHOUT_GPU=1 asks: {problem}");
                None
            }
            Err(problem) => panic!(
                "{problem}. This test needs Mesa's RADV (Debian: mesa-vulkan-drivers), but no card. FF_WITHOUT_GPU=1 leaves it out"
            ),
        }
    }

    fn find() -> Result<Self, Box<dyn std::error::Error>> {
        // SAFETY: structures are filled in as Vulkan asks, live as long as each call, and nothing is destroyed before the program ends.
        unsafe {
            let entry = ash::Entry::load()?;
            let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
            let instance =
                entry.create_instance(&vk::InstanceCreateInfo::default().application_info(&application), None)?;
            let name = |&card: &vk::PhysicalDevice| {
                let properties = instance.get_physical_device_properties(card);
                words_of(properties.device_name_as_c_str())
            };
            let cards = instance.enumerate_physical_devices()?;
            let found = cards.iter().find(|card| name(card).to_lowercase().contains(CARD));
            let card = *found.ok_or_else(|| format!("no Vulkan driver pretends to a {CARD}"))?;
            let queues = [vk::DeviceQueueCreateInfo::default().queue_family_index(0).queue_priorities(&[1.0])];
            let extensions = [ash::khr::pipeline_executable_properties::NAME.as_ptr()];
            let mut tells =
                vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default().pipeline_executable_info(true);
            let mut memory = vk::PhysicalDeviceVulkan12Features::default().vulkan_memory_model(true);
            let wanted = vk::DeviceCreateInfo::default().queue_create_infos(&queues);
            let wanted = wanted.enabled_extension_names(&extensions).push_next(&mut tells).push_next(&mut memory);
            let device = instance.create_device(card, &wanted, None)?;
            let tells = ash::khr::pipeline_executable_properties::Device::new(&instance, &device);
            Ok(Self { _entry: entry, _instance: instance, device, tells })
        }
    }

    /// Compiles WGSL as wgpu does: through naga, with every index checked.
    fn compile(&self, wgsl: &str) -> Compiled {
        use naga::back::spv;
        use naga::proc::BoundsCheckPolicy::Restrict;
        let module = naga::front::wgsl::parse_str(wgsl).expect("valid: see the test beside the kernels");
        let all = (naga::valid::ValidationFlags::all(), naga::valid::Capabilities::all());
        let info = naga::valid::Validator::new(all.0, all.1).validate(&module).expect("valid");
        let mut options = spv::Options {
            zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
            ..spv::Options::default()
        };
        (options.bounds_check_policies.index, options.bounds_check_policies.buffer) = (Restrict, Restrict);
        let words = spv::write_vec(&module, &info, &options, None).expect("naga writes what it has checked");
        let bindings = module.global_variables.iter().filter_map(|(_, variable)| {
            let kind = match variable.space {
                naga::AddressSpace::Uniform => vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC,
                _ => vk::DescriptorType::STORAGE_BUFFER,
            };
            let binding = vk::DescriptorSetLayoutBinding::default().binding(variable.binding.as_ref()?.binding);
            Some(binding.descriptor_type(kind).descriptor_count(1).stage_flags(vk::ShaderStageFlags::COMPUTE))
        });
        let bindings: Vec<_> = bindings.collect();
        // SAFETY: as above.
        unsafe {
            let device = &self.device;
            let shader = vk::ShaderModuleCreateInfo::default().code(&words);
            let shader = device.create_shader_module(&shader, None).expect("a shader module");
            let set = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
            let sets = [device.create_descriptor_set_layout(&set, None).expect("a layout")];
            let layout = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets);
            let layout = device.create_pipeline_layout(&layout, None).expect("a layout");
            let stage = vk::PipelineShaderStageCreateInfo::default().module(shader).name(c"main");
            let wanted = vk::ComputePipelineCreateInfo::default()
                .stage(stage.stage(vk::ShaderStageFlags::COMPUTE))
                .layout(layout)
                .flags(
                    vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
                        | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR,
                );
            let made = device.create_compute_pipelines(vk::PipelineCache::null(), &[wanted], None);
            let of = vk::PipelineExecutableInfoKHR::default().pipeline(made.expect("a pipeline")[0]);
            let counts = self.tells.get_pipeline_executable_statistics(&of).expect("what was counted");
            let counts = counts.iter().map(|count| (words_of(count.name_as_c_str()), count.value.u64)).collect();
            Compiled { counts, assembly: self.assembly(&of) }
        }
    }

    /// # Safety
    /// `of` is a pipeline that was asked to keep it.
    unsafe fn assembly(&self, of: &vk::PipelineExecutableInfoKHR) -> String {
        let ask = self.tells.fp().get_pipeline_executable_internal_representations_khr;
        // SAFETY: asked for how many there are, then for how long each is, and then for their text.
        unsafe {
            let mut count = 0;
            let told = ask(self.device.handle(), of, &raw mut count, std::ptr::null_mut());
            told.result().expect("how many representations there are");
            let mut found = vec![vk::PipelineExecutableInternalRepresentationKHR::default(); count as usize];
            let told = ask(self.device.handle(), of, &raw mut count, found.as_mut_ptr());
            told.result().expect("how long they are");
            let mut texts: Vec<Vec<u8>> = found.iter().map(|one| vec![0; one.data_size]).collect();
            for (one, text) in found.iter_mut().zip(&mut texts) {
                one.p_data = text.as_mut_ptr().cast();
            }
            let told = ask(self.device.handle(), of, &raw mut count, found.as_mut_ptr());
            told.result().expect("the representations");
            let at = found
                .iter()
                .position(|one| words_of(one.name_as_c_str()) == "Assembly")
                .expect("RADV tells the assembly");
            CStr::from_bytes_until_nul(&texts[at]).expect("a string that ends").to_string_lossy().into_owned()
        }
    }
}

/// A string as Vulkan has them.
fn words_of(name: Result<&CStr, std::ffi::FromBytesUntilNulError>) -> String {
    name.expect("a string that ends").to_string_lossy().into_owned()
}

impl Compiled {
    fn count(&self, name: &str) -> u64 {
        *self.counts.get(name).unwrap_or_else(|| panic!("RADV counts no {name:?}: {:?}", self.counts.keys()))
    }

    /// The most loads that are under way before one is waited for.
    fn loads_at_once(&self) -> usize {
        let (mut most, mut here) = (0, 0);
        for line in self.assembly.lines().map(str::trim) {
            if line.starts_with("s_waitcnt vmcnt") || line.starts_with("BB") {
                here = 0;
            }
            here += usize::from(line.contains("buffer_load"));
            most = most.max(here);
        }
        most
    }

    /// Of the loops that hold no other, the instructions of the one that multiplies most.
    fn inner_loop(&self) -> Vec<&str> {
        let (mut instructions, mut labels) = (vec![], HashMap::new());
        for line in self.assembly.lines().filter_map(|line| line.split(';').next()).map(str::trim) {
            match line.strip_suffix(':') {
                Some(label) => drop(labels.insert(label, instructions.len())),
                None if line.is_empty() => {}
                None => instructions.push(line),
            }
        }
        let branches = instructions.iter().enumerate().filter(|(_, line)| line.contains("branch"));
        let back = branches.filter_map(|(i, line)| Some((*labels.get(line.split_whitespace().last()?)?, i)));
        let loops: Vec<_> = back.filter(|(to, from)| to <= from).collect();
        let inner = loops.iter().filter(|a| !loops.iter().any(|b| a != &b && a.0 <= b.0 && b.1 <= a.1));
        let bodies = inner.map(|&(to, from)| instructions[to..=from].to_vec());
        bodies.max_by_key(|body| body.iter().filter(|line| multiplies(line)).count()).expect("a product has a loop")
    }
}

fn multiplies(instruction: &str) -> bool {
    ["v_fma", "v_mac_f32", "v_pk_fma"].iter().any(|name| instruction.starts_with(name))
}

/// Kernels of so few workgroups, or of so few invocations each, that a core has nothing else to do while they wait for memory, and
/// how many loads they have under way at least.
const WAITING: [(&str, usize); 4] = [
    ("Judge { bias: true", 32),
    ("Judge { bias: false", 8),
    ("Head { parts: 2, classes: 10", 16),
    ("LearnHead { parts: 2, classes: 10", 16),
];

#[test]
fn a_card_keeps_sums_in_registers_and_loads_while_it_multiplies() {
    let Some(driver) = Driver::open() else { return };
    let (mut products, mut waiting) = (0, 0);
    for (name, wgsl) in listing(false).into_iter().chain(listing(true)) {
        // That tiling is not for cards.
        if name.contains("depth: 0") {
            continue;
        }
        let compiled = driver.compile(&wgsl);
        assert_eq!(compiled.count("Spilled VGPRs"), 0, "{name} keeps in memory what belongs into registers");
        if let Some((_, least)) = WAITING.iter().find(|(kernel, _)| name.starts_with(kernel)) {
            waiting += 1;
            let loads = compiled.loads_at_once();
            println!("{name}: {loads} loads under way");
            assert!(loads >= *least, "{name}: {loads} loads under way");
        }
        if !["Forward(", "Connect(", "Update {"].iter().any(|product| name.starts_with(product)) {
            continue;
        }
        products += 1;
        let body = compiled.inner_loop();
        let at = |what: &dyn Fn(&str) -> bool| body.iter().position(|line| what(line)).unwrap_or(usize::MAX);
        let first_product = at(&multiplies);
        let last_product =
            body.iter().take(at(&|line| line == "s_barrier")).rposition(|line| multiplies(line)).unwrap_or_default();
        let vector = body.iter().filter(|line| line.starts_with("v_")).count();
        let sums = body.iter().filter(|line| multiplies(line)).count();
        let from_memory = body.iter().filter(|line| line.starts_with("buffer_load")).count();
        let waits = at(&|line| line.starts_with("s_waitcnt vmcnt"));
        println!(
            "{name}: {} registers, {} waves a SIMD; of {vector} vector instructions a block {sums} multiply and add",
            compiled.count("VGPRs"),
            compiled.count("Subgroups per SIMD"),
        );
        assert!(from_memory > 0 && at(&|line| line.starts_with("buffer_load")) < first_product, "{name}: loads late");
        assert!(waits > last_product, "{name}: waits for the next block before it has multiplied this one");
        assert!(4 * sums > 3 * vector, "{name}: {sums} of {vector} vector instructions multiply and add");
    }
    assert_eq!(waiting, 2 * (2 + 2 + 1), "`judge` in two ways, `head` in two, and `learn_head`, in two precisions");
    assert_eq!(products, 2 * 2 * (2 + 4), "two tilings in two precisions");
}
