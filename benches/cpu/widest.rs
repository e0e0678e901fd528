//! Multiplying and adding in registers alone, with the widest vectors of the machine. In intrinsics, because a compiler that is left
//! to itself keeps such a loop in narrower ones or in none.

/// Sums that do not wait for one another: a result is there four or five cycles later, and two can begin in each.
const SUMS: usize = 12;

/// A loop of `times` rounds, of [`SUMS`] fused multiply-adds each: the operations that it executed.
macro_rules! rounds {
    ($times:expr, $lanes:expr, $splat:expr, $fused:expr, $first:expr) => {{
        let mut sums = [$splat(0.5); SUMS];
        let (x, y) = ($splat(std::hint::black_box(0.999)), $splat(std::hint::black_box(0.001)));
        for _ in 0..$times {
            for sum in &mut sums {
                *sum = $fused(*sum, x, y);
            }
        }
        for sum in sums {
            std::hint::black_box($first(sum));
        }
        ($times * SUMS * 2 * $lanes) as u64
    }};
}

#[cfg(target_arch = "x86_64")]
mod here {
    use super::SUMS;
    use std::arch::x86_64::{
        _mm256_cvtss_f32, _mm256_fmadd_ps, _mm256_set1_ps, _mm512_cvtss_f32, _mm512_fmadd_ps, _mm512_set1_ps,
    };

    #[target_feature(enable = "avx512f")]
    fn avx512(times: usize) -> u64 {
        rounds!(times, 16, |v| _mm512_set1_ps(v), |s, x, y| _mm512_fmadd_ps(s, x, y), |s| _mm512_cvtss_f32(s))
    }

    #[target_feature(enable = "avx2,fma")]
    fn avx2(times: usize) -> u64 {
        rounds!(times, 8, |v| _mm256_set1_ps(v), |s, x, y| _mm256_fmadd_ps(s, x, y), |s| _mm256_cvtss_f32(s))
    }

    /// What its vectors are called.
    pub fn name() -> &'static str {
        if is_x86_feature_detected!("avx512f") {
            "AVX-512"
        } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            "AVX2"
        } else {
            "unknown"
        }
    }

    /// So many rounds: the operations that they executed, none where this program does not know how.
    pub fn multiply_add(times: usize) -> u64 {
        match name() {
            // SAFETY: it was just asked for.
            "AVX-512" => unsafe { avx512(times) },
            // SAFETY: likewise.
            "AVX2" => unsafe { avx2(times) },
            _ => 0,
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod here {
    use super::SUMS;
    use std::arch::aarch64::{vdupq_n_f32, vfmaq_f32, vgetq_lane_f32};

    pub fn name() -> &'static str {
        "NEON"
    }

    pub fn multiply_add(times: usize) -> u64 {
        // SAFETY: every such processor has them.
        unsafe { rounds!(times, 4, |v| vdupq_n_f32(v), |s, x, y| vfmaq_f32(y, s, x), |s| vgetq_lane_f32::<0>(s)) }
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod here {
    pub fn name() -> &'static str {
        "unknown"
    }

    pub fn multiply_add(_: usize) -> u64 {
        0
    }
}

pub use here::{multiply_add, name};
