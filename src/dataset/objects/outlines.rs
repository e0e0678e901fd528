//! The ten outlines, each in a square from −1 to 1, y downwards.

use super::super::Label;

/// Whether the object of class `label` covers the point `(x, y)` of its own square.
pub fn covers(label: Label, x: f32, y: f32) -> bool {
    let r = x.hypot(y);
    match label.value() {
        // A disc, and a ring.
        0 => r < 0.79,
        1 => (0.5..0.95).contains(&r),
        // A square, and a triangle that points up.
        2 => x.abs().max(y.abs()) < 0.77,
        3 => y < 0.75 && y > 2.1 * x.abs() - 0.95,
        // A cross, and a star of five points.
        4 => x.abs().min(y.abs()) < 0.27 && x.abs().max(y.abs()) < 0.9,
        5 => r < star(x, y),
        // A moon that opens to the right, and a bar.
        6 => r < 0.92 && (x - 0.5).hypot(y) > 0.72,
        7 => x.abs() < 0.98 && y.abs() < 0.3,
        // A heart, and an arrow that points to the right.
        8 => heart(1.25 * x, 1.25 * y),
        _ => arrow(x, y),
    }
}

/// How far a star reaches in the direction of `(x, y)`: 0.98 at its five points, 0.4 between them.
fn star(x: f32, y: f32) -> f32 {
    let fifth = std::f32::consts::TAU / 5.0;
    let turned = y.atan2(x) + fifth / 4.0;
    let from_point = (turned - fifth * (turned / fifth).round()).abs();
    // The straight edge from a point to a dent, in the direction at this angle from the point.
    let (point, dent, between) = (0.98_f32, 0.4_f32, fifth / 2.0);
    point * dent * between.sin() / (point * from_point.sin() + dent * (between - from_point).sin())
}

fn heart(x: f32, y: f32) -> bool {
    let y = 0.15 - y;
    let inner = x * x + y * y - 0.7;
    inner * inner * inner < x * x * y * y * y
}

fn arrow(x: f32, y: f32) -> bool {
    let shaft = (-0.95..0.2).contains(&x) && y.abs() < 0.24;
    let head = (0.0..0.95).contains(&x) && y.abs() < 0.85 * (0.95 - x);
    shaft || head
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of 32×32 points each outline covers.
    fn covered(label: Label) -> Vec<bool> {
        let at = |i: usize| (i as f32 + 0.5) / 16.0 - 1.0;
        (0..1024).map(|i| covers(label, at(i % 32), at(i / 32))).collect()
    }

    #[test]
    fn outlines_fill_their_squares_and_no_two_are_alike() {
        let all: Vec<Vec<bool>> = Label::all(10).map(covered).collect();
        for (a, one) in all.iter().enumerate() {
            let share = one.iter().filter(|&&on| on).count() as f32 / 1024.0;
            assert!((0.2..0.62).contains(&share), "outline {a} covers {share}");
            for (b, other) in all.iter().enumerate().skip(a + 1) {
                let differ = one.iter().zip(other).filter(|(one, other)| one != other).count();
                assert!(differ > 100, "outlines {a} and {b} differ in {differ} of 1024 points");
            }
        }
    }
}
