//! Settings of nets that see coloured pictures through windows (paper, section 4).

use super::{LayerRule, RecipeKind, Settings};
use crate::dataset::Shape;
use crate::engine::{Local, Sign, Wiring};
use crate::error::{Error, Result};

impl Settings {
    /// The nets of the paper's section 4 for 32×32 coloured pictures: `layers` hidden layers of 32×32×3 units with windows of
    /// 11×11, in which positive pictures push goodness as `sign` says; of `recipe` recurrent or backprop. The rates are our own:
    /// none is published.
    pub fn local(recipe: RecipeKind, layers: usize, sign: Sign) -> Self {
        let rules = match (recipe, sign) {
            (RecipeKind::Backprop, _) | (_, Sign::Maximise) => vec![],
            (_, Sign::Minimise) => vec![LayerRule { sign, ..LayerRule::default() }; layers],
        };
        let base = Self { layers: vec![3072; layers], window: 11, rules, ..Self::recommended(recipe) };
        match recipe {
            RecipeKind::Backprop => {
                Self { rate: 0.2, head_rate: 0.1, weight_cost: 0.001, head_weight_cost: 0.001, ..base }
            }
            _ => Self {
                rate: 0.003,
                // Goodness of thousands of units differs by hundreds: divided by 20 nearly every picture counts fully or not at
                // all, which is mostly noise (docs/results.md).
                temperature: 180.0,
                // Without it, what is learned from CIFAR-10's pictures says little about others.
                weight_cost: 0.01,
                // On 6,144 normalised activities; at a twentieth of it the head is far from done after 20 epochs.
                head_rate: 0.02,
                head_weight_cost: 0.02,
                steps: 10,
                settled: [4, 6],
                ..base
            },
        }
    }

    /// How each layer hears the one below, and the one above or the label on top, when pictures have `inputs` values.
    ///
    /// # Errors
    /// [`Error::Setting`] if a layer is not so many units for each position of the picture.
    pub fn wirings(&self, inputs: usize) -> Result<Vec<[Wiring; 2]>> {
        if self.window == 0 {
            return Ok(vec![[Wiring::Dense; 2]; self.layers.len()]);
        }
        let Some(shape) = Shape::find(|shape| shape.pixels() == inputs) else {
            let expected = format!("pictures of {inputs} values have no positions that windows could lie on; choose 0");
            return Err(Error::setting("window", self.window, expected));
        };
        let positions = shape.height * shape.width;
        if let Some(units) = self.layers.iter().find(|&&units| units % positions != 0) {
            let expected = format!(
                "under windows a layer has as many units at each of the picture's {}×{} positions; choose a multiple of {positions}",
                shape.height, shape.width
            );
            return Err(Error::setting("layers", units, expected));
        }
        let each = |index: usize| self.layers.get(index).map(|units| units / positions);
        let local = |inputs: usize, units: usize| Wiring::Local(Local::new(shape, inputs, units, self.window));
        let wiring = |i: usize, units: usize| {
            let below = i.checked_sub(1).and_then(each).unwrap_or(shape.channels);
            let above = each(i + 1).filter(|_| self.recipe == RecipeKind::Recurrent);
            [local(below, units), above.map_or(Wiring::Dense, |above| local(above, units))]
        };
        Ok((0..self.layers.len()).filter_map(|i| Some(wiring(i, each(i)?))).collect())
    }

    /// [`Settings::local`] for a browser's CPU: as the paper's, but in batches that are over in a moment, so that the page answers
    /// between them and a curve begins before anyone has left. What a fifth of the pictures say is noisier, so that the rates of
    /// Forward-Forward are a fifth as well: at the others' a net that reads two of three pictures unlearns half of that (docs/results.md).
    pub fn page_local(recipe: RecipeKind, sign: Sign) -> Self {
        let local = Self::local(recipe, 2, sign);
        let batch = 20;
        let share = if recipe == RecipeKind::Backprop { 1.0 } else { batch as f32 / local.batch as f32 };
        Self { batch, rate: share * local.rate, head_rate: share * local.head_rate, ..local }
    }

    /// Itself, if every setting is in its range, they go together, and windows lie on the positions of a coloured picture.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first setting that is not possible.
    pub fn possible(self) -> Result<Self> {
        let settings = self.checked()?;
        if settings.window > 0 {
            settings.wirings(Shape::CIFAR.pixels())?;
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lie_on_the_grid_of_the_picture_or_are_refused() {
        for recipe in [RecipeKind::Recurrent, RecipeKind::Backprop] {
            let settings = Settings::local(recipe, 2, Sign::Minimise);
            assert_eq!(settings.clone().checked(), Ok(settings.clone()));
            let [first, last] = settings.wirings(Shape::CIFAR.pixels()).unwrap()[..] else { panic!("two layers") };
            assert_eq!(first[0], Wiring::Local(Local::new(Shape::CIFAR, 3, 3, 11)));
            assert_eq!((first[1] == first[0], last[1]), (recipe == RecipeKind::Recurrent, Wiring::Dense));
        }
        let local = Settings::local(RecipeKind::Recurrent, 2, Sign::Maximise);
        let refused = |settings: Settings| settings.checked().unwrap_err().to_string();
        assert!(refused(Settings { window: 4, ..local.clone() }).contains("choose an odd number"));
        assert!(refused(Settings { window: 33, ..local.clone() }).contains("choose 0 to 31 positions"));
        assert!(refused(Settings { window: 5, ..Settings::default() }).contains("the recurrent net's and backprop's"));
        let narrow = Settings { layers: vec![3072, 500], ..local.clone() };
        let error = narrow.wirings(Shape::CIFAR.pixels()).unwrap_err().to_string();
        assert!(error.contains("layers = 500") && error.contains("choose a multiple of 1024"), "{error}");
        assert!(local.wirings(100).unwrap_err().to_string().contains("pictures of 100 values have no positions"));
    }

    #[test]
    fn the_page_s_nets_are_possible_and_what_is_not_comes_back_to_them() {
        for recipe in [RecipeKind::Recurrent, RecipeKind::Backprop] {
            let settings = Settings::page_local(recipe, Sign::Minimise);
            assert_eq!(settings.clone().possible(), Ok(settings.clone()));
            // Forward-Forward learns as much from a picture as in the larger batches of `ff`.
            let native = Settings::local(recipe, 2, Sign::Minimise);
            let share = if recipe == RecipeKind::Recurrent { 0.2 } else { 1.0 };
            for (here, there) in [(settings.rate, native.rate), (settings.head_rate, native.head_rate)] {
                assert!((here - share * there).abs() < 1e-9, "{recipe:?}: {here}, {there}");
            }
            let even = Settings { window: 4, layers: vec![500, 1024], ..settings.clone() };
            let (fitting, errors) = even.fitting();
            assert_eq!(fitting, settings);
            let said = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            assert!(said.contains("choose an odd number") && said.contains("a multiple of 1024"), "{said}");
        }
        let (fitting, errors) = Settings { window: 5, ..Settings::default() }.fitting();
        assert_eq!((fitting, errors.len()), (Settings::default(), 1));
    }
}
