//! The box between two layers that nobody can differentiate.

use super::forward::{row, row_scale};
use super::tasks::for_each_row;
use crate::engine::{Activity, Obstacle, SINE_FROM, TABLE_TO, TABLE_VALUES, random};
use std::ops::Range;

/// See [`crate::engine::Engine::transform`].
pub fn transform(obstacle: Obstacle, seed: u32, input: &Activity, rows: Range<usize>, output: &mut Activity) {
    let (input, input_squares) = (input.values.cpu(), input.squares.flat());
    let units = input.ncols();
    let values = &mut output.values.flat_mut()[rows.start * units..rows.end * units];
    let squares = &mut output.squares.flat_mut()[rows.clone()];
    for_each_row(values, units, squares, |i, out, q| {
        let r = rows.start + i;
        let h = row(input, r);
        let scale = row_scale(input_squares[r], units);
        match obstacle {
            Obstacle::None => out.copy_from_slice(h),
            Obstacle::Median => {
                let median = lower_median(h);
                out.iter_mut().zip(h).for_each(|(out, &h)| *out = f32::from(u8::from(h > median)));
            }
            Obstacle::Sine => out.iter_mut().zip(h).for_each(|(out, h)| *out = sine(scale * h)),
            Obstacle::Table => out.iter_mut().zip(h).for_each(|(out, h)| *out = looked_up(scale * h, seed)),
        }
        *q = out.iter().map(|v| v * v).sum();
    });
}

/// The ⌈n/2⌉-th smallest.
fn lower_median(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    let middle = sorted.len().div_ceil(2) - 1;
    *sorted.select_nth_unstable_by(middle, f32::total_cmp).1
}

fn sine(x: f32) -> f32 {
    if x < SINE_FROM { 0.0 } else { (1.0 / x).sin() }
}

/// The value of the random table at `x`.
fn looked_up(x: f32, seed: u32) -> f32 {
    let place = (x * (TABLE_VALUES as f32 / TABLE_TO)).clamp(0.0, TABLE_VALUES as f32 - 1.0);
    random::uniform(seed ^ TABLE, place as u32, 0)
}

/// Separates the table from other draws made with the same seed.
pub const TABLE: u32 = 0x7461_626c;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_row_is_the_lower_one() {
        assert_eq!(lower_median(&[4.0, 1.0, 3.0, 2.0]).to_bits(), 2.0_f32.to_bits());
        assert_eq!(lower_median(&[5.0, 0.0, 0.0]).to_bits(), 0.0_f32.to_bits());
    }

    #[test]
    fn sine_is_silent_near_zero_and_the_table_has_steps_only() {
        assert_eq!(sine(0.0).to_bits(), 0.0_f32.to_bits());
        assert!((sine(0.5) - 2.0_f32.sin()).abs() < 1e-6);
        assert_eq!(looked_up(1.01, 7).to_bits(), looked_up(1.05, 7).to_bits());
        assert_ne!(looked_up(1.01, 7).to_bits(), looked_up(1.10, 7).to_bits());
        assert_eq!(looked_up(1e9, 7).to_bits(), looked_up(TABLE_TO, 7).to_bits());
    }
}
