//! The pool of the build with threads: workers of the page that share this module's memory, and lend themselves.

use crate::engine::cpu::CREW;
use std::cell::Cell;
use wasm_bindgen::prelude::*;

thread_local! {
    static LENT: Cell<bool> = const { Cell::new(false) };
}

/// Makes this worker a thread of the pool. Never returns while the page lives; whatever goes wrong in the thread ends this
/// call by an exception, of which the page hears.
#[wasm_bindgen]
pub fn lend_thread() {
    LENT.set(true);
    CREW.lend();
}

/// Computes on `count` threads from now on: this one, and `count − 1` workers that lend themselves or are about to.
#[wasm_bindgen]
pub fn use_threads(count: usize) {
    CREW.resize(count);
}

/// Traps in a thread of the pool, to see that the page gets over it.
#[wasm_bindgen]
pub fn trap_in_pool() {
    // Two tasks: this thread waits in one, and leaves the other.
    CREW.for_each(2, |_| {
        if LENT.get() {
            core::arch::wasm32::unreachable();
        }
        std::thread::park();
    });
}
