//! What one dispatch is told: the Rust side of `Parameters` in `shaders/shared.wgsl`.

use bytemuck::{Pod, Zeroable};

/// Field by field what the kernels read; a kernel names those it uses in its head. Fields left at zero are not read.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
#[allow(missing_docs, reason = "documented in shaders/shared.wgsl, and held against it by a test")]
pub struct Parameters {
    pub rows: u32,
    pub first_row: u32,
    pub inner: u32,
    pub columns: u32,
    pub width: u32,
    pub units: u32,
    pub batch: u32,
    pub positive: u32,
    pub negative: u32,
    pub first_picture: u32,
    pub pictures: u32,
    pub groups: u32,
    pub parts: u32,
    pub image_width: u32,
    pub image_height: u32,
    pub channels: u32,
    pub picks_at: u32,
    pub seed: u32,
    pub step: u32,
    pub accumulate: u32,
    pub rate: f32,
    pub momentum: f32,
    pub weight_cost: f32,
    pub threshold: f32,
    pub temperature: f32,
    pub peer: f32,
    pub label_pixels: u32,
    pub normalised: u32,
    pub blocks: u32,
    pub sign: f32,
    pub tanh: u32,
    pub sums: u32,
    pub damping: f32,
    pub strength: f32,
    pub kind: u32,
    pub blurs: u32,
    pub window: u32,
    pub voters: u32,
    pub voter: u32,
    pub proposes: u32,
    pub blames: u32,
}

/// Bytes of [`Parameters`].
pub const SIZE: u64 = size_of::<Parameters>() as u64;

/// Where [`Parameters`] may lie in a buffer: WebGPU's default `minUniformBufferOffsetAlignment`.
pub const ALIGNMENT: usize = 256;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn layout_is_the_shaders() {
        let module = naga::front::wgsl::parse_str(&super::super::source::shared()).expect("shared.wgsl is valid");
        let (_, parameters) = module
            .types
            .iter()
            .find(|(_, t)| t.name.as_deref() == Some("Parameters"))
            .expect("shared.wgsl declares Parameters");
        let naga::TypeInner::Struct { members, span } = &parameters.inner else { panic!("a struct") };
        assert_eq!(u64::from(*span), SIZE);
        // Every field is four bytes, so names in the same order are at the same place.
        let theirs = members.iter().map(|m| {
            assert_eq!(module.types[m.ty].inner.size(module.to_ctx()), 4);
            m.name.clone().expect("a name")
        });
        let ours = Parameters::default();
        let ours = format!("{ours:?}");
        let fields = ours.trim_start_matches("Parameters { ").trim_end_matches(" }").split(", ");
        let ours = fields.map(|field| field.split(':').next().expect("a name").to_owned());
        assert_eq!(theirs.collect::<Vec<_>>(), ours.collect::<Vec<_>>());
    }
}
