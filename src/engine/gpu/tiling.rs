//! How the products are cut into pieces, and which cut is fastest where.

use super::memory::PART;
use serde::{Deserialize, Serialize};

/// How a product's output is divided among invocations: see the heads of `forward.wgsl` and `update.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tiling {
    /// Invocations of a workgroup along the columns.
    pub x: u32,
    /// … and along the rows; 1 where they share their rows.
    pub y: u32,
    /// Rows of the output an invocation computes.
    pub rows: u32,
    /// Vectors of four columns it computes.
    pub vectors: u32,
    /// Steps of the inner dimension copied to workgroup memory at once (vectors in `forward`, rows in `update`); 0: none.
    pub depth: u32,
}

impl Tiling {
    /// Without workgroup memory: `x` invocations side by side.
    const fn direct(x: u32, rows: u32, vectors: u32) -> Self {
        Self { x, y: 1, rows, vectors, depth: 0 }
    }

    /// Through workgroup memory.
    const fn staged(x: u32, y: u32, rows: u32, vectors: u32, depth: u32) -> Self {
        Self { x, y, rows, vectors, depth }
    }

    /// Workgroups that cover `rows` by `columns` (vectors): along the columns and along the rows.
    pub fn workgroups(self, rows: u32, columns: u32) -> [u32; 2] {
        [columns.div_ceil(self.x * self.vectors), rows.div_ceil(self.y * self.rows)]
    }

    /// Parts of a row's sum of squares that the columns of a workgroup of `forward` are, see [`PART`].
    pub fn parts(self) -> u32 {
        4 * self.x * self.vectors / PART as u32
    }
}

/// Which product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// `u·W`: forward and project.
    Forward,
    /// `uᵀ·δ`: update.
    Update,
}

impl Product {
    /// What is tried. Software rasterisers like many outputs an invocation and no workgroup memory, hardware the rest.
    pub fn candidates(self) -> &'static [Tiling] {
        const FORWARD: [Tiling; 6] = [
            Tiling::direct(16, 4, 1),
            Tiling::direct(8, 8, 2),
            Tiling::direct(8, 8, 4),
            Tiling::direct(32, 4, 2),
            Tiling::staged(16, 16, 4, 1, 4),
            Tiling::staged(16, 16, 8, 2, 2),
        ];
        const UPDATE: [Tiling; 6] = [
            Tiling::direct(16, 4, 1),
            Tiling::direct(8, 8, 2),
            Tiling::direct(8, 8, 4),
            Tiling::direct(32, 8, 2),
            Tiling::staged(16, 16, 4, 1, 16),
            Tiling::staged(16, 16, 8, 2, 8),
        ];
        match self {
            Self::Forward => &FORWARD,
            Self::Update => &UPDATE,
        }
    }
}

/// Shapes that are likely to want the same tiling: by how many outputs there are to share out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Fewer than 32,768 outputs: reading one drawing.
    Small,
    /// Fewer than 1,048,576: a training batch of a few hundred units a layer.
    Medium,
    /// The rest: wide layers, and evaluation.
    Large,
}

impl Size {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The class of a product of `rows × columns` outputs.
    pub fn of(rows: usize, columns: usize) -> Self {
        match rows * columns {
            0..0x8000 => Self::Small,
            0x8000..0x10_0000 => Self::Medium,
            _ => Self::Large,
        }
    }

    /// A shape that stands for the class: rows, inner, columns.
    pub fn sample(self) -> [usize; 3] {
        match self {
            Self::Small => [24, 256, 512],
            Self::Medium => [200, 256, 512],
            Self::Large => [512, 128, 2048],
        }
    }
}

/// The tilings chosen for one adapter; may be kept and given to [`super::Gpu::open`] again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Which adapter they were measured on.
    pub adapter: String,
    /// For each product and size the tiling, and how fast it ran, in MFLOP/s.
    pub choices: Vec<Choice>,
}

/// One line of a [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Which product.
    pub product: Product,
    /// Which shapes.
    pub size: Size,
    /// The fastest tiling.
    pub tiling: Tiling,
    /// What it reached, 10⁶ floating-point operations a second.
    pub mflops: u32,
}

impl Plan {
    /// The tiling for a product of `rows × columns` outputs; the first candidate before anything was measured.
    pub fn tiling(&self, product: Product, rows: usize, columns: usize) -> Tiling {
        let size = Size::of(rows, columns);
        let choice = self.choices.iter().find(|c| c.product == product && c.size == size);
        choice.map_or(product.candidates()[0], |c| c.tiling)
    }

    /// Whether this plan says something about every product and size, with tilings this program has.
    pub fn is_complete(&self) -> bool {
        [Product::Forward, Product::Update].iter().all(|&product| {
            Size::ALL.iter().all(|&size| {
                self.choices
                    .iter()
                    .any(|c| c.product == product && c.size == size && product.candidates().contains(&c.tiling))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_within_the_default_limits() {
        for tiling in Product::Forward.candidates() {
            let vectors = tiling.rows * tiling.y * tiling.depth + 4 * tiling.depth * tiling.x * tiling.vectors;
            assert!(tiling.x * tiling.y <= 256 && 16 * vectors <= 16384, "{tiling:?}");
        }
        for tiling in Product::Update.candidates() {
            let vectors = tiling.depth * (tiling.rows / 4 * tiling.y + tiling.x * tiling.vectors);
            assert!(tiling.rows % 4 == 0 && tiling.x * tiling.y <= 256 && 16 * vectors <= 16384, "{tiling:?}");
        }
    }

    #[test]
    fn samples_are_of_their_class() {
        for size in Size::ALL {
            let [rows, _, columns] = size.sample();
            assert_eq!(Size::of(rows, columns), size);
        }
    }
}
