//! Memory that each thread keeps for what it works out on the way, so that a step allocates nothing of a matrix's size.

use std::cell::Cell;
use std::thread::LocalKey;

/// What vectors are loaded from lies on their alignment: the widest fill a line of the caches.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub struct Line([f32; 16]);

/// A thread's memory for one purpose; it grows to the largest use and stays.
pub type Scratch = LocalKey<Cell<Vec<Line>>>;

thread_local! {
    #[cfg(any(target_arch = "wasm32", target_arch = "x86_64", test))]
    /// The packed left factor of a product.
    pub static LEFT: Cell<Vec<Line>> = const { Cell::new(vec![]) };
    #[cfg(any(target_arch = "wasm32", target_arch = "x86_64", test))]
    /// The packed right factor of a product, a strip of it.
    pub static RIGHT: Cell<Vec<Line>> = const { Cell::new(vec![]) };
    /// What a product is about to be made of: scaled activities, or a δ.
    pub static ROWS: Cell<Vec<Line>> = const { Cell::new(vec![]) };
    /// The weights of a tile of local wiring, or their gradient.
    pub static BLOCK: Cell<Vec<Line>> = const { Cell::new(vec![]) };
    /// What a tile reads of some rows.
    pub static PACKED: Cell<Vec<Line>> = const { Cell::new(vec![]) };
    /// The products of all tiles.
    pub static PRODUCTS: Cell<Vec<Line>> = const { Cell::new(vec![]) };
}

/// Lends `count` values of what `scratch` holds, whatever they are; a use within the use gets other memory.
pub fn borrow<R>(scratch: &'static Scratch, count: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    let mut memory = scratch.take();
    let lines = count.div_ceil(16);
    if memory.len() < lines {
        memory.resize(lines, Line([0.0; 16]));
    }
    // SAFETY: a `Line` is sixteen `f32` in one piece.
    let values = unsafe { std::slice::from_raw_parts_mut(memory.as_mut_ptr().cast::<f32>(), count) };
    let result = work(values);
    scratch.set(memory);
    result
}
