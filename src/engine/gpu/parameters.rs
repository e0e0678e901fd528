//! What one dispatch is told, declared once for Rust and for the kernels.

use bytemuck::{Pod, Zeroable};

/// Makes the struct of both languages: its numbers, four bytes each, lie one after another in either.
macro_rules! parameters {
    ($($name:ident: $number:ident,)*) => {
        /// What one dispatch is told; fields left at zero are not read.
        #[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
        #[repr(C)]
        #[allow(missing_docs, reason = "said where they are declared, of several at once")]
        pub struct Parameters {
            $(pub $name: $number,)*
        }

        /// The same in WGSL.
        pub const WGSL: &str =
            concat!("struct Parameters {\n", $(stringify!($name), ": ", stringify!($number), ",\n",)* "}\n");
    };
}

parameters! {
    // Rows worked on, and the first of them.
    rows: u32,
    first_row: u32,
    // Vectors a row of the input, and of the output or the activities.
    inner: u32,
    columns: u32,
    // Values a row of the input (what its rms is taken over), and of the activities.
    width: u32,
    units: u32,
    // Pictures of a batch, and the first rows of its positive and negative blocks.
    batch: u32,
    positive: u32,
    negative: u32,
    // Rows show pictures first_picture … first_picture + pictures − 1 in turn.
    first_picture: u32,
    pictures: u32,
    // Vectors a row of the sums of squares that are written, and of those that are read: each row's sum is kept in parts, for
    // whoever needs it to add up. Parts that nothing was added to are zero.
    groups: u32,
    parts: u32,
    // Of a data set's image; picks_at is where the picks lie, in words.
    image_width: u32,
    image_height: u32,
    channels: u32,
    picks_at: u32,
    seed: u32,
    step: u32,
    // 1: add to what the output holds.
    accumulate: u32,
    rate: f32,
    momentum: f32,
    weight_cost: f32,
    threshold: f32,
    temperature: f32,
    peer: f32,
    // How many of a row's first inputs carry its label: one for each class, or none; how many of them come before the picture; and
    // what they hold under the neutral label.
    label_pixels: u32,
    front: u32,
    neutral: f32,
    // 1: a row is read by its direction, 0: as it is.
    normalised: u32,
    // Blocks of units with a goodness of their own, the sign of the rule, and 1 where its units are tanh and where its
    // goodness is Σ h.
    blocks: u32,
    sign: f32,
    tanh: u32,
    sums: u32,
    // Recurrent: share of the old state, and what a label on top is.
    damping: f32,
    strength: f32,
    // Which box, see transform.wgsl; how often a mask is blurred.
    kind: u32,
    blurs: u32,
    // Positions of a window each way, where units see windows.
    window: u32,
    // Layers that the softmax head reads, and the first of those that are worked on; 1: wrong labels are drawn, and errors found.
    voters: u32,
    voter: u32,
    proposes: u32,
    blames: u32,
}

/// Bytes of [`Parameters`].
pub const SIZE: u64 = size_of::<Parameters>() as u64;

/// Where [`Parameters`] may lie in a buffer: WebGPU's default `minUniformBufferOffsetAlignment`.
pub const ALIGNMENT: usize = 256;
