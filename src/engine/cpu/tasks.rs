//! Work shared out between threads: natively by rayon, in the page's build with threads by a crew of its own, elsewhere not at all.

#[cfg(any(all(target_arch = "wasm32", feature = "threads"), test))]
pub mod crew;

use std::marker::PhantomData;
use std::ops::Range;

/// The threads of the page.
#[cfg(all(target_arch = "wasm32", feature = "threads"))]
pub static CREW: crew::Crew = crew::Crew::new();

/// How many threads work.
#[cfg(any(target_arch = "wasm32", target_arch = "x86_64", test))]
pub fn threads() -> usize {
    #[cfg(not(target_arch = "wasm32"))]
    return rayon::current_num_threads();
    #[cfg(all(target_arch = "wasm32", feature = "threads"))]
    return CREW.size();
    #[cfg(all(target_arch = "wasm32", not(feature = "threads")))]
    return 1;
}

/// Calls `each` for `0..count`, on all threads there are.
pub fn for_each_task<F: Fn(usize) + Sync + Send>(count: usize, each: F) {
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        (0..count).into_par_iter().for_each(each);
    }
    #[cfg(all(target_arch = "wasm32", feature = "threads"))]
    CREW.for_each(count, each);
    #[cfg(all(target_arch = "wasm32", not(feature = "threads")))]
    (0..count).for_each(each);
}

/// Calls `each(i, row, value)` for every row of `matrix` (contiguous, `columns` values a row) and value of `column`, on all
/// threads there are.
pub fn for_each_row<F: Fn(usize, &mut [f32], &mut f32) + Sync + Send>(
    matrix: &mut [f32],
    columns: usize,
    column: &mut [f32],
    each: F,
) {
    assert_eq!(matrix.len(), columns * column.len());
    if columns == 0 {
        return;
    }
    let rows = column.len();
    // Rows worth about 16 KiB a task: less is all overhead.
    let size = (4096 / columns).max(1);
    let (matrix, column) = (Shared::new(matrix), Shared::new(column));
    for_each_task(rows.div_ceil(size), |task| {
        for i in task * size..((task + 1) * size).min(rows) {
            // SAFETY: a row is one task's.
            unsafe { each(i, matrix.piece(i * columns..(i + 1) * columns), &mut column.piece(i..i + 1)[0]) };
        }
    });
}

/// Values of which each task takes pieces of its own.
pub struct Shared<'a, T> {
    start: *mut T,
    len: usize,
    lives: PhantomData<&'a mut [T]>,
}

// SAFETY: pieces are disjoint, as whoever takes them promises.
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    /// What `values` holds.
    pub const fn new(values: &'a mut [T]) -> Self {
        Self { start: values.as_mut_ptr(), len: values.len(), lives: PhantomData }
    }

    /// The values of `range`.
    ///
    /// # Safety
    /// Nobody else has any of them meanwhile.
    #[allow(clippy::mut_from_ref, reason = "that is what it is for")]
    pub unsafe fn piece(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.len);
        // SAFETY: within the values, and the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }
}
