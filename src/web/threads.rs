//! The pool of the build with threads: workers of the page that share this module's memory, and lend themselves to rayon.

use crate::error::Error;
use rayon::ThreadBuilder;
use std::sync::{Condvar, Mutex, PoisonError};
use wasm_bindgen::prelude::*;

/// Threads that rayon wants to have, until a worker takes each on.
static WANTED: Mutex<Vec<ThreadBuilder>> = Mutex::new(vec![]);
static WANTED_MORE: Condvar = Condvar::new();

/// Makes this worker a thread of the pool. Never returns while the page lives; whatever goes wrong in the thread ends this
/// call by an exception, of which the page hears.
#[wasm_bindgen]
pub fn lend_thread() {
    let mut wanted = WANTED.lock().unwrap_or_else(PoisonError::into_inner);
    let thread = loop {
        match wanted.pop() {
            Some(thread) => break thread,
            None => wanted = WANTED_MORE.wait(wanted).unwrap_or_else(PoisonError::into_inner),
        }
    };
    drop(wanted);
    thread.run();
}

/// Computes on `count` threads from now on: this one, and `count − 1` workers that lend themselves or are about to.
#[wasm_bindgen]
pub fn use_threads(count: usize) -> super::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).use_current_thread().spawn_handler(|thread| {
        WANTED.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        WANTED_MORE.notify_one();
        Ok(())
    });
    Ok(pool.build_global().map_err(|error| Error::setting("threads", count, error.to_string()))?)
}

/// Traps in a thread of the pool, to see that the page gets over it.
#[wasm_bindgen]
pub fn trap_in_pool() {
    rayon::join(std::thread::park, || core::arch::wasm32::unreachable());
}
