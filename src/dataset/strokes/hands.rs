//! The ways a digit is written: for each of the ten, several hands as the knots a pen passes.
//!
//! Coordinates are percent of the digit's height, x to the right and y down. Smooth knots lie on a curve, corners turn
//! sharply. Knots are in writing order, because a pen overshoots and runs out at the end of a stroke, not in its middle.
//! Weights say how often a hand is met; only their proportions within a digit matter.
//!
//! Each digit also has habits of its own: people lean a 1 more than a 6, and write an 8 with a thinner line than a 1.

use super::super::Label;

/// A place the pen passes.
#[derive(Debug, Clone, Copy)]
pub struct Knot {
    pub x: f32,
    pub y: f32,
    /// Whether the pen turns sharply here.
    pub corner: bool,
}

/// One way to write a digit.
#[derive(Debug)]
pub struct Hand {
    /// How often it is met, relative to the digit's other hands.
    pub weight: f32,
    pub strokes: &'static [&'static [Knot]],
}

/// A digit's hands, each its weight and the knots of its strokes: `(x y)` is smooth, `[x y]` a corner.
macro_rules! hands {
    ($($weight:literal $({ $($knot:tt)+ })+)+) => {
        &[$(Hand { weight: $weight, strokes: &[$(&[$(knot!($knot)),+]),+] }),+]
    };
}

macro_rules! knot {
    (($x:literal $y:literal)) => {
        Knot { x: $x as f32 / 100.0, y: $y as f32 / 100.0, corner: false }
    };
    ([$x:literal $y:literal]) => {
        Knot { x: $x as f32 / 100.0, y: $y as f32 / 100.0, corner: true }
    };
}

pub(super) use {hands, knot};

/// How a digit is written.
#[derive(Debug)]
pub struct Digit {
    /// How far the upper end leans right of the lower one, on average, by height.
    pub slant: f32,
    /// Width against the hands' own, on average.
    pub stretch: f32,
    /// The pen's width in pixels of MNIST's 20×20 box, on average.
    pub pen: f32,
    pub hands: &'static [Hand],
}

/// The way a label's digit is written.
pub const fn of(label: Label) -> &'static Digit {
    &DIGITS[label.value() as usize]
}

const DIGITS: [Digit; 10] = [
    Digit { slant: 0.22, stretch: 1.15, pen: 2.7, hands: ZERO },
    Digit { slant: 0.26, stretch: 1.15, pen: 2.7, hands: ONE },
    Digit { slant: 0.11, stretch: 1.18, pen: 2.5, hands: TWO },
    Digit { slant: 0.08, stretch: 1.12, pen: 2.5, hands: THREE },
    Digit { slant: 0.19, stretch: 1.18, pen: 2.4, hands: FOUR },
    Digit { slant: 0.09, stretch: 1.2, pen: 2.4, hands: FIVE },
    Digit { slant: 0.04, stretch: 1.12, pen: 2.5, hands: SIX },
    Digit { slant: 0.03, stretch: 1.18, pen: 2.6, hands: SEVEN },
    Digit { slant: 0.15, stretch: 1.12, pen: 2.3, hands: EIGHT },
    Digit { slant: 0.12, stretch: 1.10, pen: 2.3, hands: NINE },
];

const ZERO: &[Hand] = hands! {
    // Once round against the clock, from the top.
    4.0 { (36 1) (12 18) (2 52) (12 88) (34 99) (58 82) (66 48) (56 14) (32 1) }
    // The same, closing over the start.
    3.0 { (46 8) (20 6) (3 42) (10 86) (36 99) (60 78) (64 38) (50 8) (26 0) (12 10) }
    // With the clock.
    1.0 { (16 14) (38 0) (60 20) (64 60) (46 94) (22 96) (4 70) (4 32) (22 8) }
    // A drop, pointed at the top.
    1.0 { [40 0] (14 26) (2 62) (16 94) (42 94) (60 66) (56 28) [34 4] }
    // The end runs into the middle.
    1.0 { (28 4) (6 36) (8 82) (34 99) (60 74) (62 28) (44 2) (24 8) (30 34) }
    // Start and end cross and stick out at the top.
    1.0 { (58 4) (30 6) (4 42) (14 88) (40 98) (62 70) (56 28) (38 8) (20 0) }
    // Half as much again: the start lies inside.
    0.7 { (46 26) (32 0) (6 30) (6 78) (32 99) (60 76) (60 30) (40 2) (18 10) (10 40) }
};

const ONE: &[Hand] = hands! {
    8.0 { [30 0] [30 100] }
    2.0 { (32 0) (28 50) (30 100) }
    // Flag.
    1.0 { [14 20] [32 0] [32 100] }
    // Long flag.
    0.2 { [6 34] [34 0] [32 100] }
    // Flag and base.
    0.7 { [10 22] [32 0] [32 98] } { [4 98] [60 98] }
    // A short hook at the top.
    0.5 { (22 10) (32 2) (33 30) (31 100) }
};

const TWO: &[Hand] = hands! {
    // Corner and flat base.
    2.5 { (4 24) (16 4) (38 0) (55 16) (48 44) (26 72) [2 97] (34 95) [70 96] }
    // A loop at the foot, running out in a wave.
    2.5 { (6 20) (24 1) (48 6) (54 28) (40 60) (16 90) (2 92) (8 78) (26 80) (46 92) (72 90) }
    // A small loop, running out downwards.
    1.5 { (8 16) (28 0) (50 10) (48 38) (28 70) (8 88) (2 82) (14 74) (36 84) (64 100) }
    // A large loop.
    1.5 { (8 20) (28 0) (52 10) (52 36) (34 68) (10 92) (-6 84) (4 68) (28 72) (48 86) (78 84) }
    // A large loop and a straight tail.
    1.0 { (12 12) (34 0) (54 14) (48 42) (28 76) (8 98) (-4 90) (10 74) (34 80) [74 94] }
    // Like a Z.
    1.0 { [4 6] (30 3) [54 6] [4 94] [64 94] }
    // Neck straight down, base short.
    1.0 { (12 30) (10 10) (28 0) (44 14) (38 46) (22 74) [8 96] (28 92) (52 97) }
    // Starts with a curl.
    1.0 { (18 28) (6 26) (8 8) (30 0) (52 10) (50 38) (28 70) [2 96] (30 90) (70 96) }
    // Wide and flat.
    1.0 { (2 20) (24 0) (56 4) (62 30) (40 62) [6 92] (44 84) (94 88) }
    // A small head over a long base.
    1.0 { (10 14) (28 0) (44 12) (38 40) (18 72) [-2 92] (30 86) (54 92) (84 86) }
    // Down the right side into a ring that fills the foot; the tail crosses it.
    2.0 { (8 14) (32 0) (54 16) (52 44) (44 76) (22 98) (2 90) (6 70) (26 64) (46 74) (72 84) }
    // The same ring, the tail running down.
    1.5 { (4 22) (24 1) (48 8) (54 36) (44 72) (20 96) (2 84) (14 64) (36 70) (60 96) }
    // A flat ring far to the left.
    1.0 { (14 14) (36 0) (56 12) (52 40) (32 78) (4 98) (-14 88) (4 70) (32 72) (66 84) }
    // No head to speak of.
    0.7 { (14 12) (28 0) (36 14) (22 52) [0 90] (32 84) (86 88) }
    // Twice as wide as high.
    0.8 { (10 12) (40 0) (70 8) (62 36) (32 62) [4 80] (54 78) (120 70) }
};

const THREE: &[Hand] = hands! {
    // Two bows with a corner between.
    4.0 { (4 14) (26 0) (50 14) (42 38) [18 46] (46 54) (56 76) (34 98) (2 88) }
    // Flat top.
    1.2 { [6 3] [54 2] [24 38] (50 52) (54 80) (28 99) (2 88) }
    // A little loop between the bows.
    1.5 { (8 12) (32 0) (52 14) (40 38) (20 50) (16 42) (30 42) (52 60) (52 84) (26 99) (2 88) }
    // The bows barely part.
    1.5 { (6 10) (30 0) (48 16) (38 40) [30 46] (50 58) (54 82) (28 100) (2 92) }
    // Long tail to the left.
    1.0 { (10 10) (36 0) (54 14) (42 36) [22 46] (50 52) (52 76) (24 92) (-8 96) }
    // Bows open wide.
    1.0 { (0 6) (30 2) (52 14) (36 34) [10 44] (50 50) (62 70) (40 94) (2 98) }
    // Both ends curl in.
    1.2 { (10 24) (10 6) (34 0) (50 16) (38 40) [22 46] (50 56) (52 84) (26 100) (4 90) (6 76) }
    // Leaning, a small lower bow.
    1.5 { (2 12) (30 4) [56 2] (40 26) [26 44] (44 54) (42 74) (24 92) (0 100) }
    // A small upper bow.
    1.0 { (8 8) (28 0) (42 12) (34 30) [18 38] (46 48) (58 72) (38 98) (2 90) }
    // The lower bow hangs down to the left.
    0.8 { (4 10) (30 1) (52 8) (42 32) [24 44] (42 52) (40 76) (10 98) }
};

const FOUR: &[Hand] = hands! {
    // Open, two strokes.
    3.0 { [8 4] (4 30) [4 52] (30 54) [62 48] } { [50 2] (46 50) [42 100] }
    // Open like a u, in one stroke.
    3.0 { [8 4] (2 34) (12 54) (38 48) [54 4] (48 50) [42 100] }
    // Open, the left side leaning.
    2.0 { [22 0] (10 28) [0 54] (30 54) [68 50] } { [50 14] (44 56) [36 100] }
    // Closed, apex at the top.
    1.5 { [42 2] [2 62] [66 60] } { [43 2] [42 100] }
    // Closed, in one stroke.
    0.7 { [4 60] [44 0] [40 100] } { [2 62] [64 58] }
    // Bar stops at the stem.
    1.0 { [8 6] (2 36) [6 52] (28 52) [50 48] } { [50 0] (46 46) [38 100] }
    // Short stem above the bar.
    1.0 { [26 0] [0 46] [66 44] } { [42 26] [34 100] }
    // Upper part nearly closed.
    0.2 { (30 6) (8 28) [4 48] (28 48) [56 42] } { [48 4] (44 40) [38 100] }
};

const FIVE: &[Hand] = hands! {
    // Two strokes, the roof last.
    3.0 { [14 4] [10 42] (32 34) (54 52) (52 82) (26 100) (2 90) } { [14 5] [64 2] }
    // One stroke.
    2.0 { [62 2] [18 5] [12 42] (34 38) (52 58) (46 88) (22 100) (0 90) }
    // Rounded like an S.
    1.5 { (58 2) (24 6) (12 26) (30 46) (48 62) (44 88) (20 100) (0 92) }
    // Leaning, flat belly.
    2.0 { [74 0] (50 4) [28 8] [18 42] (40 46) (46 68) (28 92) (0 98) }
    // The roof apart from the body.
    1.0 { [16 12] [12 46] (34 42) (52 60) (44 90) (18 100) (2 92) } { [22 4] (44 4) [74 0] }
    // Small belly, long roof.
    1.5 { [20 16] [16 50] (36 48) (48 66) (38 90) (14 100) (0 94) } { [20 16] (44 10) [88 2] }
    // The belly curls in.
    1.5 { [60 2] [16 6] [10 40] (36 34) (56 56) (50 86) (24 99) (0 90) (2 78) }
    // Narrow, a short roof.
    1.5 { [14 4] [8 46] (30 38) (52 58) (44 90) (20 100) (0 88) } { [16 4] [46 2] }
    // Hardly a belly.
    0.7 { [66 0] [30 4] (26 40) (40 60) (34 88) (12 100) (0 92) }
};

const SIX: &[Hand] = hands! {
    3.0 { (46 0) (20 26) (5 62) (12 92) (34 99) (54 82) (46 62) (24 62) (8 80) }
    // Straight back, small loop.
    2.5 { [42 0] (18 38) (5 74) (18 98) (40 92) (46 74) (28 66) (8 80) }
    // Round, the top bent over.
    1.2 { (54 10) (34 0) (10 26) (2 64) (18 97) (46 94) (56 72) (38 54) (14 60) (4 76) }
    // The loop closes through the back.
    1.2 { (40 0) (16 28) (3 64) (14 95) (42 96) (54 78) (36 64) (12 74) (-4 86) }
    // Upright like a b.
    0.8 { [12 0] (8 40) (6 80) (24 100) (46 84) (42 60) (22 58) (8 72) }
    // Wide and low loop.
    1.5 { (34 0) (10 34) (2 72) (22 98) (56 94) (70 74) (48 62) (20 74) }
    // The loop stays open.
    0.8 { (40 0) (16 30) (4 66) (14 94) (36 98) (52 80) (42 66) (24 72) }
    // The loop rises to the right and falls back.
    2.5 { (30 0) (8 36) (3 72) (20 99) (48 86) (56 60) (42 56) (20 74) (12 90) }
    // The same, ending in the middle.
    1.5 { (24 0) (4 40) (2 76) (22 98) (52 90) (64 64) (50 58) (30 74) (28 94) }
    // A long back, a flat loop low at the right.
    1.0 { [34 0] (12 46) (2 84) (20 98) (50 92) (62 76) (46 68) (24 82) }
    // Upright and wide.
    0.8 { (16 0) (2 40) (4 82) (30 100) (62 88) (66 66) (46 60) (26 76) }
};

const SEVEN: &[Hand] = hands! {
    3.0 { [0 6] [56 4] (38 50) [24 100] }
    // Rounded shoulder.
    2.0 { (2 14) (22 4) (46 3) (54 14) (42 50) (28 100) }
    // With a bar.
    1.0 { [4 6] [58 4] (40 46) [26 100] } { [14 54] [60 48] }
    // With a bar low and to the left.
    0.6 { [2 8] [52 4] (38 46) [28 100] } { [4 62] [54 50] }
    // A serif at the left.
    1.5 { [4 24] [6 6] (30 6) [56 4] (40 44) [28 100] }
    // A long serif.
    1.0 { [-4 36] [2 8] (28 8) [56 2] (44 48) [34 100] }
    // Serif and bar.
    0.6 { [4 20] [8 5] [58 6] (40 46) [30 100] } { [16 52] [58 50] }
    // Stem straight down.
    1.0 { [0 10] (24 5) [50 5] [48 100] }
    // A bow for a roof.
    1.0 { (4 30) (12 8) (34 4) [54 2] (36 52) [22 100] }
    // The roof falls to the right.
    0.7 { [-4 2] (28 6) [56 14] (40 54) [26 100] }
    // Long serif and rounded shoulder, like a gate.
    1.0 { [2 40] [6 6] (34 3) (50 14) (48 60) (40 100) }
};

const EIGHT: &[Hand] = hands! {
    // An S, closed upwards.
    3.0 { (50 12) (28 0) (8 16) (22 40) (44 62) (46 88) (26 100) (8 84) (18 60) (42 38) (54 14) }
    // Closed round at the top.
    1.5 { (44 6) (20 2) (8 22) (28 46) (48 68) (42 94) (18 98) (6 76) (24 50) (46 26) (42 6) (28 0) }
    // Two rings.
    0.8 { (30 0) (10 12) (14 38) (30 46) (48 36) (50 12) (28 0) } { (30 46) (8 60) (4 86) (28 100) (54 88) (54 62) (28 46) }
    // The other way round.
    1.0 { (10 14) (30 0) (50 14) (36 40) (12 62) (8 88) (30 100) (52 86) (40 60) (16 38) (8 14) }
    // Open at the top right, ending in a straight run.
    1.5 { (42 16) (22 6) (6 22) (22 44) (42 66) (36 94) (14 98) (6 78) (24 52) [58 4] }
    // Small upper ring.
    0.6 { (42 10) (26 4) (14 16) (26 34) (50 60) (50 90) (24 100) (2 86) (12 58) (34 34) (44 14) }
    // Pointed at the top right.
    1.5 { [62 4] (34 3) (12 14) (22 38) (42 58) (42 86) (22 100) (6 86) (16 62) (38 40) [62 6] }
    // Large upper ring, narrow lower one.
    1.5 { (52 10) (28 0) (4 16) (18 42) (36 64) (38 88) (22 100) (8 88) (16 64) (42 40) (56 14) }
    // The same, open at the top.
    1.0 { (50 16) (28 2) (2 12) (10 34) (34 56) (40 84) (24 100) (10 86) (20 60) (46 36) (64 8) }
    // The upper ring stays open at the right.
    1.0 { (50 4) (20 6) (8 24) (26 44) (46 64) (40 94) (14 98) (6 76) (28 52) (46 34) (50 22) }
    // A straight run down from the top right, crossed on the way back.
    1.0 { [56 0] (30 46) (10 80) (20 100) (38 86) (28 54) (6 22) (16 2) (36 6) (44 20) }
};

const NINE: &[Hand] = hands! {
    // Ring, then straight down.
    2.5 { (48 12) (26 2) (6 22) (12 46) (32 46) (48 24) [52 6] (48 50) [42 100] }
    // Closed ring without a corner.
    2.0 { (46 20) (30 2) (8 14) (6 40) (26 50) (46 30) (48 14) (46 54) [36 100] }
    // Curled tail.
    1.2 { (50 14) (28 0) (8 18) (12 44) (34 46) (50 24) [54 8] (54 52) (46 88) (24 99) (6 88) }
    // Bent stem.
    1.5 { (46 8) (22 4) (6 28) (16 48) (38 38) [50 8] (44 44) (30 74) [20 100] }
    // Round all over.
    1.0 { (40 38) (16 46) (4 26) (20 2) (42 4) (50 26) (48 62) (34 100) }
    // The ring drawn from its lower end, straight into the stem.
    1.5 { (44 44) (20 54) (2 34) (12 6) (40 0) (50 20) (48 60) (44 100) }
    // Small ring high up.
    0.7 { (42 8) (26 2) (12 14) (14 32) (30 34) (42 18) [46 4] (44 50) [38 100] }
    // A flat ring, leaning back.
    1.8 { (48 4) (24 8) (2 32) (10 48) (34 38) [54 4] (46 50) [34 100] }
    // A large ring that reaches below the middle.
    2.0 { (46 14) (30 0) (6 18) (4 46) (22 58) (42 44) [48 14] (46 56) [40 100] }
    // The same, closed at the top, the stem bent into it.
    1.5 { (40 50) (16 58) (2 38) (14 8) (36 0) (46 16) (44 50) [38 100] }
    // A narrow leaning ring, its point at the top right.
    2.0 { [50 0] (24 8) (6 36) (8 56) (26 52) [50 6] (42 52) [32 100] }
    // The ring stays open at the top right.
    1.4 { (38 2) (16 4) (4 28) (14 48) (34 42) [46 20] (44 56) [38 100] }
    // The same, leaning, with a gap at its top.
    1.0 { (46 2) (22 8) (4 34) (14 50) (34 42) [52 16] (44 58) [32 100] }
};
