//! Vectors of `f32`: four as WebAssembly's hold them, elsewhere an array, so that what is built on it is tested natively; and
//! sixteen or eight where there is AVX-512.
#![allow(clippy::inline_always, reason = "a tile stays in registers only where all of this is one function")]

/// `WIDTH` values.
pub trait Lanes<const WIDTH: usize>: Copy {
    /// The same value in all of them.
    fn splat(value: f32) -> Self;

    /// The values from `place` on.
    ///
    /// # Safety
    /// As many values can be read there.
    unsafe fn load(place: *const f32) -> Self;

    /// Puts the values from `place` on.
    ///
    /// # Safety
    /// As many values can be written there.
    unsafe fn store(self, place: *mut f32);

    /// `self·factor + term`, rounded once where there is an instruction for it.
    fn times_plus(self, factor: Self, term: Self) -> Self;

    /// `self·factor`.
    fn times(self, factor: Self) -> Self;

    /// Each of four values in all of them, of the `group`th four in a row.
    #[inline(always)]
    fn spread(values: &[f32; 4], _group: usize) -> [Self; 4] {
        [Self::splat(values[0]), Self::splat(values[1]), Self::splat(values[2]), Self::splat(values[3])]
    }
}

#[cfg(target_arch = "wasm32")]
pub use wasm::Four;

#[cfg(target_arch = "wasm32")]
mod wasm {
    use super::Lanes;
    #[cfg(not(target_feature = "relaxed-simd"))]
    use core::arch::wasm32::f32x4_add;
    use core::arch::wasm32::{f32x4_mul, f32x4_splat, v128, v128_load, v128_store};
    #[cfg(target_feature = "relaxed-simd")]
    use core::arch::wasm32::{f32x4_relaxed_madd, i32x4_shuffle};

    /// Four values.
    #[derive(Clone, Copy)]
    #[repr(transparent)]
    pub struct Four(v128);

    impl Lanes<4> for Four {
        #[inline(always)]
        fn splat(value: f32) -> Self {
            Self(f32x4_splat(value))
        }

        #[inline(always)]
        unsafe fn load(place: *const f32) -> Self {
            // SAFETY: the caller's promise; the instruction asks for no alignment.
            Self(unsafe { v128_load(place.cast()) })
        }

        #[inline(always)]
        unsafe fn store(self, place: *mut f32) {
            // SAFETY: the caller's promise; the instruction asks for no alignment.
            unsafe { v128_store(place.cast(), self.0) }
        }

        #[inline(always)]
        fn times_plus(self, factor: Self, term: Self) -> Self {
            #[cfg(target_feature = "relaxed-simd")]
            return Self(f32x4_relaxed_madd(self.0, factor.0, term.0));
            #[cfg(not(target_feature = "relaxed-simd"))]
            Self(f32x4_add(f32x4_mul(self.0, factor.0), term.0))
        }

        #[inline(always)]
        fn times(self, factor: Self) -> Self {
            Self(f32x4_mul(self.0, factor.0))
        }

        /// The first two groups have their values loaded at once and spread from there, while those of others are spread as they are
        /// loaded. A processor of today loads twice while it fuses two multiplications with additions: 13 loads for 12 of them would
        /// be what is waited for. Where it has to multiply and add apart, it waits for those, and spreading is in their way.
        #[cfg(target_feature = "relaxed-simd")]
        #[inline(always)]
        fn spread(values: &[f32; 4], group: usize) -> [Self; 4] {
            if group >= 2 {
                return values.map(Self::splat);
            }
            // SAFETY: four values.
            let Self(four) = unsafe { Self::load(values.as_ptr()) };
            [
                Self(i32x4_shuffle::<0, 0, 0, 0>(four, four)),
                Self(i32x4_shuffle::<1, 1, 1, 1>(four, four)),
                Self(i32x4_shuffle::<2, 2, 2, 2>(four, four)),
                Self(i32x4_shuffle::<3, 3, 3, 3>(four, four)),
            ]
        }
    }
}

/// Four values.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct Four([f32; 4]);

#[cfg(all(test, not(target_arch = "wasm32")))]
impl Lanes<4> for Four {
    fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    unsafe fn load(place: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { place.cast::<[f32; 4]>().read_unaligned() })
    }

    unsafe fn store(self, place: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { place.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    fn times_plus(self, factor: Self, term: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * factor.0[i] + term.0[i]))
    }

    fn times(self, factor: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * factor.0[i]))
    }
}

#[cfg(target_arch = "x86_64")]
pub use avx512::{Eight, Sixteen};

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::Lanes;
    use std::arch::x86_64::{
        __m256, __m512, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_mul_ps, _mm256_set1_ps, _mm256_storeu_ps,
        _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_storeu_ps,
    };

    macro_rules! lanes {
        ($name:ident, $width:literal, $register:ty, $splat:ident, $load:ident, $store:ident, $fmadd:ident, $mul:ident) => {
            /// So many values. Only where [`Sixteen::are_there`] may one be made, and only what is compiled for AVX-512 has them in
            /// registers.
            #[derive(Clone, Copy)]
            #[repr(transparent)]
            pub struct $name($register);

            impl Lanes<$width> for $name {
                #[inline(always)]
                fn splat(value: f32) -> Self {
                    // SAFETY: one is only made where the instructions are there; so below.
                    Self(unsafe { $splat(value) })
                }

                #[inline(always)]
                unsafe fn load(place: *const f32) -> Self {
                    // SAFETY: the caller's promise; the instruction asks for no alignment.
                    Self(unsafe { $load(place) })
                }

                #[inline(always)]
                unsafe fn store(self, place: *mut f32) {
                    // SAFETY: the caller's promise; the instruction asks for no alignment.
                    unsafe { $store(place, self.0) }
                }

                #[inline(always)]
                fn times_plus(self, factor: Self, term: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $fmadd(self.0, factor.0, term.0) })
                }

                #[inline(always)]
                fn times(self, factor: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $mul(self.0, factor.0) })
                }
            }
        };
    }

    lanes!(Sixteen, 16, __m512, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps, _mm512_mul_ps);
    lanes!(Eight, 8, __m256, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps, _mm256_mul_ps);

    impl Sixteen {
        /// Whether this processor has such registers.
        pub fn are_there() -> bool {
            is_x86_feature_detected!("avx512f")
        }
    }
}
