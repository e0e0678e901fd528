//! Hybrid pictures: two digits joined by a mask of large areas, so that short-range correlations are those of real digits
//! and only the shape as a whole is wrong (paper, section 3.2).

use crate::dataset::{Label, Shape};
use crate::engine::{MaskKey, random};
use crate::error::{Error, Result};

/// Separates masks from other draws made with the same seed.
const MASKS: u32 = 0x6d61_736b;
/// Separates the choice of the second digit.
const PARTNERS: u32 = 0x7061_7274;

/// The key of the masks of step `step`.
pub fn key(seed: u32, step: u32, blurs: usize) -> MaskKey {
    MaskKey { seed: seed ^ MASKS, step, blurs }
}

/// The random bits a mask begins as, one a pixel place, row-major.
///
/// Bit `p` of row `row` is bit `16 + p mod 16` of the first word of [`random::hash`]`(seed, step, row·2⁸ + p/16)`.
pub fn bits(shape: Shape, key: &MaskKey, row: u32) -> Vec<f32> {
    (0..(shape.width * shape.height) as u32)
        .map(|p| {
            let word = random::hash(key.seed, key.step, (row << 8) + p / 16)[0];
            f32::from((word >> (16 + p % 16)) as u8 & 1)
        })
        .collect()
}

/// One blur: the filter [¼, ½, ¼] along the rows and then along the columns, edges replicated.
///
/// Products with powers of two are exact, and up to six blurs so are the sums: all engines get the same bits.
pub fn blurred(values: &[f32], shape: Shape) -> Vec<f32> {
    let (width, height) = (shape.width, shape.height);
    let filtered = |values: &[f32], before: &dyn Fn(usize) -> usize, after: &dyn Fn(usize) -> usize| -> Vec<f32> {
        (0..values.len()).map(|i| 0.25 * values[before(i)] + 0.5 * values[i] + 0.25 * values[after(i)]).collect()
    };
    let along = filtered(values, &|i| if i % width == 0 { i } else { i - 1 }, &|i| {
        if i % width == width - 1 { i } else { i + 1 }
    });
    filtered(&along, &|i| if i < width { i } else { i - width }, &|i| {
        if i / width == height - 1 { i } else { i + width }
    })
}

/// The mask of picture `row`: true where the first digit shows.
pub fn mask(shape: Shape, key: &MaskKey, row: u32) -> Vec<bool> {
    let mut values = bits(shape, key, row);
    for _ in 0..key.blurs {
        values = blurred(&values, shape);
    }
    values.into_iter().map(|v| v >= 0.5).collect()
}

/// The place in the data set of a picture of another class than `truth`, for row `row` of step `step`.
///
/// # Errors
/// [`Error::Data`] if all pictures are of one class.
pub fn partner(labels: &[Label], truth: Label, seed: u32, step: u32, row: u32) -> Result<u32> {
    let count = labels.len() as u64;
    // The high bits, as everywhere; nine in ten first draws will do.
    let drawn = |word: u32| ((u64::from(word) * count) >> 32) as usize;
    let words = random::hash(seed ^ PARTNERS, step, row);
    let start = drawn(words[0]);
    if let Some(found) = words.map(drawn).into_iter().find(|&i| labels[i] != truth) {
        return Ok(found as u32);
    }
    (0..labels.len())
        .map(|further| (start + further) % labels.len())
        .find(|&i| labels[i] != truth)
        .map(|i| i as u32)
        .ok_or_else(|| {
            Error::data("the training split", "holds one class only; hybrids are made of two different ones")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_large_areas_half_of_them_ones() {
        let key = key(1, 5, 6);
        let (mut ones, mut changes, mut raw_changes) = (0, 0, 0);
        let neighbours = |m: &[bool]| m.chunks_exact(28).flat_map(|r| r.windows(2)).filter(|w| w[0] != w[1]).count();
        for row in 0..200 {
            let mask = mask(Shape::MNIST, &key, row);
            ones += mask.iter().filter(|&&m| m).count();
            changes += neighbours(&mask);
            let raw: Vec<bool> = bits(Shape::MNIST, &key, row).iter().map(|&b| b > 0.5).collect();
            raw_changes += neighbours(&raw);
        }
        let share = ones as f64 / (200.0 * 784.0);
        assert!((share - 0.5).abs() < 0.02, "{share}");
        // Half of all neighbours differ among random bits; after the blurs, areas are some ten pixels across.
        assert!((raw_changes as f64 / (200.0 * 28.0 * 27.0) - 0.5).abs() < 0.01);
        let rate = changes as f64 / (200.0 * 28.0 * 27.0);
        assert!((0.05..0.15).contains(&rate), "{rate}");
    }

    #[test]
    fn a_blur_keeps_the_sum_inside_and_repeats_the_edge() {
        let shape = Shape { height: 3, width: 5, channels: 1 };
        let mut one = vec![0.0; 15];
        one[7] = 1.0;
        let blurred_one = blurred(&one, shape);
        assert_eq!(blurred_one[7].to_bits(), 0.25_f32.to_bits());
        assert_eq!(blurred_one[6].to_bits(), 0.125_f32.to_bits());
        assert_eq!(blurred_one[1].to_bits(), 0.0625_f32.to_bits());
        assert!((blurred_one.iter().sum::<f32>() - 1.0).abs() < 1e-7);
        assert_eq!(blurred(&[1.0; 15], shape), vec![1.0; 15]);
    }

    #[test]
    fn partners_are_of_another_class_and_from_everywhere() {
        let labels: Vec<Label> = (0..500).map(|i| Label::new((i % 10) as u8).unwrap()).collect();
        let truth = Label::new(4).unwrap();
        let found: Vec<u32> = (0..2000).map(|row| partner(&labels, truth, 3, 9, row).unwrap()).collect();
        assert!(found.iter().all(|&i| labels[i as usize] != truth));
        let distinct: std::collections::HashSet<_> = found.iter().collect();
        assert!(distinct.len() > 400, "{}", distinct.len());
        assert!(partner(&labels[4..5], truth, 1, 1, 1).unwrap_err().to_string().contains("one class only"));
    }
}
