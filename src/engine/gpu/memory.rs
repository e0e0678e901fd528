//! Buffers on the device: padded matrices, label codes, packed images, and the count of what is alive.

use super::failure::Failure;
use crate::dataset::Shape;
use crate::error::Result;
use half::f16;
use half::slice::HalfFloatSliceExt;
use half::vec::HalfFloatVecExt;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What an engine holds on its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Buffers alive.
    pub buffers: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Makes buffers and counts them.
#[derive(Debug)]
pub struct Allocator {
    device: wgpu::Device,
    failure: Failure,
    next: Cell<u64>,
    /// Buffers nobody holds any more. Commands not yet submitted may still name them, so the recorder frees them.
    dropped: RefCell<Vec<(u64, wgpu::Buffer)>>,
    alive: Cell<Memory>,
}

/// One buffer; freed after it is dropped.
#[derive(Debug)]
pub struct Allocation {
    /// Never used twice, so that bind groups can be kept by it.
    pub id: u64,
    /// The buffer.
    pub buffer: wgpu::Buffer,
    allocator: Rc<Allocator>,
}

impl Drop for Allocation {
    fn drop(&mut self) {
        self.allocator.dropped.borrow_mut().push((self.id, self.buffer.clone()));
    }
}

impl Allocator {
    /// For buffers of `device`.
    pub fn new(device: wgpu::Device, failure: Failure) -> Rc<Self> {
        let alive = Memory { buffers: 0, bytes: 0 };
        Rc::new(Self { device, failure, next: Cell::new(0), dropped: RefCell::default(), alive: Cell::new(alive) })
    }

    /// A storage buffer of zeros for `what`.
    ///
    /// # Errors
    /// [`crate::Error::Gpu`] naming the limit it would pass and what would fit, or that no memory is left.
    pub fn storage(self: &Rc<Self>, what: &str, bytes: u64) -> Result<Allocation> {
        let limits = self.device.limits();
        for (name, limit) in [
            ("maxStorageBufferBindingSize", limits.max_storage_buffer_binding_size),
            ("maxBufferSize", limits.max_buffer_size),
        ] {
            if bytes > limit {
                return Err(self.failure.error(&format!(
                    "cannot hold {what}, {:.1} MiB in one buffer: its limit {name} is {:.1} MiB. Choose something \
                     {:.1} times smaller, or the CPU engine",
                    mebibytes(bytes),
                    mebibytes(limit),
                    bytes as f64 / limit as f64,
                )));
            }
        }
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        self.buffer(what, bytes, usage)
    }

    /// A buffer of zeros for `usage`.
    ///
    /// # Errors
    /// [`crate::Error::Gpu`] if no memory is left or the device failed before.
    pub fn buffer(self: &Rc<Self>, what: &str, bytes: u64, usage: wgpu::BufferUsages) -> Result<Allocation> {
        self.failure.check()?;
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(what),
            size: bytes,
            usage,
            mapped_at_creation: false,
        });
        self.failure.check_allocation()?;
        let id = self.next.get();
        self.next.set(id + 1);
        let Memory { buffers, bytes: before } = self.alive.get();
        self.alive.set(Memory { buffers: buffers + 1, bytes: before + bytes });
        Ok(Allocation { id, buffer, allocator: Rc::clone(self) })
    }

    /// Frees what was dropped, after `forget` was told its number.
    pub fn free(&self, mut forget: impl FnMut(u64)) {
        for (id, buffer) in self.dropped.take() {
            forget(id);
            let Memory { buffers, bytes } = self.alive.get();
            self.alive.set(Memory { buffers: buffers - 1, bytes: bytes - buffer.size() });
            buffer.destroy();
        }
    }

    /// What is alive.
    pub fn memory(&self) -> Memory {
        self.alive.get()
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Values `[rows, columns]`, `f32` or in half precision; each row is padded with zeros to whole vectors of four, and so are the
/// rows. Where one column has more than a vector a row, its values are sums kept in parts.
#[derive(Debug)]
pub struct Matrix {
    pub(super) memory: Allocation,
    pub(super) shape: Padded,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

/// How a matrix lies in memory.
#[derive(Debug, Clone, Copy)]
pub struct Padded {
    rows: usize,
    columns: usize,
    /// Vectors of four a row.
    vectors: usize,
    /// In half precision.
    half: bool,
}

/// Columns of which a row's squares are added up to one part of their sum.
pub const PART: usize = 32;

impl Padded {
    /// Of a matrix of values.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns, vectors: columns.div_ceil(4), half: false }
    }

    /// The same in half precision, if that is so.
    pub fn halved(self, half: bool) -> Self {
        Self { half, ..self }
    }

    /// Of the sums of squares of a `[rows, columns]` matrix.
    pub fn sums(rows: usize, columns: usize) -> Self {
        Self { rows, columns: 1, vectors: columns.div_ceil(4 * PART), half: false }
    }

    /// Its size.
    pub fn bytes(self) -> u64 {
        let vector = if self.half { 8 } else { 16 };
        vector * self.rows.next_multiple_of(4) as u64 * self.vectors as u64
    }

    /// The words of row-major `values` with the padding put in.
    pub fn pad(self, values: &[f32]) -> Vec<u32> {
        debug_assert_eq!(values.len(), self.rows * self.columns);
        let mut padded = vec![0.0; 4 * self.vectors * self.rows];
        for (to, from) in padded.chunks_exact_mut(4 * self.vectors).zip(values.chunks_exact(self.columns)) {
            to[..self.columns].copy_from_slice(from);
        }
        if self.half {
            return bytemuck::pod_collect_to_vec(&Vec::<f16>::from_f32_slice(&padded));
        }
        bytemuck::cast_vec(padded)
    }

    /// Row-major values out of `words`, with the padding taken out, and parts added up.
    pub fn unpad(self, words: Vec<u32>) -> Vec<f32> {
        let halves = self.half.then(|| bytemuck::cast_slice::<_, f16>(&words).to_f32_vec());
        let padded = halves.unwrap_or_else(|| bytemuck::cast_vec(words));
        let rows = padded.chunks_exact(4 * self.vectors).take(self.rows);
        if self.columns == 1 {
            return rows.map(|row| row.iter().sum()).collect();
        }
        rows.flat_map(|row| &row[..self.columns]).copied().collect()
    }
}

/// What kernels and their dispatches need of a matrix.
impl crate::engine::Matrix {
    /// Its buffer.
    pub(super) fn memory(&self) -> &Allocation {
        &self.gpu().memory
    }

    /// Its layout there.
    pub(super) fn shape(&self) -> Padded {
        self.gpu().shape
    }

    /// Vectors a row.
    pub(super) fn pitch(&self) -> u32 {
        self.gpu().shape.vectors as u32
    }

    /// Rows.
    pub(super) fn rows(&self) -> usize {
        self.gpu().rows
    }

    /// Columns.
    pub(super) fn columns(&self) -> usize {
        self.gpu().columns
    }
}

/// Images as bytes, four a word.
#[derive(Debug)]
pub struct Bytes {
    pub(super) memory: Allocation,
    pub(super) shape: Shape,
}

/// Label codes, one a word.
#[derive(Debug)]
pub struct Labels {
    pub(super) memory: Allocation,
    pub(super) rows: usize,
}

impl crate::engine::Labels {
    /// Their buffer.
    pub(super) fn memory(&self) -> &Allocation {
        &self.gpu().memory
    }
}
