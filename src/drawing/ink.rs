//! The pen: strokes to grey levels on a small grid, antialiased.
//!
//! Each piece of a stroke is a line whose radius changes evenly from one end to the other, with round ends. A pixel's
//! signed distance to the nearest of them, negative inside the ink, gives its coverage: full half a pixel inside the
//! edge, none half a pixel outside. The nearest of all pieces is exactly their union, so crossing and overlapping
//! strokes are no darker than one, and the cost is a few pixels around each piece.

/// Pixels a side of the box MNIST fits every digit into.
pub const BOX: usize = 20;

/// Pixels of a row that are drawn on at once; a divisor of [`BOX`].
const LANES: usize = 4;

/// Where the pen was and how wide it drew, in pixels of the box.
#[derive(Debug, Clone, Copy)]
pub struct Nib {
    pub x: f32,
    pub y: f32,
    pub radius: f32,
}

/// The box while it is being drawn on.
pub struct Ink {
    /// `[BOX, BOX]` signed distances from pixel centres to the edge of the ink, in pixels.
    distances: [f32; BOX * BOX],
}

impl Ink {
    /// Bare paper.
    pub fn new() -> Self {
        Self { distances: [f32::INFINITY; BOX * BOX] }
    }

    /// Draws from `a` to `b`; the same nib twice is a dot.
    pub fn line(&mut self, a: Nib, b: Nib) {
        let reach = a.radius.max(b.radius) + 0.5;
        let columns = span(a.x.min(b.x) - reach, a.x.max(b.x) + reach);
        let rows = span(a.y.min(b.y) - reach, a.y.max(b.y) + reach);
        let (dx, dy, swell) = (b.x - a.x, b.y - a.y, b.radius - a.radius);
        let length_squared = dx * dx + dy * dy;
        let along = if length_squared > 1e-12 { 1.0 / length_squared } else { 0.0 };
        // Whole groups of pixels, for the processor's vectors. Those outside the columns are too far off to be inked.
        let groups = columns.start / LANES..columns.end.div_ceil(LANES);
        for row in rows {
            let py = row as f32 + 0.5 - a.y;
            for group in groups.clone() {
                let from = group * LANES;
                let nearest = &mut self.distances[row * BOX + from..][..LANES];
                for (lane, nearest) in nearest.iter_mut().enumerate() {
                    let px = (from + lane) as f32 + 0.5 - a.x;
                    let t = ((px * dx + py * dy) * along).clamp(0.0, 1.0);
                    let (ox, oy) = (px - t * dx, py - t * dy);
                    let distance = (ox * ox + oy * oy).sqrt() - (a.radius + t * swell);
                    *nearest = if distance < *nearest { distance } else { *nearest };
                }
            }
        }
    }

    /// `[BOX, BOX]` grey levels: 0 where there is no ink, 255 where all of the pixel is covered.
    pub fn levels(&self) -> [u8; BOX * BOX] {
        self.distances.map(|distance| {
            let level = (0.5 - distance).clamp(0.0, 1.0) * 255.0;
            // `round`, but without a call where the processor rounds halves to even.
            let whole = level as u8;
            whole + u8::from(level - f32::from(whole) >= 0.5)
        })
    }
}

/// The whole pixels of the box between two edges.
fn span(from: f32, to: f32) -> std::ops::Range<usize> {
    let edge = |at: f32| at.clamp(0.0, BOX as f32);
    edge(from.floor()) as usize..edge(to.ceil()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nib(x: f32, y: f32, radius: f32) -> Nib {
        Nib { x, y, radius }
    }

    fn covered(ink: &Ink) -> f32 {
        ink.levels().iter().map(|&level| f32::from(level)).sum::<f32>() / 255.0
    }

    #[test]
    fn coverage_is_the_area_of_the_ink() {
        let mut dot = Ink::new();
        dot.line(nib(9.3, 10.1, 3.0), nib(9.3, 10.1, 3.0));
        let disc = std::f32::consts::PI * 9.0;
        assert!((covered(&dot) / disc - 1.0).abs() < 0.02, "{}", covered(&dot));

        let mut line = Ink::new();
        line.line(nib(4.0, 5.0, 1.5), nib(14.0, 12.0, 1.5));
        let capsule = 3.0 * 149_f32.sqrt() + std::f32::consts::PI * 2.25;
        assert!((covered(&line) / capsule - 1.0).abs() < 0.02, "{}", covered(&line));
    }

    #[test]
    fn drawing_over_ink_adds_nothing() {
        let mut once = Ink::new();
        once.line(nib(2.0, 2.0, 1.2), nib(17.0, 9.0, 0.8));
        let levels = once.levels();
        once.line(nib(17.0, 9.0, 0.8), nib(2.0, 2.0, 1.2));
        let change = levels.iter().zip(once.levels()).map(|(a, b)| a.abs_diff(b)).max();
        assert!(change <= Some(1));
    }

    #[test]
    fn nothing_outside_the_box_is_touched() {
        let mut away = Ink::new();
        away.line(nib(-500.0, 10.0, 2.0), nib(-400.0, 90.0, 2.0));
        assert!(away.levels().iter().all(|&level| level == 0));
    }
}
