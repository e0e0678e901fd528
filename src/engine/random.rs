//! A counter-based generator: every draw is a function of (seed, step, row), so that an engine needs no state, a
//! checkpoint no more than the step, and all engines draw the same.

/// Three mixed words from three counters.
///
/// The `pcg3d` hash of Jarzynski and Olano, "Hash Functions for GPU Rendering" (JCGT 2020): good enough for drawing
/// labels, cheap in 32-bit integers, and the same in WGSL.
pub fn hash(x: u32, y: u32, z: u32) -> [u32; 3] {
    let mix = |v: u32| v.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let (mut x, mut y, mut z) = (mix(x), mix(y), mix(z));
    for round in 0..2 {
        x = x.wrapping_add(y.wrapping_mul(z));
        y = y.wrapping_add(z.wrapping_mul(x));
        z = z.wrapping_add(x.wrapping_mul(y));
        if round == 0 {
            x ^= x >> 16;
            y ^= y >> 16;
            z ^= z >> 16;
        }
    }
    [x, y, z]
}

/// A uniform draw from [0, 1), 24 bits of it.
pub fn uniform(seed: u32, step: u32, row: u32) -> f32 {
    (hash(seed, step, row)[0] >> 8) as f32 / (1 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_uniform_and_uncorrelated_between_neighbours() {
        let n = 40_000_u32;
        let draw = |i: u32| uniform(7, i / 100, i % 100);
        let mut bins = [0_u32; 10];
        let mut product = 0.0_f64;
        for i in 0..n {
            bins[(draw(i) * 10.0) as usize] += 1;
            product += (f64::from(draw(i)) - 0.5) * (f64::from(draw(i + 1)) - 0.5);
        }
        // 4000 expected a bin, standard deviation 60; a correlation of neighbours has standard error 0.005.
        assert!(bins.iter().all(|&b| (3700..4300).contains(&b)), "{bins:?}");
        assert!((product / f64::from(n) * 12.0).abs() < 0.02);
    }

    #[test]
    fn seeds_and_steps_differ() {
        assert_ne!(uniform(1, 2, 3).to_bits(), uniform(2, 2, 3).to_bits());
        assert_ne!(uniform(1, 2, 3).to_bits(), uniform(1, 3, 3).to_bits());
    }
}
