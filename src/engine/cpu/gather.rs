//! Bytes of a data set to the pixels of a batch.

use super::tasks::for_each_row;
use crate::dataset::{Images, Shape};
use crate::engine::{Activity, MaskKey, Pick};
use crate::negatives::hybrid;

/// See [`crate::engine::Engine::gather`].
pub fn gather(dataset: &Images, picks: &[Pick], first: usize, label_pixels: usize, rows: &mut Activity) {
    each_picture(dataset, first, picks.len(), rows, |i, row| {
        // Inputs for the label alone, if rows have them, come before the picture.
        let front = row.len() - dataset.shape().pixels();
        draw(dataset, picks[i], &mut row[front..]);
        row[..label_pixels.max(front)].fill(0.0);
    });
}

/// See [`crate::engine::Engine::mix`].
pub fn mix(dataset: &Images, pairs: &[[Pick; 2]], first: usize, key: &MaskKey, rows: &mut Activity) {
    let shape = dataset.shape();
    each_picture(dataset, first, pairs.len(), rows, |i, row| {
        let [a, b] = pairs[i];
        let mut other = vec![0.0; row.len()];
        draw(dataset, a, row);
        draw(dataset, b, &mut other);
        let mask = hybrid::mask(shape, key, i as u32);
        for (place, value) in row.iter_mut().enumerate() {
            if !mask[place / shape.channels] {
                *value = other[place];
            }
        }
    });
}

/// Writes rows `first..first + count` by `write` and sums their squares.
fn each_picture(
    dataset: &Images,
    first: usize,
    count: usize,
    rows: &mut Activity,
    write: impl Fn(usize, &mut [f32]) + Sync + Send,
) {
    let width = rows.values.cpu().ncols();
    debug_assert!(width >= dataset.shape().pixels());
    let last = first + count;
    let values = &mut rows.values.flat_mut()[first * width..last * width];
    let squares = &mut rows.squares.flat_mut()[first..last];
    for_each_row(values, width, squares, |i, row, square| {
        write(i, row);
        // One by one, as Hinton's published code adds them: the order shows in the sixth digit of goodness.
        *square = row.iter().fold(0.0, |sum, v| sum + v * v);
    });
}

/// The picture's ink, 0 to 1, shifted; or its colours, less the mean of them all.
fn draw(dataset: &Images, pick: Pick, row: &mut [f32]) {
    if dataset.shape().channels > 1 {
        return paint(dataset, pick, row);
    }
    let ink = |row: &mut [f32], bytes: &[u8]| {
        for (value, byte) in row.iter_mut().zip(bytes) {
            *value = f32::from(*byte) / 255.0;
        }
    };
    if pick.dx == 0 && pick.dy == 0 {
        ink(row, dataset.image(pick.index as usize));
    } else {
        ink(row, &dataset.shifted(pick.index as usize, pick.dx, pick.dy));
    }
}

/// A coloured picture, 0 to 1, less its mean, shifted; what enters is 0.
fn paint(dataset: &Images, pick: Pick, row: &mut [f32]) {
    let Shape { width, height, channels } = dataset.shape();
    let bytes = dataset.image(pick.index as usize);
    let sum: u32 = bytes.iter().map(|&byte| u32::from(byte)).sum();
    let mean = sum as f32 / (255.0 * bytes.len() as f32);
    row.fill(0.0);
    let visible = |by: i8, size: usize| {
        let by = isize::from(by);
        (by.max(0) as usize..(size as isize + by.min(0)).max(0) as usize, by)
    };
    let ((rows, dy), (columns, dx)) = (visible(pick.dy, height), visible(pick.dx, width));
    for y in rows {
        let from = y.wrapping_add_signed(-dy) * width;
        for x in columns.clone() {
            let (to, from) = ((y * width + x) * channels, (from + x.wrapping_add_signed(-dx)) * channels);
            for (value, byte) in row[to..to + channels].iter_mut().zip(&bytes[from..from + channels]) {
                *value = f32::from(*byte) / 255.0 - mean;
            }
        }
    }
}
