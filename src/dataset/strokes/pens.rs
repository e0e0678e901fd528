//! More ways a digit is written: by people of other schools, in a hurry, with a mouse or a finger.
//!
//! [`super::hands`] was designed with MNIST's writers in view, Americans with a pencil. Elsewhere a 1 has a flag and a foot, a 7
//! a bar, a 0 is begun at the left or below, and on a screen a pen that should have been lifted joins two strokes.

use super::super::Label;
use super::hands::{Hand, Knot, hands, knot};

/// The hands a label's digit is written with besides those of [`super::hands`].
pub const fn more(label: Label) -> &'static [Hand] {
    MORE[label.value() as usize]
}

const MORE: [&[Hand]; 10] = [ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE];

const ZERO: &[Hand] = hands! {
    // From the left, with the clock.
    1.0 { (2 56) (10 22) (30 2) (54 18) (62 52) (52 86) (30 99) (8 84) (2 50) }
    // From below, up the right side.
    1.0 { (30 99) (54 84) (62 50) (52 14) (28 1) (8 18) (2 54) (10 88) (32 100) }
    // From below, up the left side.
    0.7 { (34 99) (10 88) (2 50) (10 14) (34 0) (56 14) (62 52) (52 88) (30 98) }
    // Two halves.
    0.6 { (34 0) (10 18) (2 52) (12 86) (34 99) } { (32 1) (54 18) (62 52) (52 84) (32 99) }
    // With corners, nearly a box.
    0.7 { (6 6) (2 50) (6 94) (56 96) (60 50) (54 4) (4 6) }
    // A ring.
    1.0 { (48 2) (14 14) (0 50) (14 86) (50 98) (86 86) (100 50) (86 14) (46 2) }
    // An egg, wide at the bottom.
    0.7 { (32 0) (14 26) (2 66) (14 94) (36 100) (60 90) (66 62) (50 24) (30 1) }
    // Open at the top.
    1.0 { (20 4) (4 34) (6 78) (32 99) (58 80) (64 40) (48 6) }
};

const ONE: &[Hand] = hands! {
    // Flag and foot in one stroke.
    1.0 { [12 24] [32 0] [32 98] [6 98] [62 97] }
    // Foot and no flag.
    1.2 { [32 0] [32 98] } { [6 98] [58 98] }
    // A flag half as long as the stem.
    1.5 { [0 46] (16 26) [34 0] [34 100] }
    // The same with a foot.
    1.0 { [2 40] [34 0] [34 98] } { [8 98] [60 98] }
    // The flag lifted off.
    0.8 { [10 22] [30 4] } { [34 0] [34 100] }
    // A short flag, a short foot.
    1.2 { [20 14] [32 0] [32 98] } { [18 98] [46 98] }
    // Bars at both ends.
    0.4 { [14 2] [50 2] } { [32 2] [32 98] } { [12 98] [52 98] }
    // A flag that hangs.
    0.8 { (12 26) (18 8) (32 2) [34 10] [32 100] }
};

const TWO: &[Hand] = hands! {
    // The base apart.
    1.0 { (4 22) (20 2) (46 4) (54 28) (34 62) [6 96] } { [4 96] [66 96] }
    // Only corners.
    0.7 { [4 4] [56 2] [58 44] [4 56] [2 98] [62 98] }
    // A swan: the neck bends far back.
    1.0 { (8 30) (14 8) (36 0) (56 14) (54 38) (28 66) [4 96] [68 96] }
    // Body like an S turned round.
    1.0 { (2 18) (26 0) (54 12) (50 38) (20 56) (4 76) [6 98] [64 96] }
    // Loop and flat base.
    1.0 { (6 24) (20 2) (48 4) (54 30) (34 64) (10 90) (2 82) (14 78) (34 94) [70 98] }
    // Base that climbs.
    0.8 { (6 18) (28 0) (54 14) (44 46) [6 94] (38 92) (72 78) }
    // Neck straight, head small.
    0.8 { [10 12] (24 0) (42 6) (40 24) [4 98] [66 98] }
};

const THREE: &[Hand] = hands! {
    // Corners above, a bow below.
    1.0 { [4 2] [54 2] [28 38] (54 52) (56 78) (32 99) (2 92) }
    // Only corners.
    0.6 { [4 2] [56 2] [24 44] [58 64] [44 98] [0 94] }
    // The waist runs far in.
    1.0 { (4 10) (32 0) (52 16) (36 40) [4 48] (42 54) (56 78) (30 99) (0 90) }
    // Two bows, each by itself.
    0.6 { (6 8) (34 0) (52 18) (38 42) (20 46) } { (20 46) (50 54) (54 82) (28 100) (2 92) }
    // A loop as large as the bows.
    0.8 { (8 10) (34 0) (52 18) (40 40) (22 54) (12 44) (26 38) (54 58) (50 88) (24 100) (0 90) }
    // Wide and low.
    0.8 { (0 12) (44 0) (80 18) (56 42) [34 46] (76 58) (88 80) (44 99) (0 90) }
    // The lower bow closes upwards.
    0.7 { (8 10) (32 0) (50 16) (38 38) [22 44] (50 56) (54 82) (30 100) (8 92) (6 76) }
};

const FOUR: &[Hand] = hands! {
    // Closed, the stem through the bar.
    1.5 { [46 0] [2 66] [70 66] } { [48 30] [46 100] }
    // Closed, in one stroke from the bar's end.
    1.2 { [70 64] [2 66] [44 0] [44 100] }
    // A chair: sides upright.
    1.2 { [6 0] [4 50] [60 48] } { [52 0] [52 100] }
    // A cup and a stem.
    1.0 { (6 2) (4 34) (16 52) (40 50) [58 30] } { [58 0] [56 100] }
    // The bar low.
    0.8 { [36 0] [2 74] [76 74] } { [56 44] [54 100] }
    // The bar high, the stem long.
    0.8 { [14 0] [2 34] [56 34] } { [44 2] [40 100] }
    // The stem at the bar's end.
    0.8 { [12 0] [4 48] [54 46] } { [56 6] [50 100] }
    // The pen goes back to the stem's top without being lifted.
    1.0 { [10 0] [4 48] [66 46] [52 4] [46 100] }
    // A sail, in one stroke.
    0.7 { [50 100] [48 0] [2 62] [72 60] }
    // A zigzag.
    0.5 { [26 0] [2 44] [58 42] [40 100] }
};

const FIVE: &[Hand] = hands! {
    // Only corners.
    0.8 { [58 2] [8 2] [8 46] [56 46] [56 96] [2 96] }
    // Like an S.
    1.5 { (56 8) (30 0) (8 16) (14 38) (40 52) (54 72) (38 96) (2 94) }
    // The roof first, the body apart.
    1.0 { [12 2] [62 0] } { [12 4] [8 44] (34 36) (56 60) (48 90) (22 100) (0 94) }
    // A large belly.
    1.0 { [52 0] [16 2] [10 32] (44 30) (68 56) (56 90) (26 100) (0 88) }
    // A small belly, low.
    0.8 { [58 2] [16 4] [14 54] (34 50) (46 68) (38 92) (14 100) (0 96) }
    // The pen goes back to the roof without being lifted.
    1.0 { [12 4] [8 42] (34 34) (56 56) (48 90) (4 94) [14 6] [66 2] }
    // No corner where neck and belly meet.
    1.0 { [60 2] [18 4] (12 30) (34 46) (52 64) (42 92) (2 96) }
    // The neck leans back into a belly that closes.
    0.7 { [64 0] [22 4] [6 44] (36 38) (54 60) (40 94) (12 98) (4 80) (20 70) }
};

const SIX: &[Hand] = hands! {
    // The ring with the clock.
    1.0 { (40 0) (16 30) (4 68) (14 58) (38 52) (54 72) (40 97) (14 96) (4 72) }
    // Stem and ring apart.
    0.8 { (40 0) (18 30) (6 70) } { (8 72) (28 56) (48 66) (48 90) (26 100) (8 86) (8 70) }
    // A large ring.
    1.2 { (46 0) (16 22) (2 58) (12 92) (42 99) (66 74) (54 44) (22 44) (4 66) }
    // A ring below a long straight stem.
    1.0 { [50 0] [14 58] (4 82) (20 100) (42 92) (46 70) (28 62) (8 78) }
    // A hook above.
    0.8 { (56 14) (40 0) (16 16) (4 54) (12 90) (38 99) (56 78) (42 54) (16 60) (6 78) }
    // The ring narrow and upright.
    0.8 { (44 0) (18 24) (6 60) (12 94) (30 99) (42 82) (38 58) (20 54) (8 70) }
    // A spiral.
    1.0 { (48 2) (14 22) (2 62) (20 97) (50 92) (58 68) (38 56) (22 72) (32 84) }
};

const SEVEN: &[Hand] = hands! {
    // A bar, in every height and direction.
    1.5 { [2 4] [58 4] (42 40) [26 100] } { [12 44] [62 44] }
    1.5 { [2 6] [60 2] [24 100] } { [14 56] [62 48] }
    1.0 { [2 4] [60 4] (48 40) [40 100] } { [20 60] [70 62] }
    // Serif and bar.
    1.0 { [4 24] [4 4] [60 4] (42 50) [28 100] } { [18 54] [62 52] }
    // The pen crosses to the bar without being lifted.
    1.0 { [2 4] [60 4] (42 46) [26 100] [12 58] [62 50] }
    // Bar, upright stem.
    0.8 { [2 6] [56 4] [50 100] } { [24 50] [76 48] }
    // Stem bent to a sickle.
    1.0 { [2 6] [60 4] (38 32) (26 64) [26 100] }
    // A wave for a roof.
    1.0 { (2 16) (14 2) (36 10) [60 0] (42 44) [26 100] }
    // A short roof.
    0.8 { [16 2] [50 0] (34 46) [10 100] }
};

const EIGHT: &[Hand] = hands! {
    // Begun in the middle.
    1.2 { (28 48) (6 26) (28 0) (50 22) (28 48) (2 76) (28 100) (54 76) (28 48) }
    // The same, the lower ring first.
    0.8 { (30 46) (54 72) (30 100) (4 74) (28 46) (50 22) (30 0) (8 22) (32 48) }
    // An hourglass of straight lines.
    0.8 { [6 2] [54 2] [6 98] [56 98] [6 2] }
    // The same, from the right.
    0.6 { [54 2] [8 98] [54 98] [8 2] [54 2] }
    // Rings that only touch.
    0.8 { (28 0) (8 20) (26 46) (48 22) (28 0) } { (28 48) (4 74) (28 100) (54 74) (28 48) }
    // Large ring below.
    0.8 { (42 8) (26 0) (14 16) (30 36) (60 62) (46 98) (8 94) (2 66) (26 38) (44 12) }
    // Narrow.
    0.8 { (32 6) (20 0) (12 18) (22 46) (34 76) (22 100) (8 80) (20 48) (34 12) }
    // From the top left, the lower ring open.
    0.6 { (10 18) (30 0) (48 18) (26 46) (6 76) (26 100) (52 84) (42 58) (14 30) (16 8) }
};

const NINE: &[Hand] = hands! {
    // Ring and stem apart.
    1.2 { (48 18) (28 0) (6 18) (8 42) (30 48) (48 30) } { [50 2] [48 100] }
    // Tail like a g's.
    1.2 { (48 12) (26 0) (6 22) (16 46) (40 40) [52 6] (54 56) (44 92) (18 100) (2 86) }
    // A bow for a tail.
    1.2 { (50 20) (30 0) (6 18) (14 46) (42 40) (54 18) (54 50) (36 84) (6 98) }
    // The ring with the clock.
    0.8 { (12 44) (4 18) (26 0) (50 14) (48 38) (26 50) (10 40) [48 26] [44 100] }
    // The ring drawn from its middle right.
    0.8 { (50 34) (28 50) (6 34) (14 6) (40 2) (52 24) (50 62) (40 100) }
    // A ring with corners.
    0.5 { [48 4] [6 8] [8 44] [48 42] [48 2] [46 100] }
    // A round ring, a short tail.
    0.8 { (58 22) (32 0) (4 24) (14 58) (42 62) (60 36) [60 10] [58 100] }
    // A leaning stem that begins above the ring.
    0.8 { (44 16) (24 6) (6 28) (16 50) (38 42) [54 0] (42 52) [26 100] }
};
