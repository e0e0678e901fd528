//! Four `f32` at once, as WebAssembly's vectors hold them; elsewhere an array, so that what is built on it is tested natively.
#![allow(clippy::inline_always, reason = "a tile stays in registers only where all of this is one function")]

#[cfg(target_arch = "wasm32")]
pub use wasm::Lanes;

#[cfg(target_arch = "wasm32")]
mod wasm {
    #[cfg(not(target_feature = "relaxed-simd"))]
    use core::arch::wasm32::f32x4_add;
    #[cfg(target_feature = "relaxed-simd")]
    use core::arch::wasm32::f32x4_relaxed_madd;
    use core::arch::wasm32::{f32x4_mul, f32x4_splat, i32x4_shuffle, v128, v128_load, v128_store};

    /// Four values.
    #[derive(Clone, Copy)]
    #[repr(transparent)]
    pub struct Lanes(v128);

    impl Lanes {
        /// The same value four times.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Self(f32x4_splat(value))
        }

        /// The four values from `place` on.
        ///
        /// # Safety
        /// Four values can be read there.
        #[inline(always)]
        pub unsafe fn load(place: *const f32) -> Self {
            // SAFETY: the caller's promise; the instruction asks for no alignment.
            Self(unsafe { v128_load(place.cast()) })
        }

        /// Puts the four values from `place` on.
        ///
        /// # Safety
        /// Four values can be written there.
        #[inline(always)]
        pub unsafe fn store(self, place: *mut f32) {
            // SAFETY: the caller's promise; the instruction asks for no alignment.
            unsafe { v128_store(place.cast(), self.0) }
        }

        /// `self·factor + term`, rounded once where the build may count on relaxed SIMD.
        #[inline(always)]
        pub fn times_plus(self, factor: Self, term: Self) -> Self {
            #[cfg(target_feature = "relaxed-simd")]
            return Self(f32x4_relaxed_madd(self.0, factor.0, term.0));
            #[cfg(not(target_feature = "relaxed-simd"))]
            Self(f32x4_add(f32x4_mul(self.0, factor.0), term.0))
        }

        /// `self·factor`.
        #[inline(always)]
        pub fn times(self, factor: Self) -> Self {
            Self(f32x4_mul(self.0, factor.0))
        }

        /// The value at `INDEX`, four times.
        #[inline(always)]
        pub fn spread<const INDEX: usize>(self) -> Self {
            Self(i32x4_shuffle::<INDEX, INDEX, INDEX, INDEX>(self.0, self.0))
        }
    }
}

/// Four values.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct Lanes([f32; 4]);

#[cfg(not(target_arch = "wasm32"))]
impl Lanes {
    /// The same value four times.
    pub fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    /// The four values from `place` on.
    ///
    /// # Safety
    /// Four values can be read there.
    pub unsafe fn load(place: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { place.cast::<[f32; 4]>().read_unaligned() })
    }

    /// Puts the four values from `place` on.
    ///
    /// # Safety
    /// Four values can be written there.
    pub unsafe fn store(self, place: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { place.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    /// `self·factor + term`.
    pub fn times_plus(self, factor: Self, term: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * factor.0[i] + term.0[i]))
    }

    /// `self·factor`.
    pub fn times(self, factor: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * factor.0[i]))
    }
    /// The value at `INDEX`, four times.
    pub fn spread<const INDEX: usize>(self) -> Self {
        Self([self.0[INDEX]; 4])
    }
}
