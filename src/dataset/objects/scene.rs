//! One picture: a ground, clutter, the object, a little clutter before it, and the grain of a camera.

use rand::{Rng, RngExt};

use super::super::{Label, Shape};
use super::CLASSES;
use super::{Picture, outlines};

/// Points a pixel is the mean of, each way.
const FINE: usize = 2;
/// Pixels a side.
const SIDE: usize = Shape::CIFAR.width;

type Colour = [f32; 3];

/// Something that lies in the picture: an outline in a square of its own, with a texture.
struct Thing {
    label: Label,
    /// Its middle and half its side, in pixels.
    middle: [f32; 2],
    half: f32,
    /// Cosine and sine of its lean.
    lean: [f32; 2],
    texture: Texture,
}

/// How two colours share a surface.
struct Texture {
    colours: [Colour; 2],
    pattern: u32,
    /// Waves over the thing's square, and where they begin.
    waves: f32,
    phase: f32,
}

impl Texture {
    fn random(colours: [Colour; 2], rng: &mut impl Rng) -> Self {
        Self {
            colours,
            pattern: rng.random_range(0..5),
            waves: rng.random_range(3.0..7.0),
            phase: rng.random_range(0.0..6.3),
        }
    }

    /// The colour at a point of the square from −1 to 1.
    fn at(&self, x: f32, y: f32) -> Colour {
        let wave = |along: f32| (self.waves * along + self.phase).sin();
        let share = match self.pattern {
            0 => 0.0,
            1 => 0.5 + 0.5 * wave(y),
            2 => f32::from(u8::from(wave(x) > 0.0)),
            3 => f32::from(u8::from((wave(x) > 0.0) != (wave(y) > 0.0))),
            _ => f32::from(u8::from(wave(x) * wave(y) > 0.4)),
        };
        mixed(self.colours[0], self.colours[1], share)
    }
}

impl Thing {
    /// The colour it has at a point of the picture, if it covers it.
    fn at(&self, x: f32, y: f32) -> Option<Colour> {
        let (x, y) = ((x - self.middle[0]) / self.half, (y - self.middle[1]) / self.half);
        if x.abs().max(y.abs()) > std::f32::consts::SQRT_2 {
            return None;
        }
        let [cos, sin] = self.lean;
        let (x, y) = (cos * x + sin * y, cos * y - sin * x);
        outlines::covers(self.label, x, y).then(|| self.texture.at(x, y))
    }
}

fn mixed(a: Colour, b: Colour, share: f32) -> Colour {
    std::array::from_fn(|c| a[c] + share * (b[c] - a[c]))
}

/// Red, green and blue of a hue (turns), saturation and value, each 0 to 1.
fn colour(hue: f32, saturation: f32, value: f32) -> Colour {
    std::array::from_fn(|c| {
        let k = (6.0 * hue + [5.0, 3.0, 1.0][c]).rem_euclid(6.0);
        value * (1.0 - saturation * k.min(4.0 - k).clamp(0.0, 1.0))
    })
}

/// A colour near the hue that the class favours, or any: one in three goes by the class.
fn favoured(label: Label, turn: f32, rng: &mut impl Rng) -> Colour {
    let hue = if rng.random_bool(0.35) {
        f32::from(label.value()) / CLASSES.len() as f32 + turn + rng.random_range(-0.06..0.06)
    } else {
        rng.random_range(0.0..1.0)
    };
    colour(hue, rng.random_range(0.25..0.95), rng.random_range(0.25..1.0))
}

fn distance(a: Colour, b: Colour) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
}

/// The picture of an object of class `label`.
pub fn paint(label: Label, rng: &mut impl Rng) -> Picture {
    let ground = [favoured(label, 0.5, rng), favoured(label, 0.5, rng)];
    let slope: [f32; 2] = [rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0)];
    let mut things = vec![];
    for _ in 0..rng.random_range(2..6) {
        things.push(clutter(3.0..8.0, rng));
    }
    let middle = mixed(ground[0], ground[1], 0.5);
    let body = loop {
        let body = favoured(label, 0.0, rng);
        if distance(body, middle) > 0.6 {
            break body;
        }
    };
    let second = mixed(body, favoured(label, 0.1, rng), 0.6);
    let lean = rng.random_range(-0.45..0.45_f32);
    let half = rng.random_range(7.5..12.5);
    let room = 15.0 - half;
    things.push(Thing {
        label,
        middle: [16.0 + rng.random_range(-room..room), 16.0 + rng.random_range(-room..room)],
        half,
        lean: [lean.cos(), lean.sin()],
        texture: Texture::random([body, second], rng),
    });
    if rng.random_bool(0.5) {
        things.push(clutter(1.5..3.5, rng));
    }
    let light = rng.random_range(0.75..1.1_f32);
    let mut picture = [0; Shape::CIFAR.pixels()];
    for (place, pixel) in picture.chunks_exact_mut(3).enumerate() {
        let mut sum = [0.0; 3];
        for fine in 0..FINE * FINE {
            let within = |i: usize| (i as f32 + 0.5) / FINE as f32;
            let x = (place % SIDE) as f32 + within(fine % FINE);
            let y = (place / SIDE) as f32 + within(fine / FINE);
            let along = 0.5 + (slope[0] * (x - 16.0) + slope[1] * (y - 16.0)) / SIDE as f32;
            let bare = mixed(ground[0], ground[1], along.clamp(0.0, 1.0));
            let seen = things.iter().rev().find_map(|thing| thing.at(x, y)).unwrap_or(bare);
            sum.iter_mut().zip(seen).for_each(|(sum, seen)| *sum += seen);
        }
        for (byte, sum) in pixel.iter_mut().zip(sum) {
            let grain = rng.random_range(-0.05..0.05_f32);
            let value = light * sum / (FINE * FINE) as f32 + grain;
            *byte = (255.0 * value).round().clamp(0.0, 255.0) as u8;
        }
    }
    picture
}

/// Some outline of any colours anywhere, of a size within `half` (half its side, pixels).
fn clutter(half: std::ops::Range<f32>, rng: &mut impl Rng) -> Thing {
    let mut any = || colour(rng.random_range(0.0..1.0), rng.random_range(0.1..0.9), rng.random_range(0.2..1.0));
    let colours = [any(), any()];
    let lean = rng.random_range(0.0..6.3_f32);
    let side = SIDE as f32;
    Thing {
        label: Label::new(rng.random_range(0..CLASSES.len() as u8)).expect("below ten"),
        middle: [rng.random_range(0.0..side), rng.random_range(0.0..side)],
        half: rng.random_range(half),
        lean: [lean.cos(), lean.sin()],
        texture: Texture::random(colours, rng),
    }
}
