//! The matrix product everything else waits for, and the few row operations around it.

use ndarray::{ArrayView2, ArrayViewMut2};

/// `c = keep·c + factor·(a·b)`; with `keep` = 0 what `c` held is never read.
///
/// The product is the `gemm` crate's: it packs and blocks for the caches, uses AVX-512, AVX2, NEON or WebAssembly's
/// `simd128`, and runs on all cores natively. On one WebAssembly core it is a fifth faster than ndarray's own.
pub fn product(factor: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, keep: f32, c: &mut ArrayViewMut2<f32>) {
    let (rows, inner) = a.dim();
    let columns = b.ncols();
    debug_assert_eq!(b.nrows(), inner);
    debug_assert_eq!(c.dim(), (rows, columns));
    #[cfg(not(target_arch = "wasm32"))]
    let parallelism = gemm::Parallelism::Rayon(0);
    #[cfg(target_arch = "wasm32")]
    let parallelism = gemm::Parallelism::None;
    // SAFETY: pointers, sizes and strides all come from live views, `c` is borrowed mutably and so overlaps neither
    // input, and the dimensions agree (asserted above; callers get them from the same network).
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            c.as_mut_ptr(),
            c.strides()[1],
            c.strides()[0],
            keep != 0.0,
            a.as_ptr(),
            a.strides()[1],
            a.strides()[0],
            b.as_ptr(),
            b.strides()[1],
            b.strides()[0],
            keep,
            factor,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// Calls `each(i, row)` for every row of `matrix` (contiguous, `columns` values a row), on all cores where there are
/// threads.
pub fn for_each_row<F: Fn(usize, &mut [f32], &mut f32) + Sync + Send>(
    matrix: &mut [f32],
    columns: usize,
    column: &mut [f32],
    each: F,
) {
    debug_assert_eq!(matrix.len(), columns * column.len());
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        // Rows worth about 16 KiB a piece of work: less is all overhead.
        let rows = (4096 / columns.max(1)).max(1);
        matrix
            .par_chunks_exact_mut(columns)
            .zip(column.par_iter_mut())
            .enumerate()
            .with_min_len(rows)
            .for_each(|(i, (row, value))| each(i, row, value));
    }
    #[cfg(target_arch = "wasm32")]
    for (i, (row, value)) in matrix.chunks_exact_mut(columns).zip(column).enumerate() {
        each(i, row, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn agrees_with_ndarray_on_odd_sizes_and_transposes() {
        for (m, k, n) in [(1, 1, 1), (7, 65, 3), (65, 7, 10), (100, 84, 50)] {
            let a = Array2::from_shape_fn((m, k), |(i, j)| ((i * 31 + j * 17) % 13) as f32 - 6.0);
            let b = Array2::from_shape_fn((k, n), |(i, j)| ((i * 7 + j * 29) % 11) as f32 - 5.0);
            let before = Array2::from_shape_fn((m, n), |(i, j)| (i + 2 * j) as f32);
            let mut c = before.clone();
            product(0.5, a.view(), b.view(), 0.25, &mut c.view_mut());
            assert_eq!(c, a.dot(&b) * 0.5 + &before * 0.25);

            let transposed = a.t().to_owned();
            let mut d = Array2::from_elem((m, n), f32::NAN);
            product(1.0, transposed.t(), b.view(), 0.0, &mut d.view_mut());
            assert_eq!(d, a.dot(&b), "and NaN in the target is not read");
        }
    }
}
