//! The product of the page's builds, and natively of processors with AVX-512: both factors are packed once, and tiles of the result
//! are summed up in registers.
//!
//! A tile is [`ROWS`] rows of one vector, `WIDTH` values; for each step of the sum it takes one value of each of its rows of `a` and
//! a vector of `b`, which lie side by side once they are packed. Every value of `c` is summed in the same order whichever
//! thread works it out, so results do not depend on how many there are.
#![allow(clippy::inline_always, reason = "a tile stays in registers only where all of this is one function")]

use super::Learn;
#[cfg(any(target_arch = "wasm32", test))]
use super::lanes::Four;
use super::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use super::lanes::Sixteen;
use crate::engine::cpu::scratch::{LEFT, RIGHT, borrow};
use crate::engine::cpu::tasks::{Shared, for_each_task, threads};
use ndarray::{ArrayView2, ArrayViewMut2};
use std::ops::Range;

/// Rows of a tile.
pub const ROWS: usize = 12;
/// Steps of the sum at a time: as many as a panel of `a` may have and still stay in the first cache.
const DEPTH: usize = 512;
/// Columns of a piece of work: some for each thread, so that a late one is waited for only briefly.
const PIECE: Range<usize> = 32..128;
/// Panels of rows that a piece has at least: each packs its columns of `b` anew.
const GROUP: usize = 4;
/// Multiply-adds below which waking another thread costs more than it saves.
const WORTHWHILE: usize = 200_000;

/// Which threads work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// All that there are.
    All,
    /// Only the one that asks.
    #[cfg(any(target_arch = "wasm32", test))]
    This,
}

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

impl Source {
    /// Packs the rows `all`, columns `steps`, into panels of `WIDTH` rows, one after another.
    ///
    /// # Safety
    /// The rows and columns exist.
    #[inline(always)]
    unsafe fn pack_all<const WIDTH: usize>(self, all: Range<usize>, steps: Range<usize>, panels: &mut [f32]) {
        let size = WIDTH * steps.len();
        let whole = if self.row == 1 { all.len() / WIDTH } else { 0 };
        // Rows that lie side by side are read as they lie, which processors foresee.
        for (i, step) in steps.clone().enumerate() {
            for panel in 0..whole {
                // SAFETY: within the matrix, as the caller promised.
                let from = unsafe {
                    let place = self.start.offset((all.start + panel * WIDTH) as isize + step as isize * self.column);
                    prefetch(place.wrapping_offset(AHEAD * self.column));
                    std::slice::from_raw_parts(place, WIDTH)
                };
                panels[panel * size + i * WIDTH..][..WIDTH].copy_from_slice(from);
            }
        }
        for (panel, first) in all.clone().step_by(WIDTH).enumerate().skip(whole) {
            let count = WIDTH.min(all.end - first);
            // SAFETY: the caller's promise.
            unsafe { self.pack::<WIDTH>(first, count, steps.clone(), &mut panels[panel * size..][..size]) };
        }
    }
}

/// Steps of the sum for which memory is asked before they are packed.
const AHEAD: isize = 16;

/// Asks for what lies at `place`, wherever that is, to be brought nearer.
#[inline(always)]
fn prefetch(place: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: it reads nothing.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Where tiles go, and what becomes of them there.
pub struct Target {
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

/// The sums of a tile.
type Tile<L> = [L; ROWS];

/// Vectors for which what is done tile by tile is compiled.
pub trait Tiles<const WIDTH: usize>: Lanes<WIDTH> {
    /// Sums a tile up, as [`sums`] says, and puts it where it belongs, as [`Target::put`].
    ///
    /// # Safety
    /// As there.
    unsafe fn tile(left: &[f32], right: &[f32], target: &Target, place: Place, keep: f32);
}

#[cfg(any(target_arch = "wasm32", test))]
impl Tiles<4> for Four {
    #[inline(always)]
    unsafe fn tile(left: &[f32], right: &[f32], target: &Target, place: Place, keep: f32) {
        // In a function of its own it has all the registers.
        #[inline(never)]
        fn apart(left: &[f32], right: &[f32]) -> Tile<Four> {
            sums(left, right)
        }
        // SAFETY: the caller's promise.
        unsafe { target.put(&apart(left, right), place, keep) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Tiles<16> for Sixteen {
    unsafe fn tile(left: &[f32], right: &[f32], target: &Target, place: Place, keep: f32) {
        #[target_feature(enable = "avx512f")]
        unsafe fn here(left: &[f32], right: &[f32], target: &Target, place: Place, keep: f32) {
            target.prefetch(place);
            let sums: Tile<Sixteen> = sums(left, right);
            // SAFETY: the caller's promise.
            unsafe { target.put(&sums, place, keep) }
        }
        // SAFETY: the caller's promise; and whoever asks for such vectors knows that they are there.
        unsafe { here(left, right, target, place, keep) }
    }
}

/// `c = keep·c + factor·(a·b)` by vectors of the kind `L`; with `keep` = 0 what `c` held is never read.
pub fn product<L: Tiles<WIDTH>, const WIDTH: usize>(
    factor: f32,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    keep: f32,
    c: &mut ArrayViewMut2<f32>,
    learn: Option<Learn>,
    on: On,
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
    let threads = if on != On::All || rows * columns * depth < WORTHWHILE { 1 } else { threads() };
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
        let width = columns.div_ceil(4 * threads).next_multiple_of(2 * WIDTH).clamp(PIECE.start, PIECE.end);
        let pieces = columns.div_ceil(width);
        // Where there are more threads than pieces of columns, each piece is one of some of the rows.
        let groups = (2 * threads).div_ceil(pieces).min(panels.div_ceil(GROUP)).max(1);
        let group = panels.div_ceil(groups);
        share_out(pieces * panels.div_ceil(group), &|task| {
            let (piece, first) = (task % pieces * width, task / pieces * group);
            let (piece, panels) = (piece..(piece + width).min(columns), first..(first + group).min(panels));
            // SAFETY: tasks are disjoint and within the target.
            unsafe { strip::<L, WIDTH>(left, b, depth, keep, &target, panels, piece) };
        });
    });
}

/// Of the target, the columns `piece` of the rows of `panels`.
///
/// # Safety
/// No other thread touches them meanwhile, and `b` has those columns.
unsafe fn strip<L: Tiles<WIDTH>, const WIDTH: usize>(
    left: &[f32],
    b: Source,
    depth: usize,
    keep: f32,
    target: &Target,
    panels: Range<usize>,
    piece: Range<usize>,
) {
    borrow(&RIGHT, piece.len().next_multiple_of(WIDTH) * DEPTH, |right| {
        let mut keep = keep;
        let mut done = 0;
        // Parts of one size: the sums of a short rest would not be worth their reading and writing.
        let part = depth.div_ceil(depth.div_ceil(DEPTH).max(1));
        loop {
            let steps = done..(done + part).min(depth);
            let size = WIDTH * steps.len();
            // SAFETY: the columns exist.
            unsafe { b.pack_all::<WIDTH>(piece.clone(), steps.clone(), right) };
            let last = steps.end == depth;
            // A panel of rows stays in the first cache while the columns pass by.
            for row in panels.clone().map(|panel| panel * ROWS) {
                let left = &left[row * depth..][ROWS * steps.start..ROWS * steps.end];
                for (panel, column) in piece.clone().step_by(WIDTH).enumerate() {
                    let place = Place { row, column, columns: WIDTH.min(piece.end - column), last };
                    // SAFETY: rows and columns are within the target, and this thread's.
                    unsafe { L::tile(left, &right[panel * size..][..size], target, place, keep) };
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

/// The sums of products of one packed panel of rows with one of columns, in 12 of the 16 vector registers of x86-64. Each value of
/// a row is used once: of a tile of two vectors, 6 × 8, the compiler reads all the rows' values ahead, which no longer fit, and
/// summing four steps in a line it adds to one sum four times before it turns to the next. In V8 both cost a third of the speed.
#[inline(always)]
fn sums<L: Lanes<WIDTH>, const WIDTH: usize>(left: &[f32], right: &[f32]) -> Tile<L> {
    let mut sums = [L::splat(0.0); ROWS];
    let (left, _) = left.as_chunks::<ROWS>();
    let (right, _) = right.as_chunks::<WIDTH>();
    for (left, right) in left.iter().zip(right) {
        // SAFETY: as many values.
        let vector = unsafe { L::load(right.as_ptr()) };
        let (groups, _) = left.as_chunks::<4>();
        let (sums, _) = sums.as_chunks_mut::<4>();
        for (group, (sums, values)) in sums.iter_mut().zip(groups).enumerate() {
            for (sum, value) in sums.iter_mut().zip(L::spread(values, group)) {
                *sum = value.times_plus(vector, *sum);
            }
        }
    }
    sums
}

/// Where in the target a tile lies, how many of its columns are there, and whether its sums are the last of theirs.
#[derive(Clone, Copy)]
pub struct Place {
    row: usize,
    column: usize,
    columns: usize,
    last: bool,
}

impl Target {
    /// `keep·c + factor·sums` for the tile at `place`; and if it is the last of the sum, the weights follow.
    ///
    /// # Safety
    /// The place is within the target, and no other thread touches it.
    #[inline(always)]
    unsafe fn put<L: Lanes<WIDTH>, const WIDTH: usize>(&self, sums: &Tile<L>, place: Place, keep: f32) {
        let Place { row, column, columns, last } = place;
        let there = ROWS.min(self.rows - row);
        debug_assert!(column + columns <= self.columns);
        let place = row * self.row + column;
        let learn = self.learn.filter(|_| last);
        // SAFETY: the caller's promise.
        unsafe {
            match learn {
                _ if there < ROWS || columns < WIDTH => self.put_part(sums, place, [there, columns], keep, learn),
                Some((weight, rate, cost)) => {
                    let read = keep != 0.0;
                    let [keep, rate, cost] = [L::splat(keep), L::splat(rate), L::splat(-cost)];
                    self.each_vector(sums, place, |place, c, scaled| {
                        let value = if read { L::load(c).times_plus(keep, scaled) } else { scaled };
                        value.store(c);
                        let w = weight.add(place);
                        let before = L::load(w);
                        value.times_plus(rate, before.times_plus(cost, before)).store(w);
                    });
                }
                None if keep == 0.0 => self.each_vector(sums, place, |_, c, scaled| scaled.store(c)),
                None => {
                    let keep = L::splat(keep);
                    self.each_vector(sums, place, |_, c, scaled| L::load(c).times_plus(keep, scaled).store(c));
                }
            }
        }
    }

    /// Asks for what a tile at `place` will be put into.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn prefetch(&self, Place { row, column, .. }: Place) {
        for row in row..row + ROWS {
            let place = row * self.row + column;
            prefetch(self.start.wrapping_add(place));
            if let Some((weight, ..)) = self.learn {
                prefetch(weight.wrapping_add(place));
            }
        }
    }

    /// Calls `put` with the place, the pointer and the new term of each vector of a whole tile.
    ///
    /// # Safety
    /// The tile at `place` is within the target.
    #[inline(always)]
    unsafe fn each_vector<L: Lanes<WIDTH>, const WIDTH: usize>(
        &self,
        sums: &Tile<L>,
        place: usize,
        put: impl Fn(usize, *mut f32, L),
    ) {
        for (i, sum) in sums.iter().enumerate() {
            let place = place + i * self.row;
            // SAFETY: the caller's promise.
            put(place, unsafe { self.start.add(place) }, sum.times(L::splat(self.factor)));
        }
    }

    /// [`Self::put`] where the target ends within the tile: only so many rows and columns of it.
    ///
    /// # Safety
    /// Those rows and columns from `place` on are within the target.
    #[inline(never)]
    unsafe fn put_part<L: Lanes<WIDTH>, const WIDTH: usize>(
        &self,
        sums: &Tile<L>,
        place: usize,
        [rows, columns]: [usize; 2],
        keep: f32,
        learn: Option<(*mut f32, f32, f32)>,
    ) {
        for (i, sum) in sums.iter().take(rows).enumerate() {
            let mut values = [0.0; WIDTH];
            let place = place + i * self.row;
            // SAFETY: as many values; and the caller's promise.
            let c = unsafe {
                sum.store(values.as_mut_ptr());
                std::slice::from_raw_parts_mut(self.start.add(place), columns)
            };
            if keep == 0.0 {
                c.iter_mut().zip(&values).for_each(|(c, sum)| *c = self.factor * sum);
            } else {
                c.iter_mut().zip(&values).for_each(|(c, sum)| *c = keep * *c + self.factor * sum);
            }
            if let Some((weight, rate, cost)) = learn {
                // SAFETY: the caller's promise; and the weights lie elsewhere than what they follow.
                let w = unsafe { std::slice::from_raw_parts_mut(weight.add(place), columns) };
                w.iter_mut().zip(c).for_each(|(w, c)| *w += rate * *c - cost * *w);
            }
        }
    }
}
