//! Local receptive fields as products that the kernels are good at.
//!
//! Units have weights of their own, so there is nothing to convolve; but the windows of neighbours are mostly the same inputs.
//! A tile of neighbouring positions reads the union of its windows once, `K` inputs, and the weights of its `U` units become a
//! dense block `[U, K]` with zeros where a unit does not look: one product `[B, K]·[K, U]` a tile. The blocks are made where they
//! are used, out of `W: [N, F]` – runs of a window's row, which lie in one piece on both sides – and are gone with the cache.

use super::product::product_here;
use super::scratch::{BLOCK, PACKED, PRODUCTS, borrow};
use super::tasks::{Shared, for_each_row, for_each_task};
use crate::engine::{Connection, Local, Matrix, Rates};
use ndarray::{ArrayView2, ArrayViewMut2};
use std::ops::Range;

/// Rows of a batch whose inputs are packed together: what a tile reads of them stays in the second cache.
const ROWS: usize = 128;

/// Neighbouring positions, and those that their windows reach.
struct Tile {
    y: Range<usize>,
    x: Range<usize>,
    from_y: Range<usize>,
    from_x: Range<usize>,
    local: Local,
}

impl Tile {
    /// All tiles of a wiring, row by row; those at the lower and right edges may be smaller.
    fn all(local: Local) -> Vec<Self> {
        let along = |size: usize| (0..size).step_by(local.tile).map(move |at| at..(at + local.tile).min(size));
        let tile = |y: Range<usize>, x: Range<usize>| Self {
            from_y: local.around(&y, local.height),
            from_x: local.around(&x, local.width),
            y,
            x,
            local,
        };
        along(local.height).flat_map(|y| along(local.width).map(move |x| tile(y.clone(), x))).collect()
    }

    /// `U`.
    fn units(&self) -> usize {
        self.y.len() * self.x.len() * self.local.units
    }

    /// `K`.
    fn inputs(&self) -> usize {
        self.from_y.len() * self.from_x.len() * self.local.inputs
    }

    /// Where its units lie in a row of activities: a run for each row of positions.
    fn here(&self) -> impl Iterator<Item = Range<usize>> {
        runs(&self.y, &self.x, self.local.width, self.local.units)
    }

    /// Where what it reads lies in a row of inputs.
    fn there(&self) -> impl Iterator<Item = Range<usize>> {
        runs(&self.from_y, &self.from_x, self.local.width, self.local.inputs)
    }

    /// Calls `each(unit, u, place, k, count)` for every run of weights: `count` of them from `place` in the window of unit `unit`
    /// of the layer, which is unit `u` of the block, and from input `k` of the block.
    fn each_run(&self, mut each: impl FnMut(usize, usize, usize, usize, usize)) {
        let Local { width, inputs, units, window, .. } = self.local;
        let reach = self.local.reach();
        let mut u = 0;
        for y in self.y.clone() {
            let seen_y = self.local.around(&(y..y + 1), self.local.height);
            for x in self.x.clone() {
                let seen_x = self.local.around(&(x..x + 1), width);
                for unit in (y * width + x) * units..(y * width + x + 1) * units {
                    for from_y in seen_y.clone() {
                        let place = ((from_y + reach - y) * window + seen_x.start + reach - x) * inputs;
                        let row = (from_y - self.from_y.start) * self.from_x.len();
                        let k = (row + seen_x.start - self.from_x.start) * inputs;
                        each(unit, u, place, k, seen_x.len() * inputs);
                    }
                    u += 1;
                }
            }
        }
    }
}

fn runs(y: &Range<usize>, x: &Range<usize>, width: usize, each: usize) -> impl Iterator<Item = Range<usize>> {
    let x = x.clone();
    y.clone().map(move |y| (y * width + x.start) * each..(y * width + x.end) * each)
}

/// Copies `runs` of each of `rows` into one piece a row.
fn pack(source: &[f32], width: usize, rows: Range<usize>, runs: &[Range<usize>], packed: &mut [f32]) {
    let mut to = 0;
    for row in rows {
        let row = &source[row * width..(row + 1) * width];
        for run in runs {
            packed[to..to + run.len()].copy_from_slice(&row[run.clone()]);
            to += run.len();
        }
    }
}

/// `rows` in pieces of [`ROWS`].
fn pieces(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(ROWS).map(move |first| first..(first + ROWS).min(rows))
}

/// `out = keep·out + x·W`: `x: [R, D]` → `out: [R, N]`.
pub fn multiply(x: ArrayView2<f32>, weight: &[f32], local: Local, keep: f32, out: &mut ArrayViewMut2<f32>) {
    // [U, K]: each unit's window where its tile reads it.
    let fill = |tile: &Tile, block: &mut [f32]| {
        let (places, inputs) = (local.places(), tile.inputs());
        tile.each_run(|unit, u, place, k, count| {
            block[u * inputs + k..][..count].copy_from_slice(&weight[unit * places + place..][..count]);
        });
    };
    through(x, local, Block { by_units: true, fill }, keep, out);
}

/// `out = δ·Wᵀ`: `δ: [R, N]` → `out: [R, D]`. Tiles of those that are heard read all that hear them.
pub fn back(delta: ArrayView2<f32>, weight: &[f32], local: Local, out: &mut ArrayViewMut2<f32>) {
    let Local { height, width, inputs, units, window, .. } = local;
    let reach = local.reach();
    // [K, U]: of each unit that hears the tile, that part of its window.
    let fill = |tile: &Tile, block: &mut [f32]| {
        let mut rows = block.chunks_exact_mut(tile.units());
        for y in tile.from_y.clone() {
            let seen_y = both(&local.around(&(y..y + 1), height), &tile.y);
            for x in tile.from_x.clone() {
                let seen_x = both(&local.around(&(x..x + 1), width), &tile.x);
                for unit in (y * width + x) * units..(y * width + x + 1) * units {
                    let row = rows.next().expect("a row for each unit around the tile");
                    for at in seen_y.clone() {
                        let place = ((at + reach - y) * window + seen_x.start + reach - x) * inputs;
                        let to = ((at - tile.y.start) * tile.x.len() + seen_x.start - tile.x.start) * inputs;
                        let count = seen_x.len() * inputs;
                        row[to..to + count].copy_from_slice(&weight[unit * local.places() + place..][..count]);
                    }
                }
            }
        }
    };
    through(delta, local.reversed(), Block { by_units: false, fill }, 0.0, out);
}

fn both(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.max(b.start)..a.end.min(b.end)
}

/// The weights of a tile as a dense block.
struct Block<F> {
    /// Whether its rows are units, `[U, K]`, or inputs, `[K, U]`.
    by_units: bool,
    /// Writes those that exist into a block of zeros.
    fill: F,
}

/// `out = keep·out + x·block` tile by tile; then each tile's columns go to their places.
fn through<F: Fn(&Tile, &mut [f32]) + Sync + Send>(
    x: ArrayView2<f32>,
    local: Local,
    weights: Block<F>,
    keep: f32,
    out: &mut ArrayViewMut2<f32>,
) {
    let rows = x.nrows();
    if rows == 0 {
        return;
    }
    let [width, units] = local.sides();
    debug_assert_eq!((x.ncols(), out.dim()), (width, (rows, units)));
    let x = x.to_slice().expect("whole rows");
    let tiles = Tile::all(local);
    let most = rows * tiles.iter().map(Tile::units).max().expect("a tile");
    borrow(&PRODUCTS, tiles.len() * most, |products| {
        for_each_row(products, most, &mut vec![0.0; tiles.len()], |i, product, _| {
            let tile = &tiles[i];
            let (k, u) = (tile.inputs(), tile.units());
            let runs: Vec<Range<usize>> = tile.there().collect();
            borrow(&BLOCK, k * u, |block| {
                block.fill(0.0);
                (weights.fill)(tile, block);
                let block = if weights.by_units { matrix(u, k, block).reversed_axes() } else { matrix(k, u, block) };
                borrow(&PACKED, ROWS.min(rows) * k, |packed| {
                    for piece in pieces(rows) {
                        let packed = &mut packed[..piece.len() * k];
                        pack(x, width, piece.clone(), &runs, packed);
                        let target = &mut product[piece.start * u..piece.end * u];
                        let target = ArrayViewMut2::from_shape((piece.len(), u), target).expect("as long");
                        product_here(1.0, matrix(piece.len(), k, packed), block, 0.0, target);
                    }
                });
            });
        });
        let out = out.as_slice_mut().expect("whole rows");
        for_each_row(out, units, &mut vec![0.0; rows], |row, out, _| {
            for (tile, product) in tiles.iter().zip(products.chunks_exact(most)) {
                let mut from = &product[row * tile.units()..(row + 1) * tile.units()];
                for run in tile.here() {
                    let (here, rest) = from.split_at(run.len());
                    from = rest;
                    if keep == 0.0 {
                        out[run].copy_from_slice(here);
                    } else {
                        out[run].iter_mut().zip(here).for_each(|(out, z)| *out = keep * *out + z);
                    }
                }
            }
        });
    });
}

fn matrix(rows: usize, columns: usize, values: &[f32]) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows, columns), values).expect("as long as the shape says")
}

/// One step of the weights: `v ← μv + share·δᵀ·u`, `W ← W + rate·(v − cW)`, for those that exist; `u: [R, D]`, `δ: [R, N]`.
pub fn learn(
    u: ArrayView2<f32>,
    delta: ArrayView2<f32>,
    share: f32,
    rates: &Rates,
    local: Local,
    connection: &mut Connection,
) {
    let rows = u.nrows();
    if rows == 0 {
        return;
    }
    let [width, units] = local.sides();
    let (u, delta) = (u.to_slice().expect("whole rows"), delta.to_slice().expect("whole rows"));
    let tiles = Tile::all(local);
    let across = local.width.div_ceil(local.tile);
    let (places, in_band) = (local.places(), local.tile * local.width * local.units);
    let Rates { rate, momentum, weight_cost: cost } = *rates;
    let [weight, velocity] = [&mut connection.weight, &mut connection.velocity].map(Matrix::flat_mut);
    // The units of a row of tiles have their weights in one piece.
    for_each_band(weight, velocity, in_band * places, |band, weight, velocity| {
        for tile in &tiles[band * across..(band + 1) * across] {
            let (k, n) = (tile.inputs(), tile.units());
            let (here, there): (Vec<Range<usize>>, Vec<Range<usize>>) = (tile.here().collect(), tile.there().collect());
            borrow(&BLOCK, k * n, |gradient| {
                borrow(&PACKED, ROWS.min(rows) * (k + n), |packed| {
                    for piece in pieces(rows) {
                        let (inputs, deltas) = packed[..piece.len() * (k + n)].split_at_mut(piece.len() * k);
                        pack(u, width, piece.clone(), &there, inputs);
                        pack(delta, units, piece.clone(), &here, deltas);
                        let deltas = matrix(piece.len(), n, deltas).reversed_axes();
                        let keep = if piece.start == 0 { 0.0 } else { 1.0 };
                        let gradient = ArrayViewMut2::from_shape((n, k), &mut *gradient).expect("as long");
                        product_here(share, deltas, matrix(piece.len(), k, inputs), keep, gradient);
                    }
                });
                tile.each_run(|unit, row, place, at, count| {
                    let start = (unit - band * in_band) * places + place;
                    let (w, v) = (&mut weight[start..start + count], &mut velocity[start..start + count]);
                    for ((w, v), g) in w.iter_mut().zip(v).zip(&gradient[row * k + at..][..count]) {
                        *v = momentum * *v + g;
                        *w += rate * (*v - cost * *w);
                    }
                });
            });
        }
    });
}

/// Calls `each(i, weights, velocities)` for every `size` values of both, on all cores where there are threads.
fn for_each_band(
    weight: &mut [f32],
    velocity: &mut [f32],
    size: usize,
    each: impl Fn(usize, &mut [f32], &mut [f32]) + Sync + Send,
) {
    let (count, len) = (weight.len().div_ceil(size), weight.len());
    let (weight, velocity) = (Shared::new(weight), Shared::new(velocity));
    for_each_task(count, |i| {
        let band = i * size..((i + 1) * size).min(len);
        // SAFETY: a band is one task's.
        unsafe { each(i, weight.piece(band.clone()), velocity.piece(band)) };
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Wiring, random};
    use ndarray::Array2;

    fn noise(seed: u32, rows: usize, columns: usize) -> Array2<f32> {
        Array2::from_shape_fn((rows, columns), |(i, j)| random::uniform(seed, i as u32, j as u32) - 0.5)
    }

    /// The matrix `[D, N]` that has a local connection's weights at their places, and zeros elsewhere.
    fn dense(weight: &Array2<f32>, local: Local) -> Array2<f32> {
        let [inputs, units] = local.sides();
        let mut dense = Array2::zeros((inputs, units));
        for unit in 0..units {
            for place in 0..local.places() {
                if let Some(seen) = local.seen(unit, place) {
                    dense[(seen, unit)] = weight[(unit, place)];
                }
            }
        }
        dense
    }

    fn assert_near(ours: &Array2<f32>, theirs: &Array2<f32>, what: &str) {
        let worst = ours.iter().zip(theirs).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 2e-5, "{what}: {worst}");
    }

    /// Tiles that divide the grid, that do not, of one position and of all; windows cut at all four edges, and wider than the
    /// grid; one row, and more than are packed at once.
    #[test]
    fn local_wiring_is_a_dense_one_with_a_mask() {
        for (height, width, inputs, units, window, rows) in
            [(6, 8, 3, 2, 5, 3), (7, 5, 1, 3, 3, 1), (4, 5, 2, 2, 9, 150)]
        {
            for tile in [1, 2, 3, 4, 64] {
                let local = Local { height, width, inputs, units, window, tile };
                let what = format!("{local:?}");
                let [d, n] = local.sides();
                let places = local.places();
                let mut weight = noise(1, n, places);
                // Beyond the edges there are no weights.
                for unit in 0..n {
                    (0..places).filter(|&p| local.seen(unit, p).is_none()).for_each(|p| weight[(unit, p)] = 0.0);
                }
                let (x, delta, before) = (noise(2, rows, d), noise(3, rows, n), noise(4, rows, n));
                let masked = dense(&weight, local);

                let mut out = before.clone();
                multiply(x.view(), weight.as_slice().unwrap(), local, 0.5, &mut out.view_mut());
                assert_near(&out, &(x.dot(&masked) + &(&before * 0.5)), &what);
                let mut fresh = Array2::from_elem((rows, n), f32::NAN);
                multiply(x.view(), weight.as_slice().unwrap(), local, 0.0, &mut fresh.view_mut());
                assert_near(&fresh, &x.dot(&masked), &what);

                let mut down = Array2::from_elem((rows, d), f32::NAN);
                back(delta.view(), weight.as_slice().unwrap(), local, &mut down.view_mut());
                assert_near(&down, &delta.dot(&masked.t()), &what);

                let rates = Rates { rate: 0.1, momentum: 0.9, weight_cost: 0.01 };
                let share = 0.1 / rows as f32;
                let velocity = Matrix::Cpu(Array2::zeros((n, places)));
                let wiring = Wiring::Local(local);
                let mut connection = Connection { weight: Matrix::Cpu(weight.clone()), velocity, wiring };
                for _ in 0..2 {
                    learn(x.view(), delta.view(), share, &rates, local, &mut connection);
                }
                // The same two steps of the dense one, where there are weights.
                let (mut w, mut v) = (masked, Array2::<f32>::zeros((d, n)));
                for _ in 0..2 {
                    v = v * rates.momentum + x.t().dot(&delta) * share;
                    let step = (&v - &(&w * rates.weight_cost)) * rates.rate;
                    w = w + step;
                }
                let (weight, velocity) = (connection.weight.cpu(), connection.velocity.cpu());
                let mut compared = 0;
                for unit in 0..n {
                    for place in 0..places {
                        let (now, expected) = match local.seen(unit, place) {
                            Some(seen) => (weight[(unit, place)], w[(seen, unit)]),
                            None => (weight[(unit, place)] + velocity[(unit, place)], 0.0),
                        };
                        compared += usize::from(expected != 0.0);
                        assert!((now - expected).abs() < 1e-5, "{what}: unit {unit}, place {place}: {now}, {expected}");
                    }
                }
                assert!(compared > n, "{what}: weights were compared");
            }
        }
    }

    #[test]
    fn results_do_not_depend_on_threads() {
        let local = Local { height: 9, width: 8, inputs: 3, units: 3, window: 5, tile: 4 };
        let [d, n] = local.sides();
        let (x, weight) = (noise(1, 200, d), noise(2, n, local.places()));
        let bits = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let mut out = Array2::zeros((200, n));
            pool.install(|| multiply(x.view(), weight.as_slice().unwrap(), local, 0.0, &mut out.view_mut()));
            out.map(|v: &f32| v.to_bits())
        };
        assert_eq!(bits(1), bits(3));
    }
}
