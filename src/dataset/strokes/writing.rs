//! From a hand to strokes: no digit is written twice the same.
//!
//! In this order: the knots wobble, curves are laid through them, ends run too far or stop short, the plane is bent by a
//! few slow waves, and the whole is stretched, leaned and turned. How much of each is drawn for every digit anew.

use std::f32::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::hands::{Digit, Hand, Knot};
use crate::drawing::{Point, Stroke};

/// A digit on paper.
pub struct Writing {
    pub strokes: Vec<Stroke>,
    /// The pen's width in pixels of MNIST's 20×20 box.
    pub width: f32,
}

/// Points laid on the curve between two knots.
const STEPS: usize = 6;

/// How far a company of writers strays from its hands. Deviations are those of normal distributions, cut off at 2.2.
#[derive(Debug)]
pub struct Manner {
    /// Of a factor on how much knots wobble.
    wobble: f32,
    /// How far ends run on or stop short, against the last piece.
    run_out: f32,
    /// How far the plane bends, by height, on average.
    bend: f32,
    /// Of how much larger the upper part is than the lower, and how much wider the bottom than the top.
    top_heavy: f32,
    wedge: f32,
    /// Of the slant, the turn in radians and the width.
    slant: f32,
    turn: f32,
    stretch: f32,
    /// What only some of the drawings have.
    haste: Option<Haste>,
}

/// What a careful writer does not do.
#[derive(Debug)]
struct Haste {
    /// How often only a few places of a stroke are known, as from a quick mouse: then they are joined by straight lines.
    sparse: f32,
    /// How often a pen that should have been lifted draws a line to where the next stroke begins.
    joined: f32,
    /// How often the pen knows no pressure, as a mouse or a finger.
    even: f32,
    /// Of how far a whole stroke is from its place, by height, and of a factor on its size.
    misplaced: f32,
    /// The pen's width in pixels of MNIST's 20×20 box: from and to.
    widths: (f32, f32),
}

impl Manner {
    /// Of the class. Its digits are `strokes`, which old runs learned from: nothing here may change.
    pub const CAREFUL: Self = Self {
        wobble: 0.25,
        run_out: 0.11,
        bend: 0.032,
        top_heavy: 0.13,
        wedge: 0.19,
        slant: 0.24,
        turn: 0.095,
        stretch: 0.2,
        haste: None,
    };

    /// Of everyone.
    pub const ANY: Self = Self {
        wobble: 0.4,
        run_out: 0.16,
        bend: 0.038,
        top_heavy: 0.2,
        wedge: 0.22,
        slant: 0.3,
        turn: 0.13,
        stretch: 0.28,
        haste: Some(Haste { sparse: 0.6, joined: 0.2, even: 0.6, misplaced: 0.045, widths: (1.9, 3.5) }),
    };
}

/// Writes a digit by one of its hands.
pub fn write(digit: &Digit, hand: &Hand, manner: &Manner, rng: &mut ChaCha8Rng) -> Writing {
    let mut draw = Draw { rng };
    let wobble = 0.07 * draw.about_one(manner.wobble);
    let hurry = draw.uniform(0.0, 1.0);
    let bend = Bend::new(manner, &mut draw);
    let lean = Lean::new(digit, manner, &mut draw);
    let hurried = manner.haste.as_ref().map(|haste| Hurry::new(haste, &mut draw));
    let mut strokes: Vec<Stroke> = hand
        .strokes
        .iter()
        .map(|knots| {
            let mut knots = draw.wobble(knots, wobble, hurry);
            if let Some(haste) = &manner.haste {
                draw.misplace(&mut knots, haste.misplaced);
            }
            draw.run_out(&mut knots, manner.run_out);
            let mut points = curve(&knots);
            draw.press(&mut points);
            for point in &mut points {
                (point.x, point.y) = lean.apply(bend.apply((point.x, point.y)));
            }
            points
        })
        .collect();
    let mut width = (digit.pen * draw.about_one(0.27)).clamp(1.3, 5.2);
    if let Some(hurried) = hurried {
        width = hurried.width;
        hurried.apply(&mut strokes, &mut draw);
    }
    Writing { strokes, width }
}

/// The chances a digit is written by.
struct Draw<'a> {
    rng: &'a mut ChaCha8Rng,
}

impl Draw<'_> {
    fn uniform(&mut self, from: f32, to: f32) -> f32 {
        self.rng.random_range(from..to)
    }

    /// From the normal distribution, but never more than 2.2 standard deviations out.
    fn normal(&mut self, deviation: f32) -> f32 {
        let unit: f32 = StandardNormal.sample(self.rng);
        unit.clamp(-2.2, 2.2) * deviation
    }

    /// A factor as often above one as below.
    fn about_one(&mut self, deviation: f32) -> f32 {
        self.normal(deviation).exp()
    }

    /// Moves every knot by a share of the distance to its neighbours, so that close ones keep the shape they make.
    fn wobble(&mut self, knots: &[Knot], share: f32, haste: f32) -> Vec<Knot> {
        let apart = |a: usize, b: usize| (knots[a].x - knots[b].x).hypot(knots[a].y - knots[b].y);
        let last = knots.len() - 1;
        (0..=last)
            .map(|index| {
                let before = if index > 0 { apart(index, index - 1) } else { apart(0, 1) };
                let after = if index < last { apart(index, index + 1) } else { before };
                let deviation = share * before.min(after).min(0.6);
                Knot {
                    x: knots[index].x + self.normal(deviation),
                    y: knots[index].y + self.normal(deviation),
                    // A hasty pen rounds its corners off.
                    corner: knots[index].corner && self.uniform(0.0, 1.0) > 0.5 * haste,
                }
            })
            .collect()
    }

    /// Moves a whole stroke and makes it a little larger or smaller.
    fn misplace(&mut self, knots: &mut [Knot], deviation: f32) {
        let (dx, dy, size) = (self.normal(deviation), self.normal(deviation), self.about_one(deviation));
        let Some(&Knot { x, y, .. }) = knots.first() else { return };
        for knot in knots {
            (knot.x, knot.y) = (x + dx + (knot.x - x) * size, y + dy + (knot.y - y) * size);
        }
    }

    /// Lets both ends of a stroke run on or stop short, along the direction the pen has there.
    fn run_out(&mut self, knots: &mut [Knot], deviation: f32) {
        let count = knots.len();
        if count < 2 {
            return;
        }
        for (end, next) in [(0, 1), (count - 1, count - 2)] {
            let by = self.normal(deviation);
            knots[end].x += (knots[end].x - knots[next].x) * by;
            knots[end].y += (knots[end].y - knots[next].y) * by;
        }
    }

    /// Five to eleven places of a stroke, fewer where it is short: both ends, and between them about evenly spread, each a
    /// little off.
    fn few(&mut self, stroke: &[Point]) -> Stroke {
        let mut lengths = vec![0.0_f32];
        for pair in stroke.windows(2) {
            let so_far = lengths[lengths.len() - 1];
            lengths.push(so_far + (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y));
        }
        let length = lengths[lengths.len() - 1];
        let most = 2.0 + 3.5 * length;
        let count = self.uniform(5.0, 12.0).min(most) as usize;
        let last = count.max(2) - 1;
        (0..=last)
            .map(|index| {
                let off = if index == 0 || index == last { 0.0 } else { self.uniform(-0.35, 0.35) };
                let at = (index as f32 + off) / last as f32 * length;
                let after = lengths.partition_point(|&so_far| so_far < at).clamp(1, stroke.len() - 1);
                let (from, to) = (stroke[after - 1], stroke[after]);
                let t = ((at - lengths[after - 1]) / (lengths[after] - lengths[after - 1]).max(1e-6)).clamp(0.0, 1.0);
                Point {
                    x: from.x + t * (to.x - from.x) + self.normal(0.012),
                    y: from.y + t * (to.y - from.y) + self.normal(0.012),
                    pressure: from.pressure,
                }
            })
            .collect()
    }

    /// Presses more here and less there, and lifts the pen a little at the ends.
    fn press(&mut self, points: &mut [Point]) {
        let (swell, phase, waves) = (self.normal(0.07), self.uniform(0.0, TAU), self.uniform(0.3, 1.5));
        let lift = self.uniform(0.0, 0.15);
        let last = points.len().saturating_sub(1).max(1) as f32;
        for (index, point) in points.iter_mut().enumerate() {
            let along = index as f32 / last;
            let end = 1.0 - (along.min(1.0 - along) * 8.0).min(1.0);
            point.pressure = (0.5 + swell * (TAU * waves * along + phase).sin() - lift * end).clamp(0.1, 0.9);
        }
    }
}

/// What a digit has of [`Haste`].
struct Hurry {
    sparse: bool,
    joined: bool,
    even: bool,
    width: f32,
}

impl Hurry {
    fn new(haste: &Haste, draw: &mut Draw) -> Self {
        let mut chance = |share| draw.uniform(0.0, 1.0) < share;
        let (sparse, joined, even) = (chance(haste.sparse), chance(haste.joined), chance(haste.even));
        Self { sparse, joined, even, width: draw.uniform(haste.widths.0, haste.widths.1) }
    }

    fn apply(&self, strokes: &mut Vec<Stroke>, draw: &mut Draw) {
        if self.sparse {
            for stroke in strokes.iter_mut() {
                *stroke = draw.few(stroke);
            }
        }
        if self.joined {
            *strokes = vec![strokes.concat()];
        }
        if self.even {
            strokes.iter_mut().flatten().for_each(|point| point.pressure = 0.5);
        }
    }
}

/// The curve through the knots: cubic pieces whose directions at smooth knots are those of a Catmull-Rom spline for knots at
/// uneven distances, and at corners and ends point along the piece.
fn curve(knots: &[Knot]) -> Stroke {
    let at = |x, y| Point { x, y, pressure: 0.5 };
    let mut points: Stroke = knots.first().map(|knot| at(knot.x, knot.y)).into_iter().collect();
    for (index, pair) in knots.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        let before = (index > 0 && !from.corner).then(|| knots[index - 1]);
        let after = knots.get(index + 2).copied().filter(|_| !to.corner);
        let chord = (to.x - from.x, to.y - from.y);
        let leaving = before.map_or(chord, |before| tangent(before, from, to));
        let arriving = after.map_or(chord, |after| {
            let (x, y) = tangent(after, to, from);
            (-x, -y)
        });
        // A straight piece between corners needs no points in between.
        let steps = if before.is_none() && after.is_none() { 2 } else { STEPS };
        points.extend((1..=steps).map(|step| {
            let t = step as f32 / steps as f32;
            let (t2, t3) = (t * t, t * t * t);
            let (a, b, c, d) = (2.0 * t3 - 3.0 * t2 + 1.0, t3 - 2.0 * t2 + t, 3.0 * t2 - 2.0 * t3, t3 - t2);
            at(
                a * from.x + b * leaving.0 + c * to.x + d * arriving.0,
                a * from.y + b * leaving.1 + c * to.y + d * arriving.1,
            )
        }));
    }
    points
}

/// The direction at `here`, coming from `before` and going to `next`, scaled for the piece from `here` to `next`:
/// centripetal Catmull-Rom, which makes no loops between close knots.
fn tangent(before: Knot, here: Knot, next: Knot) -> (f32, f32) {
    let time = |a: Knot, b: Knot| (a.x - b.x).hypot(a.y - b.y).sqrt().max(1e-3);
    let (t0, t1) = (time(before, here), time(here, next));
    let along = |before: f32, here: f32, next: f32| {
        ((here - before) / t0 - (next - before) / (t0 + t1) + (next - here) / t1) * t1
    };
    (along(before.x, here.x, next.x), along(before.y, here.y, next.y))
}

/// Slow waves that bend the plane, and the sizes of a digit's upper and lower part.
struct Bend {
    /// Frequency in x and y, phase, and how far points move in x and y.
    waves: [[f32; 5]; 3],
    /// Power of the height: above one makes the upper part large.
    top_heavy: f32,
    /// How much wider the bottom is than the top.
    wedge: f32,
}

impl Bend {
    fn new(manner: &Manner, draw: &mut Draw) -> Self {
        let amount = manner.bend * draw.about_one(0.3);
        let waves = std::array::from_fn(|_| {
            let (fx, fy) = (draw.normal(0.8), draw.normal(0.8));
            [fx, fy, draw.uniform(0.0, 1.0), draw.normal(amount), draw.normal(amount)]
        });
        Self { waves, top_heavy: draw.about_one(manner.top_heavy), wedge: draw.normal(manner.wedge) }
    }

    fn apply(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (mut bent_x, mut bent_y) = (x, y);
        for [fx, fy, phase, dx, dy] in self.waves {
            let wave = (TAU * (fx * x + fy * y + phase)).sin();
            bent_x += dx * wave;
            bent_y += dy * wave;
        }
        let middle = 0.3;
        let height = bent_y.max(0.0).powf(self.top_heavy) + bent_y.min(0.0);
        (middle + (bent_x - middle) * (1.0 + self.wedge * (height - 0.5)), height)
    }
}

/// The stretch, slant and turn of the whole digit.
struct Lean {
    width: f32,
    slant: f32,
    turn: (f32, f32),
}

impl Lean {
    fn new(digit: &Digit, manner: &Manner, draw: &mut Draw) -> Self {
        let width = digit.stretch * draw.about_one(manner.stretch);
        let slant = digit.slant + draw.normal(manner.slant);
        Self { width, slant, turn: draw.normal(manner.turn).sin_cos() }
    }

    fn apply(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = (x * self.width - y * self.slant, y);
        let (sine, cosine) = self.turn;
        (x * cosine - y * sine, x * sine + y * cosine)
    }
}
