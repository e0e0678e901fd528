//! Built-in outlines: four shapes drawn with one line, of any size and at any place of a 28×28 picture. Four classes are enough for
//! a small net to learn in a few seconds.

use super::{Label, Shape, Split, supply};
use rand::RngExt;
use std::ops::Range;

/// The names of the classes.
pub const CLASSES: [&str; 4] = ["circle", "square", "triangle", "cross"];

/// How thick the line is, in pixels.
const PEN: f32 = 1.2;

/// The pictures of a range of indices, from a seed.
pub fn split(seed: u64, range: Range<u64>) -> Split {
    supply::split(Shape::MNIST, range, |index| picture(seed, index))
}

/// Picture number `index`: its label and its bytes, a pure function of the seed and the index.
fn picture(seed: u64, index: u64) -> (Label, Vec<u8>) {
    let label = supply::label(seed, index, CLASSES.len());
    let mut rng = supply::stream(seed, index);
    let radius: f32 = rng.random_range(5.0..11.0);
    let centre = [(); 2].map(|()| rng.random_range(radius + 2.0..26.0 - radius));
    let ink = |pixel: usize| {
        let [x, y] = [(pixel % 28) as f32 - centre[0], (pixel / 28) as f32 - centre[1]];
        let inside = x.abs().max(y.abs()) - radius;
        // How far the pixel is from the line.
        let distance = match label.value() {
            0 => x.hypot(y) - radius,
            1 => inside,
            2 => (y - radius).max(0.9 * x.abs() - 0.45 * (y + radius)),
            _ => inside.max((x.abs() - y.abs()).abs() * std::f32::consts::FRAC_1_SQRT_2),
        };
        let sharp = 1.0 + PEN - distance.abs();
        (255.0 * sharp.clamp(0.0, 1.0)) as u8
    };
    (label, (0..Shape::MNIST.pixels()).map(ink).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_depend_on_seed_and_index_alone_and_leave_ink() {
        let all = split(3, 0..40);
        assert_eq!(all, split(3, 0..40));
        assert!((0..40).all(|index| all.images.image(index).iter().filter(|&&ink| ink > 128).count() > 20));
        assert_ne!(all, split(4, 0..40));
    }
}
