//! How the products are cut into pieces.

use super::memory::PART;

/// How a product's output is divided among invocations: see the heads of `forward.wgsl` and `update.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tiling {
    /// Invocations of a workgroup along the columns.
    pub x: u32,
    /// … and along the rows; 1 where they share their rows.
    pub y: u32,
    /// … and for the same outputs, each for a part of the inner dimension.
    pub slices: u32,
    /// Rows of the output an invocation computes.
    pub rows: u32,
    /// Vectors of four columns it computes.
    pub vectors: u32,
    /// Vectors of the inner dimension that a slice of `forward` multiplies out of workgroup memory at once, a quarter of the rows that
    /// one of `update` does; 0: none.
    pub depth: u32,
}

impl Tiling {
    /// For adapters that imitate a GPU on the CPU. What costs there is each load, of which a large tile in registers has fewest for
    /// each product, and each barrier; sharing through workgroup memory gains nothing. More than twenty rows are no faster, and are
    /// compiled longer.
    pub const SOFTWARE: Self = Self { x: 8, y: 1, slices: 1, rows: 20, vectors: 4, depth: 0 };
    /// For hardware: 32×32 outputs, so that there are workgroups for many cores.
    pub const HARDWARE: Self = Self::hardware(1);
    /// … 64×64, where there are enough outputs, with half as many loads for each product.
    pub const HARDWARE_LARGE: Self = Self::hardware(2);
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SOFTWARE, Self::HARDWARE, Self::HARDWARE_LARGE];

    /// A square tile of 32 rows for each of `vectors`, by two slices of 64 invocations, each of which copies one vector of either
    /// operand: 4 KB at a time, so that several groups fit a core. Reasoned, and compiled for a card, but not measured on one.
    const fn hardware(vectors: u32) -> Self {
        Self { x: 8, y: 8, slices: 2, rows: 4 * vectors, vectors, depth: 2 / vectors }
    }

    /// For a product of `rows × columns` outputs on an adapter that is a `fallback`, or hardware.
    pub fn of(fallback: bool, rows: usize, columns: usize) -> Self {
        match rows * columns {
            _ if fallback => Self::SOFTWARE,
            0..0x18_0000 => Self::HARDWARE,
            _ => Self::HARDWARE_LARGE,
        }
    }

    /// Workgroups that cover `rows` by `columns` (vectors): along the columns and along the rows.
    pub fn workgroups(self, rows: u32, columns: u32) -> [u32; 3] {
        [columns.div_ceil(self.x * self.vectors), rows.div_ceil(self.y * self.rows), 1]
    }

    /// How many of the parts (of 32 columns) of a row's sum of squares the columns of a workgroup of `forward` are.
    pub fn parts(self) -> u32 {
        4 * self.x * self.vectors / PART as u32
    }
}
