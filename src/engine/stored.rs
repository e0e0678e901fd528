//! Values in an engine's own memory. Each kind is one type, whichever engine holds it, so the code above the seam exists once.

#[cfg(feature = "gpu")]
use super::gpu;
use crate::dataset::Images;
use ndarray::Array2;

/// Without the GPU engine nothing is ever stored there.
#[cfg(not(feature = "gpu"))]
mod gpu {
    pub type Matrix = std::convert::Infallible;
    pub type Bytes = Matrix;
    pub type Labels = Matrix;
    pub type Reading = Matrix;
}

/// `f32` values, `[rows, columns]`.
pub type Matrix = Stored<Array2<f32>, gpu::Matrix>;
/// A data set's images as bytes.
pub type ImageBytes = Stored<Images, gpu::Bytes>;
/// Label codes, one a row: the number of a class, or [`NEUTRAL`](super::NEUTRAL).
pub type Labels = Stored<Vec<u8>, gpu::Labels>;
/// Values on their way out of an engine's memory.
pub type Reading = Stored<Vec<Vec<f32>>, gpu::Reading>;

/// Something in the memory of the engine that made it. No other engine can use it.
#[derive(Debug)]
pub enum Stored<C, G> {
    /// The CPU engine's memory.
    Cpu(C),
    /// The GPU engine's memory.
    Gpu(G),
}

impl<C, G> Stored<C, G> {
    /// What the CPU engine stored.
    pub(super) fn cpu(&self) -> &C {
        match self {
            Self::Cpu(stored) => stored,
            Self::Gpu(_) => mixed_up(),
        }
    }

    /// What the CPU engine stored, to be changed.
    pub(super) fn cpu_mut(&mut self) -> &mut C {
        match self {
            Self::Cpu(stored) => stored,
            Self::Gpu(_) => mixed_up(),
        }
    }

    /// What the CPU engine stored, as it is.
    pub(super) fn into_cpu(self) -> C {
        match self {
            Self::Cpu(stored) => stored,
            Self::Gpu(_) => mixed_up(),
        }
    }
}

#[cfg(feature = "gpu")]
impl<C, G> Stored<C, G> {
    /// What the GPU engine stored.
    pub(super) fn gpu(&self) -> &G {
        match self {
            Self::Cpu(_) => mixed_up(),
            Self::Gpu(stored) => stored,
        }
    }

    /// What the GPU engine stored, as it is.
    pub(super) fn into_gpu(self) -> G {
        match self {
            Self::Cpu(_) => mixed_up(),
            Self::Gpu(stored) => stored,
        }
    }
}

#[cold]
fn mixed_up() -> ! {
    unreachable!("an engine was given what another engine stores")
}
