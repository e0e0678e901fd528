//! A person's pen strokes, and the 28×28 image MNIST would hold of them.
//!
//! MNIST's digits were not written at 28×28: each was scaled to just fit a box of 20×20 pixels, edges smoothed to grey,
//! and the box was shifted by whole pixels so that the ink's centre of mass came to the middle. A network that learned
//! from such images misreads anything placed otherwise, so drawings go the same way ([`prepare`]), and so do the
//! built-in strokes of [`crate::dataset::strokes`].

mod ink;
mod picture;

use crate::dataset::Shape;
use ink::{BOX, Ink, Nib};

pub use picture::from_picture;

/// Where the pen was, in any unit (the page's pad uses CSS pixels); y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// How hard the pen pressed, 0 to 1; a mouse says ½.
    pub pressure: f32,
}

/// The points of one stroke, from pen down to pen up. One point is a dot.
pub type Stroke = Vec<Point>;

/// Strokes from the numbers in which the page sends them: x, y and pressure of all points, and how many points there are up to
/// the end of each stroke. Ends out of order, or behind the last point, make strokes without points.
pub fn strokes(points: &[f32], ends: &[u32]) -> Vec<Stroke> {
    let points: Vec<Point> = points.as_chunks().0.iter().map(|&[x, y, pressure]| Point { x, y, pressure }).collect();
    let mut from = 0;
    let up_to = |&end: &u32| {
        let end = (end as usize).clamp(from, points.len());
        points[std::mem::replace(&mut from, end)..end].to_vec()
    };
    ends.iter().map(up_to).collect()
}

/// A picture as MNIST holds them: 28 rows of 28 grey levels, 0 for paper and 255 for ink.
pub type Image = [u8; Shape::MNIST.pixels()];

/// How wide a prepared drawing's lines may be, in pixels of the 20×20 box: MNIST's are 2.7 on average.
const WIDTHS: (f32, f32) = (2.2, 3.2);

/// A drawing is not enlarged beyond this many pixels a pen's width, so that what is smaller than its pen, a dot or a
/// trembling press, stays a dot.
const LARGEST_PEN: f64 = 20.0;

/// Points closer than this, in pixels of the box, add nothing that can be seen.
const SPACING: f32 = 0.3;

/// The image MNIST would hold of a drawing, or `None` if nothing was drawn.
///
/// `pen_width` is the pen's diameter in the points' own unit. It decides the lines' width in the image only within the
/// narrow range found in MNIST: whether someone draws large with a thin pen or small with a fat one, the network sees
/// lines of the width it knows. Pressure makes a line thicker or thinner than the drawing's average. Points that are not
/// finite are passed over.
pub fn prepare(strokes: &[Stroke], pen_width: f32) -> Option<Image> {
    let frame = Frame::of(strokes)?;
    let pen = if pen_width.is_finite() { f64::from(pen_width.max(0.0)) } else { 0.0 };
    // The width the pen would have if the drawing were scaled as it is, ink included, to fit the box.
    let natural = BOX as f64 * pen / (frame.extent + pen).max(f64::MIN_POSITIVE);
    let width = (natural as f32).clamp(WIDTHS.0, WIDTHS.1);
    let largest_scale = if pen > 0.0 { LARGEST_PEN / pen } else { f64::INFINITY };
    Some(frame.draw(strokes, width, largest_scale))
}

/// The image of strokes written with lines `width` pixels of the 20×20 box wide, or `None` if there are no points.
pub(crate) fn draw(strokes: &[Stroke], width: f32) -> Option<Image> {
    Some(Frame::of(strokes)?.draw(strokes, width, f64::INFINITY))
}

fn finite(stroke: &Stroke) -> impl Iterator<Item = &Point> {
    stroke.iter().filter(|point| point.x.is_finite() && point.y.is_finite())
}

fn pressure(point: &Point) -> f32 {
    if point.pressure.is_finite() { point.pressure.clamp(0.0, 1.0) } else { 0.5 }
}

/// What the points of a drawing span, in their own unit. Double precision, because a difference of two f32 may be no f32.
struct Frame {
    left: f64,
    top: f64,
    /// The larger of width and height.
    extent: f64,
    mean_pressure: f32,
}

impl Frame {
    /// The frame of all finite points; `None` if there are none.
    fn of(strokes: &[Stroke]) -> Option<Self> {
        let (mut left, mut top) = (f32::INFINITY, f32::INFINITY);
        let (mut right, mut bottom) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        let (mut count, mut sum) = (0_u32, 0.0);
        for point in strokes.iter().flat_map(finite) {
            (left, right) = (left.min(point.x), right.max(point.x));
            (top, bottom) = (top.min(point.y), bottom.max(point.y));
            (count, sum) = (count + 1, sum + f64::from(pressure(point)));
        }
        let extent = (f64::from(right) - f64::from(left)).max(f64::from(bottom) - f64::from(top));
        let mean_pressure = (sum / f64::from(count)) as f32;
        (count > 0).then_some(Self { left: left.into(), top: top.into(), extent, mean_pressure })
    }

    fn draw(&self, strokes: &[Stroke], width: f32, largest_scale: f64) -> Image {
        let room = BOX as f64 - f64::from(width);
        let fitting = if self.extent > 0.0 { room / self.extent } else { 0.0 };
        let scale = fitting.min(largest_scale);
        let mut lines = self.lines(strokes, scale, width);
        let (left, top, size) = edges(&lines);
        // Pressure at the outermost points makes the ink a little larger or smaller than the even pen assumed so far.
        let again = if self.extent > 0.0 { scale + (BOX as f64 - f64::from(size)) / self.extent } else { scale };
        let (left, top) = if again < largest_scale && again > 0.0 && scale > 0.0 {
            lines = self.lines(strokes, again, width);
            let (left, top, _) = edges(&lines);
            (left, top)
        } else {
            (left, top)
        };

        let mut ink = Ink::new();
        for line in &mut lines {
            for nib in line.iter_mut() {
                (nib.x, nib.y) = (nib.x - left, nib.y - top);
            }
            if let [dot] = line.as_slice() {
                ink.line(*dot, *dot);
            }
            for pair in line.windows(2) {
                ink.line(pair[0], pair[1]);
            }
        }
        centred(&ink.levels())
    }

    /// The strokes in pixels, thinned to points that matter, with pressure as width.
    fn lines(&self, strokes: &[Stroke], scale: f64, width: f32) -> Vec<Vec<Nib>> {
        let mean = if self.mean_pressure > 1e-3 { self.mean_pressure } else { 1e-3 };
        let nib = |point: &Point| {
            // Half the width at no pressure, half as much again at twice the mean.
            let swell = (0.5 + 0.5 * pressure(point) / mean).min(1.5);
            Nib {
                x: ((f64::from(point.x) - self.left) * scale) as f32,
                y: ((f64::from(point.y) - self.top) * scale) as f32,
                radius: width / 2.0 * swell,
            }
        };
        strokes
            .iter()
            .map(|stroke| {
                let mut line: Vec<Nib> = Vec::with_capacity(stroke.len().min(128));
                let mut skipped = None;
                for next in finite(stroke).map(nib) {
                    let near = line.last().is_some_and(|last: &Nib| {
                        (last.x - next.x).powi(2) + (last.y - next.y).powi(2) < SPACING * SPACING
                    });
                    skipped = if near {
                        Some(next)
                    } else {
                        line.push(next);
                        None
                    };
                }
                line.extend(skipped);
                line
            })
            .collect()
    }
}

/// The ink's left and top edge and its larger side, in pixels.
fn edges(lines: &[Vec<Nib>]) -> (f32, f32, f32) {
    let (mut left, mut top) = (f32::INFINITY, f32::INFINITY);
    let (mut right, mut bottom) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for nib in lines.iter().flatten() {
        (left, right) = (left.min(nib.x - nib.radius), right.max(nib.x + nib.radius));
        (top, bottom) = (top.min(nib.y - nib.radius), bottom.max(nib.y + nib.radius));
    }
    (left, top, (right - left).max(bottom - top))
}

/// The box shifted by whole pixels within the image until its centre of mass lies nearest to pixel (14, 14), which is how
/// MNIST's 70,000 lie; but never so far that ink is lost over an edge.
fn centred(levels: &[u8; BOX * BOX]) -> Image {
    let (mut mass, mut column_moment, mut row_moment) = (0_u32, 0_u32, 0_u32);
    for (index, &level) in levels.iter().enumerate() {
        let (row, column, level) = ((index / BOX) as u32, (index % BOX) as u32, u32::from(level));
        mass += level;
        row_moment += level * row;
        column_moment += level * column;
    }
    let side = Shape::MNIST.width;
    // Ink begins at the box's left and top edge, so only its far end can leave the image.
    let shift = |moment: u32, inked: &dyn Fn(usize) -> bool| {
        let last = (0..BOX).rfind(|&line| inked(line)).unwrap_or(0);
        let centre = moment as f32 / mass.max(1) as f32;
        (side as f32 / 2.0 - centre).round().clamp(0.0, (side - 1 - last) as f32) as usize
    };
    let down = shift(row_moment, &|row| levels[row * BOX..(row + 1) * BOX].iter().any(|&level| level > 0));
    let right = shift(column_moment, &|column| (0..BOX).any(|row| levels[row * BOX + column] > 0));
    let mut image = [0; Shape::MNIST.pixels()];
    for (index, &level) in levels.iter().enumerate().filter(|(_, level)| **level > 0) {
        image[(index / BOX + down) * side + index % BOX + right] = level;
    }
    image
}

#[cfg(test)]
mod tests;
