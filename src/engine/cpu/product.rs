//! The matrix product everything else waits for.

#[cfg(any(target_arch = "wasm32", target_arch = "x86_64", test))]
mod lanes;
#[cfg(any(target_arch = "wasm32", target_arch = "x86_64", test))]
mod packed;

use super::tasks::for_each_row;
#[cfg(target_arch = "wasm32")]
use lanes::Four;
#[cfg(target_arch = "x86_64")]
use lanes::Sixteen;
use ndarray::{ArrayView2, ArrayViewMut2};
#[cfg(any(target_arch = "wasm32", target_arch = "x86_64", test))]
use packed::On;

/// Weights that follow their momentum: `W ← W + rate·(v − cost·W)`.
pub struct Learn<'a> {
    /// `W`, shaped as the velocity it follows.
    pub weight: ArrayViewMut2<'a, f32>,
    /// `ε·gain`.
    pub rate: f32,
    /// The weight cost.
    pub cost: f32,
}

/// `c = keep·c + factor·(a·b)`; with `keep` = 0 what `c` held is never read.
///
/// In WebAssembly the product is our own (`packed`), which may use relaxed SIMD's fused multiply-add, and so it is on processors
/// with AVX-512. Elsewhere it is that of `gemm-f32`: it packs and blocks for the caches, uses AVX2 or NEON, and runs on all cores.
pub fn product(factor: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, keep: f32, c: &mut ArrayViewMut2<f32>) {
    #[cfg(target_arch = "wasm32")]
    packed::product::<Four, 4>(factor, a, b, keep, c, None, On::All);
    #[cfg(target_arch = "x86_64")]
    if is_ours(&a, &b) {
        return packed::product::<Sixteen, 16>(factor, a, b, keep, c, None, On::All);
    }
    #[cfg(not(target_arch = "wasm32"))]
    native(factor, a, b, keep, c, gemm_common::Parallelism::Rayon(0));
}

/// Whether the product of `a` and `b` is as large as a tile of ours for AVX-512, and that is there.
#[cfg(target_arch = "x86_64")]
fn is_ours(a: &ArrayView2<f32>, b: &ArrayView2<f32>) -> bool {
    a.nrows() >= packed::ROWS && b.ncols() >= 16 && Sixteen::are_there()
}

/// [`product`] for one of many that are worked on at once: natively on this thread alone, and by `gemm-f32`, which takes a
/// fifth less time for the blocks of windows than our tiles do.
pub fn product_here(factor: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, keep: f32, mut c: ArrayViewMut2<f32>) {
    #[cfg(target_arch = "wasm32")]
    packed::product::<Four, 4>(factor, a, b, keep, &mut c, None, On::This);
    #[cfg(not(target_arch = "wasm32"))]
    native(factor, a, b, keep, &mut c, gemm_common::Parallelism::None);
}

/// [`product`], after which `learn`'s weights follow `c`: while `c` is at hand.
pub fn product_and_learn(
    factor: f32,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    keep: f32,
    c: &mut ArrayViewMut2<f32>,
    learn: Learn,
) {
    #[cfg(target_arch = "wasm32")]
    packed::product::<Four, 4>(factor, a, b, keep, c, Some(learn), On::All);
    #[cfg(target_arch = "x86_64")]
    if is_ours(&a, &b) {
        return packed::product::<Sixteen, 16>(factor, a, b, keep, c, Some(learn), On::All);
    }
    #[cfg(not(target_arch = "wasm32"))]
    native_and_learn(factor, a, b, keep, c, learn);
}

/// Rows of a strip of weights and their velocities, which a core's own cache should hold between their product and their step.
#[cfg(not(target_arch = "wasm32"))]
const STRIP: usize = 256;

/// Strip by strip, each on one thread.
#[cfg(not(target_arch = "wasm32"))]
fn native_and_learn(
    factor: f32,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    keep: f32,
    c: &mut ArrayViewMut2<f32>,
    learn: Learn,
) {
    use ndarray::Axis;
    use rayon::prelude::*;
    let (rows, depth) = a.dim();
    if rows == 0 {
        return;
    }
    // Each strip packs all of `b` anew, which is little beside the product of as many rows.
    let strip = rows.div_ceil(rows.div_ceil(STRIP.max(depth)).max(rayon::current_num_threads()));
    let Learn { mut weight, rate, cost } = learn;
    let velocities = c.axis_chunks_iter_mut(Axis(0), strip);
    let weights = weight.axis_chunks_iter_mut(Axis(0), strip);
    let all: Vec<_> = velocities.zip(weights).zip(a.axis_chunks_iter(Axis(0), strip)).collect();
    all.into_par_iter().for_each(|((mut c, weight), a)| {
        native(factor, a, b, keep, &mut c, gemm_common::Parallelism::None);
        Learn { weight, rate, cost }.follow_here(&c.view());
    });
}

impl Learn<'_> {
    /// [`Self::follow`] on this thread alone.
    #[cfg(not(target_arch = "wasm32"))]
    fn follow_here(self, velocity: &ArrayView2<f32>) {
        let Self { mut weight, rate, cost } = self;
        for (mut weight, velocity) in weight.rows_mut().into_iter().zip(velocity.rows()) {
            let (w, v) =
                (weight.as_slice_mut().expect("rows in one piece"), velocity.to_slice().expect("rows in one piece"));
            w.iter_mut().zip(v).for_each(|(w, v)| *w += rate * (v - cost * *w));
        }
    }

    /// Takes the step along `velocity`.
    pub fn follow(self, velocity: &ArrayView2<f32>) {
        let Self { mut weight, rate, cost } = self;
        let (rows, columns) = weight.dim();
        let velocity = velocity.as_slice().expect("contiguous");
        let weight = weight.as_slice_mut().expect("contiguous");
        for_each_row(weight, columns, &mut vec![0.0; rows], |i, w, _| {
            for (w, v) in w.iter_mut().zip(&velocity[i * columns..(i + 1) * columns]) {
                *w += rate * (v - cost * *w);
            }
        });
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn native(
    factor: f32,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    keep: f32,
    c: &mut ArrayViewMut2<f32>,
    parallelism: gemm_common::Parallelism,
) {
    let (rows, inner) = a.dim();
    let columns = b.ncols();
    debug_assert_eq!(b.nrows(), inner);
    debug_assert_eq!(c.dim(), (rows, columns));
    // It is quickest at columns in one piece. Our rows are, so that it is given the transposes: `cᵀ = bᵀ·aᵀ`.
    //
    // SAFETY: pointers, sizes and strides all come from live views, `c` is borrowed mutably and so overlaps neither
    // input, and the dimensions agree (asserted above; callers get them from the same network).
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            columns,
            rows,
            inner,
            c.as_mut_ptr(),
            c.strides()[0],
            c.strides()[1],
            keep != 0.0,
            b.as_ptr(),
            b.strides()[0],
            b.strides()[1],
            a.as_ptr(),
            a.strides()[0],
            a.strides()[1],
            keep,
            factor,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::lanes::Four;
    use super::*;
    use ndarray::{Array2, s};

    type Product = fn(f32, ArrayView2<f32>, ArrayView2<f32>, f32, &mut ArrayViewMut2<f32>, Option<Learn>, On);

    /// Every product there is here, whatever [`product`] would choose: our own, and that of `gemm-f32`.
    fn all() -> Vec<Product> {
        let mut all: Vec<Product> = vec![packed::product::<Four, 4>, |factor, a, b, keep, c, learn, _| match learn {
            Some(learn) => native_and_learn(factor, a, b, keep, c, learn),
            None => native(factor, a, b, keep, c, gemm_common::Parallelism::Rayon(0)),
        }];
        #[cfg(target_arch = "x86_64")]
        if Sixteen::are_there() {
            all.push(packed::product::<Sixteen, 16>);
        }
        all
    }

    fn factors(m: usize, k: usize, n: usize) -> (Array2<f32>, Array2<f32>, Array2<f32>) {
        (
            Array2::from_shape_fn((m, k), |(i, j)| ((i * 31 + j * 17) % 13) as f32 - 6.0),
            Array2::from_shape_fn((k, n), |(i, j)| ((i * 7 + j * 29) % 11) as f32 - 5.0),
            Array2::from_shape_fn((m, n), |(i, j)| (i + 2 * j) as f32),
        )
    }

    const SIZES: [(usize, usize, usize); 9] = [
        (1, 1, 1),
        (7, 65, 3),
        (65, 7, 10),
        (100, 84, 50),
        (13, 0, 9),
        (13, 9, 0),
        (0, 9, 13),
        (31, 600, 77),
        (200, 300, 131),
    ];

    /// Whole numbers, whose products are exact in any order.
    fn check(multiply: impl Fn(f32, ArrayView2<f32>, ArrayView2<f32>, f32, &mut ArrayViewMut2<f32>)) {
        for (m, k, n) in SIZES {
            let (a, b, before) = factors(m, k, n);
            let mut c = before.clone();
            multiply(0.5, a.view(), b.view(), 0.25, &mut c.view_mut());
            assert_eq!(c, a.dot(&b) * 0.5 + &before * 0.25, "{m}×{k}×{n}");

            let (ta, tb) = (a.t().to_owned(), b.t().to_owned());
            let mut d = Array2::from_elem((m + 3, n), f32::NAN);
            multiply(1.0, ta.t(), tb.t(), 0.0, &mut d.slice_mut(s![2..m + 2, ..]));
            assert_eq!(d.slice(s![2..m + 2, ..]), a.dot(&b), "and NaN in the target is not read");
            assert!(d.row(1).iter().chain(d.row(m + 2)).all(|v| v.is_nan()), "nor anything beside it written");
        }
    }

    #[test]
    fn agrees_with_ndarray_on_odd_sizes_and_transposes() {
        check(product);
    }

    #[test]
    fn each_of_the_products_does() {
        for multiply in all() {
            for on in [On::All, On::This] {
                check(|factor, a, b, keep, c| multiply(factor, a, b, keep, c, None, on));
            }
        }
    }

    #[test]
    fn weights_follow_their_momentum_in_every_product() {
        for (m, k, n) in SIZES {
            let (a, b, before) = factors(m, k, n);
            let weight = before.mapv(|v| v / 3.0 - 5.0);
            let velocity = a.dot(&b) * 0.5 + &before * 0.25;
            let expected = &weight + &((&velocity - &(&weight * 0.125)) * 0.25);
            for multiply in all() {
                let (mut c, mut w) = (before.clone(), weight.clone());
                let learn = Learn { weight: w.view_mut(), rate: 0.25, cost: 0.125 };
                multiply(0.5, a.view(), b.view(), 0.25, &mut c.view_mut(), Some(learn), On::All);
                assert_eq!(c, velocity, "{m}×{k}×{n}");
                let worst = (&w - &expected).iter().fold(0.0_f32, |worst, d| worst.max(d.abs()));
                assert!(worst < 1e-3, "{m}×{k}×{n}: {worst}");
            }
        }
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads() {
        let (m, k, n) = (300, 530, 500);
        let a = Array2::from_shape_fn((m, k), |(i, j)| ((i * 31 + j * 17) % 1013) as f32 / 1013.0 - 0.4);
        let b = Array2::from_shape_fn((k, n), |(i, j)| ((i * 7 + j * 29) % 1117) as f32 / 1117.0 - 0.6);
        let bits = |threads: usize, multiply: Product, learns: bool| -> Vec<u32> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let mut c = Array2::zeros((m, n));
            let mut weight = Array2::ones((m, n));
            pool.install(|| {
                let learn = Learn { weight: weight.view_mut(), rate: 0.25, cost: 0.125 };
                multiply(0.1, a.view(), b.view(), 0.5, &mut c.view_mut(), learns.then_some(learn), On::All);
            });
            c.iter().chain(&weight).map(|v| v.to_bits()).collect()
        };
        for (i, multiply) in all().into_iter().enumerate() {
            for learns in [false, true] {
                let one = bits(1, multiply, learns);
                // With the last, each piece of columns has several threads.
                for threads in [2, 3, 7, 40] {
                    assert!(
                        bits(threads, multiply, learns) == one,
                        "product {i}, {threads} threads, learning: {learns}"
                    );
                }
            }
        }
    }
}
