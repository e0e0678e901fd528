//! A photograph or scan of a digit, and the 28×28 image MNIST would hold of it.

use super::ink::BOX;
use super::{Image, centred};

/// Ink is what differs from the ground by more than this share of the largest difference.
const INK: f32 = 0.25;

/// A picture whose lightest and darkest pixel differ by no more than this holds nothing.
const CONTRAST: f32 = 24.0;

/// The image MNIST would hold of a grey picture of one digit, dark on light or light on dark, or `None` if it shows
/// nothing but an even ground.
///
/// `grey` is row-major, `[height, width]`. The ground is the median of the picture's border; what differs from it clearly
/// is ink, which is cut out, averaged down to fit 20×20, and centred by its mass.
pub fn from_picture(grey: &[u8], width: usize, height: usize) -> Option<Image> {
    debug_assert_eq!(grey.len(), width * height);
    if width == 0 || height == 0 {
        return None;
    }
    let at = |x: usize, y: usize| f32::from(grey[y * width + x]);
    let mut border: Vec<f32> = (0..width).flat_map(|x| [at(x, 0), at(x, height - 1)]).collect();
    border.extend((0..height).flat_map(|y| [at(0, y), at(width - 1, y)]));
    border.sort_unstable_by(f32::total_cmp);
    let ground = border[border.len() / 2];
    let strongest = grey.iter().fold(0.0_f32, |most, &v| most.max((f32::from(v) - ground).abs()));
    if strongest <= CONTRAST {
        return None;
    }
    // 0 for ground, 1 for ink.
    let ink = |x: usize, y: usize| {
        let share = (at(x, y) - ground).abs() / strongest;
        if share > INK { share } else { 0.0 }
    };
    let columns: Vec<usize> = (0..width).filter(|&x| (0..height).any(|y| ink(x, y) > 0.0)).collect();
    let rows: Vec<usize> = (0..height).filter(|&y| (0..width).any(|x| ink(x, y) > 0.0)).collect();
    let (left, right) = (*columns.first()?, *columns.last()? + 1);
    let (top, bottom) = (*rows.first()?, *rows.last()? + 1);
    let scale = BOX as f32 / (right - left).max(bottom - top) as f32;

    let mut levels = [0_u8; BOX * BOX];
    let mut averages = [0.0_f32; BOX * BOX];
    let mut darkest = 0.0_f32;
    for (index, average) in averages.iter_mut().enumerate() {
        let (row, column) = (index / BOX, index % BOX);
        // The box of the picture that this pixel covers, averaged with the share of each pixel inside it.
        let edge = |from: usize, place: usize| from as f32 + place as f32 / scale;
        let (x0, x1) = (edge(left, column), edge(left, column + 1).min(right as f32));
        let (y0, y1) = (edge(top, row), edge(top, row + 1).min(bottom as f32));
        if x1 <= x0 || y1 <= y0 {
            continue;
        }
        let mut sum = 0.0;
        for y in y0 as usize..(y1.ceil() as usize).min(bottom) {
            let tall = (y1.min(y as f32 + 1.0) - y0.max(y as f32)).max(0.0);
            for x in x0 as usize..(x1.ceil() as usize).min(right) {
                sum += tall * (x1.min(x as f32 + 1.0) - x0.max(x as f32)).max(0.0) * ink(x, y);
            }
        }
        *average = sum * scale * scale;
        darkest = darkest.max(*average);
    }
    for (level, average) in levels.iter_mut().zip(averages) {
        *level = (average / darkest * 255.0).round() as u8;
    }
    Some(centred(&levels))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bar 12 wide and 60 high, `ink` on `ground`, somewhere in 100×80.
    fn bar(ground: u8, ink: u8, left: usize) -> Vec<u8> {
        let inked = |i: usize| (left..left + 12).contains(&(i % 100)) && (10..70).contains(&(i / 100));
        (0..8000).map(|i| if inked(i) { ink } else { ground }).collect()
    }

    #[test]
    fn dark_on_light_and_light_on_dark_anywhere_come_out_the_same() {
        let here = from_picture(&bar(250, 10, 20), 100, 80).unwrap();
        assert_eq!(from_picture(&bar(5, 240, 71), 100, 80), Some(here));
        let inked: Vec<usize> = (0..784).filter(|&i| here[i] > 127).collect();
        assert_eq!(inked.len(), 80, "4 wide and 20 high");
        let column = inked.iter().map(|i| (i % 28) as f32).sum::<f32>() / 80.0;
        assert!((column - 14.0).abs() <= 0.5, "centred: {column}");
    }

    #[test]
    fn an_even_ground_is_nothing() {
        assert_eq!(from_picture(&[200; 100], 10, 10), None);
        assert_eq!(from_picture(&[], 0, 0), None);
    }
}
