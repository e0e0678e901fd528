//! The ways a digit is written: for each of the ten, several hands as the knots a pen passes.
//!
//! Coordinates are percent of the digit's height, x to the right and y down. Smooth knots lie on a curve, corners turn
//! sharply. Knots are in writing order, because a pen overshoots and runs out at the end of a stroke, not in its middle.
//! Weights say how often a hand is met; only their proportions within a digit matter.

use super::super::Label;

/// A place the pen passes.
#[derive(Debug, Clone, Copy)]
pub struct Knot {
    pub x: f32,
    pub y: f32,
    /// Whether the pen turns sharply here.
    pub corner: bool,
}

/// A smooth knot.
const fn s(x: i8, y: i8) -> Knot {
    Knot { x: x as f32 / 100.0, y: y as f32 / 100.0, corner: false }
}

/// A corner.
const fn c(x: i8, y: i8) -> Knot {
    Knot { corner: true, ..s(x, y) }
}

/// One way to write a digit.
#[derive(Debug)]
pub struct Hand {
    /// How often it is met, relative to the digit's other hands.
    pub weight: f32,
    pub strokes: &'static [&'static [Knot]],
}

const fn hand(weight: f32, strokes: &'static [&'static [Knot]]) -> Hand {
    Hand { weight, strokes }
}

/// The hands of a digit.
pub const fn of(label: Label) -> &'static [Hand] {
    HANDS[label.value() as usize]
}

const HANDS: [&[Hand]; 10] = [ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE];

const ZERO: &[Hand] = &[
    // Once round against the clock, from the top.
    hand(4.0, &[&[s(36, 1), s(12, 18), s(2, 52), s(12, 88), s(34, 99), s(58, 82), s(66, 48), s(56, 14), s(32, 1)]]),
    // The same, closing over the start.
    hand(
        3.0,
        &[&[s(46, 8), s(20, 6), s(3, 42), s(10, 86), s(36, 99), s(60, 78), s(64, 38), s(50, 8), s(26, 0), s(12, 10)]],
    ),
    // With the clock.
    hand(1.0, &[&[s(16, 14), s(38, 0), s(60, 20), s(64, 60), s(46, 94), s(22, 96), s(4, 70), s(4, 32), s(22, 8)]]),
    // A drop, pointed at the top.
    hand(1.0, &[&[c(40, 0), s(14, 26), s(2, 62), s(16, 94), s(42, 94), s(60, 66), s(56, 28), c(34, 4)]]),
    // The end runs into the middle.
    hand(0.7, &[&[s(28, 4), s(6, 36), s(8, 82), s(34, 99), s(60, 74), s(62, 28), s(44, 2), s(24, 8), s(32, 30)]]),
];

const ONE: &[Hand] = &[
    hand(8.0, &[&[c(30, 0), c(30, 100)]]),
    hand(2.0, &[&[s(32, 0), s(28, 50), s(30, 100)]]),
    // Flag.
    hand(1.0, &[&[c(14, 20), c(32, 0), c(32, 100)]]),
    // Flag and base.
    hand(0.6, &[&[c(10, 22), c(32, 0), c(32, 98)], &[c(6, 98), c(58, 98)]]),
    // A short hook at the top.
    hand(0.5, &[&[s(22, 10), s(32, 2), s(33, 30), s(31, 100)]]),
];

const TWO: &[Hand] = &[
    // Corner and flat base.
    hand(3.0, &[&[s(4, 24), s(16, 4), s(38, 0), s(55, 16), s(48, 44), s(26, 72), c(2, 97), c(62, 96)]]),
    // A loop at the foot, running out in a wave.
    hand(
        3.0,
        &[&[
            s(6, 20),
            s(24, 1),
            s(48, 6),
            s(54, 28),
            s(40, 60),
            s(16, 90),
            s(2, 92),
            s(8, 78),
            s(26, 80),
            s(46, 92),
            s(68, 90),
        ]],
    ),
    // A small loop, running out downwards.
    hand(
        2.0,
        &[&[s(8, 16), s(28, 0), s(50, 10), s(48, 38), s(28, 70), s(8, 88), s(2, 82), s(14, 74), s(36, 84), s(60, 100)]],
    ),
    // Like a Z.
    hand(1.0, &[&[c(4, 6), s(30, 3), c(54, 6), c(4, 94), c(64, 94)]]),
    // Neck straight down, base short.
    hand(1.0, &[&[s(12, 30), s(10, 10), s(28, 0), s(44, 14), s(38, 46), s(22, 74), c(8, 96), s(28, 92), s(52, 97)]]),
    // Starts with a curl.
    hand(
        1.0,
        &[&[s(18, 28), s(6, 26), s(8, 8), s(30, 0), s(52, 10), s(50, 38), s(28, 70), c(2, 96), s(30, 90), s(66, 96)]],
    ),
    // Wide and flat.
    hand(1.0, &[&[s(2, 20), s(24, 0), s(56, 4), s(62, 30), s(40, 62), c(6, 92), s(44, 84), s(90, 88)]]),
];

const THREE: &[Hand] = &[
    // Two bows with a corner between.
    hand(4.0, &[&[s(4, 14), s(26, 0), s(50, 14), s(42, 38), c(18, 46), s(46, 54), s(56, 76), s(34, 98), s(2, 88)]]),
    // Flat top.
    hand(1.2, &[&[c(6, 3), c(54, 2), c(24, 38), s(50, 52), s(54, 80), s(28, 99), s(2, 88)]]),
    // A little loop between the bows.
    hand(
        1.5,
        &[&[
            s(8, 12),
            s(32, 0),
            s(52, 14),
            s(40, 38),
            s(20, 50),
            s(16, 42),
            s(30, 42),
            s(52, 60),
            s(52, 84),
            s(26, 99),
            s(2, 88),
        ]],
    ),
    // The bows barely part.
    hand(1.5, &[&[s(6, 10), s(30, 0), s(48, 16), s(38, 40), c(30, 46), s(50, 58), s(54, 82), s(28, 100), s(2, 92)]]),
    // Long tail to the left.
    hand(1.0, &[&[s(10, 10), s(36, 0), s(54, 14), s(42, 36), c(22, 46), s(50, 52), s(52, 76), s(24, 92), s(-8, 96)]]),
    // Bows open wide.
    hand(1.0, &[&[s(0, 6), s(30, 2), s(52, 14), s(36, 34), c(10, 44), s(50, 50), s(62, 70), s(40, 94), s(2, 98)]]),
];

const FOUR: &[Hand] = &[
    // Open, two strokes.
    hand(3.0, &[&[c(8, 4), s(4, 30), c(4, 52), s(30, 54), c(62, 48)], &[c(50, 2), s(46, 50), c(42, 100)]]),
    // Open like a u, in one stroke.
    hand(3.0, &[&[c(8, 4), s(2, 34), s(12, 54), s(38, 48), c(54, 4), s(48, 50), c(42, 100)]]),
    // Open, the left side leaning.
    hand(2.0, &[&[c(22, 0), s(10, 28), c(0, 54), s(30, 54), c(68, 50)], &[c(50, 14), s(44, 56), c(36, 100)]]),
    // Closed, apex at the top.
    hand(1.5, &[&[c(42, 2), c(2, 62), c(66, 60)], &[c(43, 2), c(42, 100)]]),
    // Closed, in one stroke.
    hand(1.0, &[&[c(4, 60), c(44, 0), c(40, 100)], &[c(2, 62), c(64, 58)]]),
    // Bar stops at the stem.
    hand(1.5, &[&[c(8, 6), s(2, 36), c(6, 50), s(28, 50), c(46, 46)], &[c(50, 0), s(46, 46), c(38, 100)]]),
    // Short stem above the bar.
    hand(1.0, &[&[c(26, 0), c(0, 46), c(66, 44)], &[c(42, 26), c(34, 100)]]),
    // Upper part nearly closed.
    hand(1.0, &[&[s(30, 6), s(8, 28), c(4, 48), s(28, 48), c(46, 38)], &[c(48, 4), s(44, 40), c(38, 100)]]),
];

const FIVE: &[Hand] = &[
    // Two strokes, the roof last.
    hand(3.0, &[&[c(14, 4), c(10, 42), s(32, 34), s(54, 52), s(52, 82), s(26, 100), s(2, 90)], &[c(14, 5), c(60, 2)]]),
    // One stroke.
    hand(2.0, &[&[c(58, 2), c(18, 5), c(12, 42), s(34, 38), s(52, 58), s(46, 88), s(22, 100), s(0, 90)]]),
    // Rounded like an S.
    hand(1.5, &[&[s(56, 2), s(24, 6), s(12, 26), s(30, 46), s(48, 62), s(44, 88), s(20, 100), s(0, 92)]]),
    // Leaning, flat belly.
    hand(2.0, &[&[c(70, 0), s(50, 4), c(28, 8), c(18, 42), s(40, 46), s(46, 68), s(28, 92), s(0, 98)]]),
    // The roof apart from the body.
    hand(
        1.0,
        &[
            &[c(16, 12), c(12, 46), s(34, 42), s(52, 60), s(44, 90), s(18, 100), s(2, 92)],
            &[c(22, 4), s(44, 4), c(70, 0)],
        ],
    ),
    // Small belly, long roof.
    hand(
        1.0,
        &[
            &[c(20, 16), c(16, 50), s(36, 48), s(48, 66), s(38, 90), s(14, 100), s(0, 94)],
            &[c(20, 16), s(44, 10), c(84, 2)],
        ],
    ),
];

const SIX: &[Hand] = &[
    hand(3.0, &[&[s(46, 0), s(20, 26), s(5, 62), s(12, 92), s(34, 99), s(54, 82), s(46, 60), s(24, 60), s(8, 78)]]),
    // Straight back, small loop.
    hand(2.5, &[&[c(42, 0), s(18, 38), s(5, 74), s(18, 98), s(40, 90), s(44, 70), s(26, 62), s(8, 78)]]),
    // Round, the top bent over.
    hand(
        1.5,
        &[&[s(54, 10), s(34, 0), s(10, 26), s(2, 64), s(18, 97), s(46, 94), s(56, 72), s(38, 54), s(14, 60), s(4, 76)]],
    ),
    // The loop closes through the back.
    hand(1.5, &[&[s(40, 0), s(16, 28), s(3, 64), s(14, 95), s(42, 96), s(54, 76), s(36, 62), s(12, 72), s(-4, 84)]]),
    // Upright like a b.
    hand(0.8, &[&[c(12, 0), s(8, 40), s(6, 80), s(24, 100), s(46, 84), s(42, 58), s(22, 56), s(8, 70)]]),
    // Wide and low loop.
    hand(1.0, &[&[s(36, 0), s(10, 34), s(2, 72), s(22, 98), s(56, 94), s(68, 72), s(46, 58), s(18, 70)]]),
    // The loop stays open.
    hand(0.8, &[&[s(40, 0), s(16, 30), s(4, 66), s(14, 94), s(36, 98), s(52, 80), s(42, 64), s(24, 70)]]),
];

const SEVEN: &[Hand] = &[
    hand(3.0, &[&[c(2, 6), c(56, 4), s(38, 50), c(24, 100)]]),
    // Rounded shoulder.
    hand(2.0, &[&[s(2, 14), s(22, 4), s(46, 3), s(54, 14), s(42, 50), s(28, 100)]]),
    // With a bar.
    hand(1.5, &[&[c(4, 6), c(58, 4), s(40, 46), c(26, 100)], &[c(14, 54), c(60, 48)]]),
    // A serif at the left.
    hand(1.5, &[&[c(4, 24), c(6, 6), s(30, 6), c(56, 4), s(40, 44), c(28, 100)]]),
    // Serif and bar.
    hand(0.6, &[&[c(4, 20), c(8, 5), c(58, 6), s(40, 46), c(30, 100)], &[c(16, 52), c(58, 50)]]),
    // Stem straight down.
    hand(1.0, &[&[c(0, 10), s(24, 5), c(50, 5), c(48, 100)]]),
    // A bow for a roof.
    hand(1.0, &[&[s(4, 30), s(12, 8), s(34, 4), c(52, 2), s(36, 52), c(22, 100)]]),
];

const EIGHT: &[Hand] = &[
    // An S, closed upwards.
    hand(
        3.0,
        &[&[
            s(50, 12),
            s(28, 0),
            s(8, 16),
            s(22, 40),
            s(46, 62),
            s(48, 88),
            s(26, 100),
            s(6, 84),
            s(18, 60),
            s(42, 38),
            s(54, 14),
        ]],
    ),
    // Closed round at the top.
    hand(
        2.0,
        &[&[
            s(44, 6),
            s(20, 2),
            s(8, 22),
            s(28, 46),
            s(48, 68),
            s(42, 94),
            s(18, 98),
            s(6, 76),
            s(24, 50),
            s(46, 26),
            s(42, 6),
            s(28, 0),
        ]],
    ),
    // Two rings.
    hand(
        1.0,
        &[
            &[s(30, 0), s(10, 12), s(14, 38), s(30, 46), s(48, 36), s(50, 12), s(28, 0)],
            &[s(30, 46), s(8, 60), s(4, 86), s(28, 100), s(54, 88), s(54, 62), s(28, 46)],
        ],
    ),
    // The other way round.
    hand(
        1.0,
        &[&[
            s(10, 14),
            s(30, 0),
            s(50, 14),
            s(36, 40),
            s(12, 62),
            s(8, 88),
            s(30, 100),
            s(52, 86),
            s(40, 60),
            s(16, 38),
            s(8, 14),
        ]],
    ),
    // Open at the top right, ending in a straight run.
    hand(
        1.5,
        &[&[s(42, 16), s(22, 6), s(6, 22), s(22, 44), s(42, 66), s(36, 94), s(14, 98), s(6, 78), s(24, 52), c(58, 4)]],
    ),
    // Small upper ring.
    hand(
        1.0,
        &[&[
            s(42, 10),
            s(26, 4),
            s(14, 16),
            s(26, 34),
            s(50, 60),
            s(50, 90),
            s(24, 100),
            s(2, 86),
            s(12, 58),
            s(34, 34),
            s(44, 14),
        ]],
    ),
];

const NINE: &[Hand] = &[
    // Ring, then straight down.
    hand(3.0, &[&[s(48, 12), s(26, 2), s(6, 22), s(12, 44), s(32, 44), s(48, 24), c(52, 6), s(48, 50), c(42, 100)]]),
    // Closed ring without a corner.
    hand(2.0, &[&[s(46, 20), s(30, 2), s(8, 14), s(6, 38), s(26, 48), s(46, 30), s(48, 14), s(46, 54), c(36, 100)]]),
    // Curled tail.
    hand(
        1.2,
        &[&[
            s(50, 14),
            s(28, 0),
            s(8, 18),
            s(12, 42),
            s(34, 44),
            s(50, 24),
            c(54, 8),
            s(54, 52),
            s(46, 88),
            s(24, 99),
            s(6, 88),
        ]],
    ),
    // Bent stem.
    hand(1.5, &[&[s(46, 8), s(22, 4), s(6, 26), s(16, 44), s(38, 36), c(50, 8), s(44, 44), s(30, 74), c(20, 100)]]),
    // Round all over.
    hand(1.2, &[&[s(40, 34), s(16, 42), s(4, 24), s(20, 2), s(42, 4), s(50, 26), s(48, 62), s(34, 100)]]),
    // The ring drawn from its lower end, straight into the stem.
    hand(1.0, &[&[s(44, 40), s(20, 48), s(2, 30), s(14, 4), s(40, 0), s(50, 18), s(48, 60), s(44, 100)]]),
    // Small ring high up.
    hand(1.0, &[&[s(42, 8), s(26, 2), s(12, 14), s(14, 32), s(30, 34), s(42, 18), c(46, 4), s(44, 50), c(38, 100)]]),
];
