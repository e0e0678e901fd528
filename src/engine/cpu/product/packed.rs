//! The product of the page's builds: both factors are packed once, and tiles of the result are summed up in registers.
//!
//! A tile is [`ROWS`] × [`COLUMNS`] values; for each step of the sum it takes one value of each of its rows of `a` and a
//! vector of `b`, which lie side by side once they are packed. Every value of `c` is summed in the same order whichever
//! thread works it out, so results do not depend on how many there are.
#![allow(clippy::inline_always, reason = "a tile stays in registers only where all of this is one function")]

use super::Learn;
use super::lanes::Lanes;
use crate::engine::cpu::scratch::{LEFT, RIGHT, borrow};
use crate::engine::cpu::tasks::{Shared, for_each_task, threads};
use ndarray::{ArrayView2, ArrayViewMut2};
use std::ops::Range;

/// Rows of a tile.
const ROWS: usize = 12;
/// Columns of a tile: one vector.
const COLUMNS: usize = 4;
/// Steps of the sum at a time: as many as a panel of `a` may have and still stay in the first cache.
const DEPTH: usize = 512;
/// Columns of a piece of work: some for each thread, so that a late one is waited for only briefly.
const PIECE: Range<usize> = 32..128;
/// Multiply-adds below which waking another thread costs more than it saves.
const WORTHWHILE: usize = 200_000;

/// A matrix as it lies in memory: any strides, so that its transpose is one too.
#[derive(Clone, Copy)]
struct Source {
    start: *const f32,
    row: isize,
    column: isize,
}

// SAFETY: made of a view that outlives the work, and only read.
unsafe impl Sync for Source {}

impl Source {
    fn new(view: &ArrayView2<f32>) -> Self {
        Self { start: view.as_ptr(), row: view.strides()[0], column: view.strides()[1] }
    }

    fn transposed(self) -> Self {
        Self { row: self.column, column: self.row, ..self }
    }

    /// Packs the `count` ≤ `WIDTH` rows from `first` on, columns `steps`: the rows' values of each column side by side, zeros
    /// for rows that are not there.
    ///
    /// # Safety
    /// The rows and columns exist.
    #[inline(always)]
    unsafe fn pack<const WIDTH: usize>(self, first: usize, count: usize, steps: Range<usize>, panel: &mut [f32]) {
        let (panel, _) = panel.as_chunks_mut::<WIDTH>();
        for (packed, step) in panel.iter_mut().zip(steps) {
            // SAFETY: within the matrix, as the caller promised.
            unsafe {
                let from = self.start.offset(first as isize * self.row + step as isize * self.column);
                if count == WIDTH && self.row == 1 {
                    packed.copy_from_slice(std::slice::from_raw_parts(from, WIDTH));
                } else if count == WIDTH {
                    for (i, value) in packed.iter_mut().enumerate() {
                        *value = *from.offset(i as isize * self.row);
                    }
                } else {
                    for (i, value) in packed.iter_mut().enumerate() {
                        *value = if i < count { *from.offset(i as isize * self.row) } else { 0.0 };
                    }
                }
            }
        }
    }
}

/// Where tiles go, and what becomes of them there.
struct Target {
    start: *mut f32,
    row: usize,
    rows: usize,
    columns: usize,
    factor: f32,
    /// The weights that go along, if there are some, as far apart as the target's rows; and `rate`, `rate·cost`.
    learn: Option<(*mut f32, f32, f32)>,
}

// SAFETY: threads write to disjoint columns.
unsafe impl Sync for Target {}

/// `c = keep·c + factor·(a·b)`; with `keep` = 0 what `c` held is never read.
pub fn product(
    factor: f32,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    keep: f32,
    c: &mut ArrayViewMut2<f32>,
    learn: Option<Learn>,
) {
    let (rows, depth) = a.dim();
    let columns = b.ncols();
    assert_eq!(b.nrows(), depth);
    assert_eq!(c.dim(), (rows, columns));
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(c.strides()[1] == 1 || columns == 1, "rows lie in one piece");
    let row = usize::try_from(c.strides()[0]).expect("rows lie one after another");
    let learn = learn.map(|Learn { mut weight, rate, cost }| {
        assert_eq!((weight.dim(), weight.strides()), (c.dim(), c.strides()));
        (weight.as_mut_ptr(), rate, rate * cost)
    });
    let target = Target { start: c.as_mut_ptr(), row, rows, columns, factor, learn };
    let (a, b) = (Source::new(&a), Source::new(&b).transposed());
    let threads = if rows * columns * depth < WORTHWHILE { 1 } else { threads() };
    let share_out = |count: usize, each: &(dyn Fn(usize) + Sync)| match threads {
        1 => (0..count).for_each(each),
        _ => for_each_task(count, each),
    };
    let panels = rows.div_ceil(ROWS);
    borrow(&LEFT, panels * ROWS * depth, |left| {
        let packing = panels.div_ceil(2 * threads);
        let pieces = panels.div_ceil(packing);
        let size = ROWS * depth;
        let packed = Shared::new(&mut *left);
        share_out(pieces, &|piece| {
            for panel in piece * packing..((piece + 1) * packing).min(panels) {
                // SAFETY: each panel is one task's; the rows exist.
                unsafe {
                    let to = packed.piece(panel * size..(panel + 1) * size);
                    a.pack::<ROWS>(panel * ROWS, ROWS.min(rows - panel * ROWS), 0..depth, to);
                }
            }
        });
        let left = &left[..panels * size];
        let width = columns.div_ceil(4 * threads).next_multiple_of(2 * COLUMNS).clamp(PIECE.start, PIECE.end);
        share_out(columns.div_ceil(width), &|piece| {
            let piece = piece * width..((piece + 1) * width).min(columns);
            // SAFETY: pieces are disjoint and within the target.
            unsafe { strip(left, b, depth, keep, &target, piece) };
        });
    });
}

/// Columns `piece` of the target.
///
/// # Safety
/// No other thread touches them meanwhile, and `b` has them.
unsafe fn strip(left: &[f32], b: Source, depth: usize, keep: f32, target: &Target, piece: Range<usize>) {
    borrow(&RIGHT, piece.len().next_multiple_of(COLUMNS) * DEPTH, |right| {
        let mut keep = keep;
        let mut done = 0;
        // Parts of one size: the sums of a short rest would not be worth their reading and writing.
        let part = depth.div_ceil(depth.div_ceil(DEPTH).max(1));
        loop {
            let steps = done..(done + part).min(depth);
            let size = COLUMNS * steps.len();
            for (panel, column) in piece.clone().step_by(COLUMNS).enumerate() {
                let count = COLUMNS.min(piece.end - column);
                // SAFETY: the columns exist.
                unsafe { b.pack::<COLUMNS>(column, count, steps.clone(), &mut right[panel * size..][..size]) };
            }
            let last = steps.end == depth;
            // A panel of rows stays in the first cache while the columns pass by.
            for (i, row) in (0..target.rows).step_by(ROWS).enumerate() {
                let left = &left[i * ROWS * depth..][ROWS * steps.start..ROWS * steps.end];
                for (panel, column) in piece.clone().step_by(COLUMNS).enumerate() {
                    let sums = tile(left, &right[panel * size..][..size]);
                    // SAFETY: rows and columns are within the target, and this thread's.
                    unsafe { target.put(&sums, row, column, COLUMNS.min(piece.end - column), keep, last) };
                }
            }
            done = steps.end;
            keep = 1.0;
            if last {
                return;
            }
        }
    });
}

type Tile = [Lanes; ROWS];

/// The sums of products of one packed panel of rows with one of columns, in 12 of the 16 vector registers of x86-64. Each value of
/// a row is used once: of a tile of two vectors, 6 × 8, the compiler reads all the rows' values ahead, which no longer fit, and
/// summing four steps in a line it adds to one sum four times before it turns to the next. In V8 both cost a third of the speed.
#[inline(never)]
fn tile(left: &[f32], right: &[f32]) -> Tile {
    let mut sums = [Lanes::splat(0.0); ROWS];
    let (left, _) = left.as_chunks::<ROWS>();
    let (right, _) = right.as_chunks::<COLUMNS>();
    for (left, right) in left.iter().zip(right) {
        add(&mut sums, left, right);
    }
    sums
}

/// Whether a group of four rows has its values loaded at once and spread from there, while those of other groups are spread as they
/// are loaded. A processor of today loads twice while it fuses two multiplications with additions: 13 loads for 12 of them would be what
/// is waited for. Where it has to multiply and add apart, it waits for those, and spreading is in their way.
const fn spreads(group: usize) -> bool {
    group < 2 && cfg!(target_feature = "relaxed-simd")
}

#[inline(always)]
fn add(sums: &mut Tile, left: &[f32; ROWS], right: &[f32; COLUMNS]) {
    // SAFETY: four values.
    let vector = unsafe { Lanes::load(right.as_ptr()) };
    let (sums, _) = sums.as_chunks_mut::<4>();
    let (left, _) = left.as_chunks::<4>();
    for (i, (sums, values)) in sums.iter_mut().zip(left).enumerate() {
        let spread = if spreads(i) {
            // SAFETY: four values.
            let values = unsafe { Lanes::load(values.as_ptr()) };
            [values.spread::<0>(), values.spread::<1>(), values.spread::<2>(), values.spread::<3>()]
        } else {
            values.map(Lanes::splat)
        };
        for (sum, value) in sums.iter_mut().zip(spread) {
            *sum = value.times_plus(vector, *sum);
        }
    }
}

impl Target {
    /// `keep·c + factor·sums` for the tile at `row` and `column`, of which `count` columns are there; and if it is the `last`
    /// of the sum, the weights follow.
    ///
    /// # Safety
    /// `row` and those columns are within the target, and no other thread touches them.
    #[inline(always)]
    unsafe fn put(&self, sums: &Tile, row: usize, column: usize, count: usize, keep: f32, last: bool) {
        let there = ROWS.min(self.rows - row);
        debug_assert!(column + count <= self.columns);
        let place = row * self.row + column;
        let learn = self.learn.filter(|_| last);
        // SAFETY: the caller's promise.
        unsafe {
            match learn {
                _ if there < ROWS || count < COLUMNS => self.put_part(sums, place, there, count, keep, learn),
                Some((weight, rate, cost)) => {
                    let read = keep != 0.0;
                    let [keep, rate, cost] = [keep, rate, -cost].map(Lanes::splat);
                    self.each_vector(sums, place, |place, c, scaled| {
                        let value = if read { Lanes::load(c).times_plus(keep, scaled) } else { scaled };
                        value.store(c);
                        let w = weight.add(place);
                        let before = Lanes::load(w);
                        value.times_plus(rate, before.times_plus(cost, before)).store(w);
                    });
                }
                None if keep == 0.0 => self.each_vector(sums, place, |_, c, scaled| scaled.store(c)),
                None => {
                    let keep = Lanes::splat(keep);
                    self.each_vector(sums, place, |_, c, scaled| Lanes::load(c).times_plus(keep, scaled).store(c));
                }
            }
        }
    }

    /// Calls `put` with the place, the pointer and the new term of each vector of a whole tile.
    ///
    /// # Safety
    /// The tile at `place` is within the target.
    #[inline(always)]
    unsafe fn each_vector(&self, sums: &Tile, place: usize, put: impl Fn(usize, *mut f32, Lanes)) {
        for (i, sum) in sums.iter().enumerate() {
            let place = place + i * self.row;
            // SAFETY: the caller's promise.
            put(place, unsafe { self.start.add(place) }, sum.times(Lanes::splat(self.factor)));
        }
    }

    /// [`Self::put`] where the target ends within the tile: only `there` rows and `count` columns of it.
    ///
    /// # Safety
    /// Those rows and columns from `place` on are within the target.
    #[inline(never)]
    unsafe fn put_part(
        &self,
        sums: &Tile,
        place: usize,
        there: usize,
        count: usize,
        keep: f32,
        learn: Option<(*mut f32, f32, f32)>,
    ) {
        for (i, sum) in sums.iter().take(there).enumerate() {
            let mut values = [0.0; COLUMNS];
            // SAFETY: four values.
            unsafe { sum.store(values.as_mut_ptr()) };
            for (j, &sum) in values[..count].iter().enumerate() {
                let place = place + i * self.row + j;
                // SAFETY: the caller's promise.
                unsafe {
                    let c = self.start.add(place);
                    *c = if keep == 0.0 { self.factor * sum } else { keep * *c + self.factor * sum };
                    if let Some((weight, rate, cost)) = learn {
                        let w = weight.add(place);
                        *w += rate * *c - cost * *w;
                    }
                }
            }
        }
    }
}
