//! Which units of one layer a unit of another hears.

use crate::dataset::Shape;
use std::ops::Range;

/// How the units of a connection's two sides are wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Wiring {
    /// Each unit hears all: `W: [D, N]`.
    #[default]
    Dense,
    /// Each unit hears a window, with weights of its own: `W: [N, F]`, see [`Local`].
    Local(Local),
}

/// Local receptive fields (paper, section 4): both sides lie on one grid of positions, some units a position, and a unit hears
/// the window of positions around its own, cut off at the edges. No weight is shared.
///
/// `W` has a row for each unit and a column for each place of its window, `[window, window, inputs]` from the upper left:
/// `N·F` weights, and no matrix of `D·N` that is mostly zeros. Those of places beyond an edge are zero and stay so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Local {
    /// Rows of positions.
    pub height: usize,
    /// Columns of positions.
    pub width: usize,
    /// Units a position on the side that is heard.
    pub inputs: usize,
    /// Units a position on the side that hears.
    pub units: usize,
    /// Positions of a window each way; odd.
    pub window: usize,
    /// Positions of a tile each way: neighbours whose windows the CPU engine reads together. Of no consequence for results.
    pub tile: usize,
}

/// [`Local::tile`] unless a test wants another. One tile's products are `[B, K]·[K, 48]` with `K` up to 14·14·3 = 588 where
/// units see 11×11×3: 1.6 times the least work, but 48 columns wide, so that a factor once packed is used often. Measured natively
/// against 1, 2, 8 and 16 positions each way (docs/results.md): those take 1.4 to 4 times as long.
pub const TILE: usize = 4;

impl Local {
    /// The wiring from `inputs` to `units` units a position of pictures of `shape`.
    pub fn new(shape: Shape, inputs: usize, units: usize, window: usize) -> Self {
        debug_assert_eq!(window % 2, 1, "a window has a middle");
        Self { height: shape.height, width: shape.width, inputs, units, window, tile: TILE }
    }

    /// Positions a window reaches each way from its middle.
    pub fn reach(self) -> usize {
        self.window / 2
    }

    /// Places of a window, `F`: the weights of one unit.
    pub fn places(self) -> usize {
        self.window * self.window * self.inputs
    }

    /// `[D, N]`: units that are heard, and units that hear.
    pub fn sides(self) -> [usize; 2] {
        [self.inputs, self.units].map(|each| self.height * self.width * each)
    }

    /// The same connection for what goes the other way: those that hear are heard.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { inputs: self.units, units: self.inputs, ..self }
    }

    /// Which unit of the other side unit `unit` sees at `place` of its window; `None` beyond the edges.
    pub fn seen(self, unit: usize, place: usize) -> Option<usize> {
        let position = unit / self.units;
        let (step, input) = (place / self.inputs, place % self.inputs);
        let within = |middle: usize, step: usize, size: usize| {
            (middle + step).checked_sub(self.reach()).filter(|&there| there < size)
        };
        let y = within(position / self.width, step / self.window, self.height)?;
        let x = within(position % self.width, step % self.window, self.width)?;
        Some((y * self.width + x) * self.inputs + input)
    }

    /// Positions within reach of those in `range`, of `size` along one side.
    pub fn around(self, range: &Range<usize>, size: usize) -> Range<usize> {
        range.start.saturating_sub(self.reach())..(range.end + self.reach()).min(size)
    }
}

impl Wiring {
    /// Rows and columns of the weights between `inputs` and `units` units.
    pub fn shape(self, inputs: usize, units: usize) -> [usize; 2] {
        match self {
            Self::Dense => [inputs, units],
            Self::Local(local) => [units, local.places()],
        }
    }

    /// `[D, N]` of a connection whose weights have this many rows and columns.
    pub fn sides(self, [rows, columns]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Dense => [rows, columns],
            Self::Local(local) => local.sides(),
        }
    }

    /// Weights that one unit has from `inputs` units, those beyond the edges included.
    pub fn fan_in(self, inputs: usize) -> usize {
        match self {
            Self::Dense => inputs,
            Self::Local(local) => local.places(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_cut_off_at_the_edges() {
        let local = Local { height: 4, width: 5, inputs: 2, units: 3, window: 3, tile: 2 };
        assert_eq!((local.places(), local.sides()), (18, [40, 60]));
        // The unit at the upper left, its window's middle, and one beyond each of its edges.
        assert_eq!(local.seen(1, 4 * 2 + 1), Some(1));
        assert_eq!(local.seen(1, 0), None);
        assert_eq!(local.seen(1, 5 * 2), Some(2));
        // The unit at the lower right.
        assert_eq!(local.seen(59, 4 * 2), Some(38));
        assert_eq!((local.seen(59, 5 * 2), local.seen(59, 7 * 2)), (None, None));
        let seen = |unit: usize| (0..18).filter(|&place| local.seen(unit, place).is_some()).count();
        assert_eq!([seen(0), seen(3), seen(18), seen(59)], [8, 12, 18, 8]);
    }
}
