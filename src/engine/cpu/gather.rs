//! Bytes of a data set to the pixels of a batch.

use super::Cpu;
use super::product::for_each_row;
use crate::dataset::{Images, LABELS};
use crate::engine::{Pick, Pictures};

/// See [`crate::engine::Engine::gather`].
pub fn gather(dataset: &Images, picks: &[Pick], first: usize, pictures: &mut Pictures<Cpu>) {
    let shape = dataset.shape();
    let pixels = shape.pixels();
    debug_assert_eq!(pictures.values.ncols(), pixels);
    let last = first + picks.len();
    let values = &mut pictures.values.as_slice_mut().expect("contiguous")[first * pixels..last * pixels];
    let squares = &mut pictures.squares.as_slice_mut().expect("contiguous")[first..last];
    for_each_row(values, pixels, squares, |i, row, square| {
        let pick = picks[i];
        let bytes = dataset.image(pick.index as usize);
        if pick.dx == 0 && pick.dy == 0 {
            for (value, byte) in row.iter_mut().zip(bytes) {
                *value = f32::from(*byte) / 255.0;
            }
        } else {
            row.fill(0.0);
            let (width, height) = (shape.width as isize, shape.height as isize);
            let (dx, dy) = (isize::from(pick.dx), isize::from(pick.dy));
            for y in dy.max(0)..height.min(height + dy) {
                for x in dx.max(0)..width.min(width + dx) {
                    let to = ((y * width + x) as usize) * shape.channels;
                    let from = (((y - dy) * width + x - dx) as usize) * shape.channels;
                    for c in 0..shape.channels {
                        row[to + c] = f32::from(bytes[from + c]) / 255.0;
                    }
                }
            }
        }
        row[..LABELS].fill(0.0);
        // One by one, as Hinton's published code adds them: the order shows in the sixth digit of goodness.
        *square = row.iter().fold(0.0, |sum, v| sum + v * v);
    });
}
