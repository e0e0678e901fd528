//! The product of the page's builds, and natively of processors with AVX-512: both factors are packed once, and tiles of the result
//! are summed up in registers.
//!
//! A tile is [`ROWS`] rows of one vector, `WIDTH` values, or fewer where the rows end; for each step of the sum it takes one value of
//! each of its rows of `a` and a vector of `b`, which lie side by side once they are packed. Every value of `c` is summed in the
//! same order whichever thread works it out, so results do not depend on how many there are.
#![allow(clippy::inline_always, reason = "a tile stays in registers only where all of this is one function")]

use super::Learn;
#[cfg(any(target_arch = "wasm32", test))]
use super::lanes::Four;
use super::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use super::lanes::{Eight, Sixteen};
use crate::engine::cpu::scratch::{LEFT, RIGHT, borrow};
use crate::engine::cpu::tasks::{Shared, for_each_task, threads};
use ndarray::{ArrayView2, ArrayViewMut2};
use std::ops::Range;

/// Rows of a tile.
pub const ROWS: usize = 4 * GROUPS;
/// … by four.
const GROUPS: usize = 3;
/// Steps of the sum at a time: as many as a panel of `a` may have and still stay in the first cache.
const DEPTH: usize = 512;
/// Columns of a piece of work: some for each thread, so that a late one is waited for only briefly.
const PIECE: Range<usize> = 32..128;
/// Panels of rows that a piece has at least: each packs its columns of `b` anew.
const LEAST: usize = 4;
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
                    prefetch(from.wrapping_offset(AHEAD * self.column));
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

    /// The rows that [`Self::pack`] packs, as a panel of columns of what this is the transpose of. Where they lie side by side
    /// that is left to who reads them.
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    unsafe fn columns<const WIDTH: usize>(
        self,
        first: usize,
        count: usize,
        steps: Range<usize>,
        packed: &mut [f32],
    ) -> Columns<'_> {
        // SAFETY: the caller's promise.
        unsafe {
            if count == WIDTH && self.row == 1 {
                let from = self.start.offset(first as isize + steps.start as isize * self.column);
                return Columns::Fresh { from, apart: self.column, packed };
            }
            self.pack::<WIDTH>(first, count, steps, packed);
        }
        Columns::Packed(packed)
    }
}

/// Rows of `a` whose tiles are summed up together.
#[derive(Clone, Copy)]
struct Panel {
    first: usize,
    /// A multiple of four; beyond the last row of `a` there are fewer than four.
    rows: usize,
}

impl Panel {
    /// How many there are of `rows` rows.
    fn count(rows: usize) -> usize {
        rows.div_ceil(ROWS)
    }

    /// The panels of `rows` rows in turn. The last are shorter, if there is no whole number of tiles: two of 8 are as soon summed
    /// up as one of 12 and one of 4, or sooner, for sums of fewer rows wait for one another.
    fn of(rows: usize, index: usize) -> Self {
        let (fours, count) = (rows.div_ceil(4), Self::count(rows));
        let tall = (count + fours).saturating_sub(GROUPS * count);
        match index.checked_sub(tall) {
            _ if count == 1 => Self { first: 0, rows: 4 * fours },
            None => Self { first: index * ROWS, rows: ROWS },
            Some(index) => Self { first: tall * ROWS + index * (ROWS - 4), rows: ROWS - 4 },
        }
    }
}

/// Steps of the sum for which memory is asked before they are read.
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

/// The sums of a tile, four rows after four.
type Tile<L, const GROUPS: usize> = [[L; 4]; GROUPS];

/// A panel of the columns of `b`, for some steps of the sum.
pub enum Columns<'a> {
    Packed(&'a [f32]),
    /// Not yet: a vector at `from`, the next `apart` further on. Whoever reads them packs them, which costs nothing while the
    /// processor is busy multiplying.
    Fresh {
        from: *const f32,
        apart: isize,
        packed: &'a mut [f32],
    },
}

/// Vectors for which what is done tile by tile is compiled.
pub trait Tiles<const WIDTH: usize>: Lanes<WIDTH> {
    /// Sums a tile up, as [`sums`] says, and puts it where it belongs, as [`Target::put`].
    ///
    /// # Safety
    /// As there.
    unsafe fn tile<const GROUPS: usize>(left: &[f32], right: Columns, target: &Target, place: Place, keep: f32);
}

#[cfg(any(target_arch = "wasm32", test))]
impl Tiles<4> for Four {
    #[inline(always)]
    unsafe fn tile<const GROUPS: usize>(left: &[f32], right: Columns, target: &Target, place: Place, keep: f32) {
        // In a function of its own it has all the registers.
        #[inline(never)]
        unsafe fn apart<const GROUPS: usize>(left: &[f32], right: Columns) -> Tile<Four, GROUPS> {
            // SAFETY: the caller's promise.
            unsafe { sums::<Four, 4, 4, GROUPS>(left, right) }
        }
        // SAFETY: the caller's promise.
        unsafe { target.put(&apart::<GROUPS>(left, right), place, keep) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Tiles<16> for Sixteen {
    unsafe fn tile<const GROUPS: usize>(left: &[f32], right: Columns, target: &Target, place: Place, keep: f32) {
        #[target_feature(enable = "avx512f")]
        unsafe fn here<const GROUPS: usize>(left: &[f32], right: Columns, target: &Target, place: Place, keep: f32) {
            target.prefetch(place, 4 * GROUPS);
            // SAFETY: the caller's promise.
            unsafe {
                // Of vectors half as wide, twice as many are multiplied in the same time.
                if place.columns <= 8 {
                    target.put(&sums::<Eight, 8, 16, GROUPS>(left, right), place, keep);
                } else {
                    target.put(&sums::<Sixteen, 16, 16, GROUPS>(left, right), place, keep);
                }
            }
        }
        // SAFETY: the caller's promise; and whoever asks for such vectors knows that they are there.
        unsafe { here::<GROUPS>(left, right, target, place, keep) }
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
    let panels = Panel::count(rows);
    borrow(&LEFT, rows.next_multiple_of(4) * depth, |left| {
        let packing = panels.div_ceil(2 * threads);
        let pieces = panels.div_ceil(packing);
        let packed = Shared::new(&mut *left);
        share_out(pieces, &|piece| {
            for panel in piece * packing..((piece + 1) * packing).min(panels) {
                let Panel { first, rows: height } = Panel::of(rows, panel);
                let there = height.min(rows - first);
                // SAFETY: each panel is one task's; the rows exist.
                unsafe {
                    let to = packed.piece(first * depth..(first + height) * depth);
                    match height / 4 {
                        GROUPS => a.pack::<ROWS>(first, there, 0..depth, to),
                        2 => a.pack::<8>(first, there, 0..depth, to),
                        _ => a.pack::<4>(first, there, 0..depth, to),
                    }
                }
            }
        });
        let left = &*left;
        let width = columns.div_ceil(4 * threads).next_multiple_of(2 * WIDTH).clamp(PIECE.start, PIECE.end);
        let pieces = columns.div_ceil(width);
        // Where there are more threads than pieces of columns, each piece is one of some of the rows.
        let groups = (2 * threads).div_ceil(pieces).min(panels.div_ceil(LEAST)).max(1);
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
            let last = steps.end == depth;
            // A panel of rows stays in the first cache while the columns pass by.
            for index in panels.clone() {
                let Panel { first: row, rows } = Panel::of(target.rows, index);
                let left = &left[row * depth..][rows * steps.start..rows * steps.end];
                for (panel, column) in piece.clone().step_by(WIDTH).enumerate() {
                    let place = Place { row, column, columns: WIDTH.min(piece.end - column), last };
                    let packed = &mut right[panel * size..][..size];
                    // SAFETY: the columns exist; and rows and columns are within the target, and this thread's.
                    unsafe {
                        let right = if index > panels.start {
                            Columns::Packed(packed)
                        } else {
                            b.columns::<WIDTH>(column, place.columns, steps.clone(), packed)
                        };
                        match rows / 4 {
                            GROUPS => L::tile::<GROUPS>(left, right, target, place, keep),
                            2 => L::tile::<2>(left, right, target, place, keep),
                            _ => L::tile::<1>(left, right, target, place, keep),
                        }
                    }
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
///
/// # Safety
/// `right` is packed in vectors of `PACKED` values, or there are as many vectors to read as panels have steps.
#[inline(always)]
unsafe fn sums<L: Lanes<WIDTH>, const WIDTH: usize, const PACKED: usize, const GROUPS: usize>(
    left: &[f32],
    right: Columns,
) -> Tile<L, GROUPS> {
    let mut sums = [[L::splat(0.0); 4]; GROUPS];
    let (left, _) = left.as_chunks::<4>();
    let (left, _) = left.as_chunks::<GROUPS>();
    // SAFETY: the caller's promise.
    unsafe {
        match right {
            Columns::Packed(packed) => {
                let (packed, _) = packed.as_chunks::<PACKED>();
                for (left, packed) in left.iter().zip(packed) {
                    add(&mut sums, left, L::load(packed.as_ptr()));
                }
            }
            Columns::Fresh { mut from, apart, packed } => {
                let (packed, _) = packed.as_chunks_mut::<PACKED>();
                for (left, packed) in left.iter().zip(packed) {
                    prefetch(from.wrapping_offset(AHEAD * apart));
                    let vector = L::load(from);
                    vector.store(packed.as_mut_ptr());
                    add(&mut sums, left, vector);
                    from = from.wrapping_offset(apart);
                }
            }
        }
    }
    sums
}

/// One step of the sums.
#[inline(always)]
fn add<L: Lanes<WIDTH>, const WIDTH: usize, const GROUPS: usize>(
    sums: &mut Tile<L, GROUPS>,
    left: &[[f32; 4]; GROUPS],
    vector: L,
) {
    for (group, (sums, values)) in sums.iter_mut().zip(left).enumerate() {
        for (sum, value) in sums.iter_mut().zip(L::spread(values, group)) {
            *sum = value.times_plus(vector, *sum);
        }
    }
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
    unsafe fn put<L: Lanes<WIDTH>, const WIDTH: usize, const GROUPS: usize>(
        &self,
        sums: &Tile<L, GROUPS>,
        place: Place,
        keep: f32,
    ) {
        let sums = sums.as_flattened();
        let Place { row, column, columns, last } = place;
        let there = sums.len().min(self.rows - row);
        debug_assert!(column + columns <= self.columns);
        let place = row * self.row + column;
        let learn = self.learn.filter(|_| last);
        // SAFETY: the caller's promise.
        unsafe {
            match learn {
                _ if there < sums.len() || columns < WIDTH => self.put_part(sums, place, [there, columns], keep, learn),
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
    fn prefetch(&self, Place { row, column, .. }: Place, rows: usize) {
        for row in row..row + rows {
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
        sums: &[L],
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
        sums: &[L],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_end_where_the_rows_do() {
        for rows in 1..200 {
            let panels: Vec<_> = (0..Panel::count(rows)).map(|index| Panel::of(rows, index)).collect();
            let mut end = 0;
            for Panel { first, rows } in panels {
                assert_eq!((first, rows % 4), (end, 0), "one after another");
                assert!((1..=ROWS).contains(&rows));
                end += rows;
            }
            assert_eq!(end, rows.next_multiple_of(4), "of {rows} rows");
        }
    }
}
