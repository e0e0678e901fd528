//! Settings of nets that see coloured pictures through windows (paper, section 4).

use super::Settings;
use crate::dataset::Shape;
use crate::engine::{Local, Wiring};
use crate::error::{Error, Result};

impl Settings {
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
            let above = each(i + 1).filter(|_| self.recipe.entry().steps);
            [local(below, units), above.map_or(Wiring::Dense, |above| local(above, units))]
        };
        Ok((0..self.layers.len()).filter_map(|i| Some(wiring(i, each(i)?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Sign;
    use crate::model::{LayerRule, RECIPES, RecipeEntry, RecipeKind};

    fn with_windows() -> impl Iterator<Item = &'static RecipeEntry> {
        RECIPES.iter().filter(|entry| entry.windows).map(|entry| entry.name.entry())
    }

    #[test]
    fn windows_lie_on_the_grid_of_the_picture_or_are_refused() {
        for entry in with_windows() {
            let settings = entry.recommended();
            let [first, last] = settings.wirings(Shape::CIFAR.pixels()).unwrap()[..] else { panic!("two layers") };
            assert_eq!(first[0], Wiring::Local(Local::new(Shape::CIFAR, 3, 3, 11)));
            assert_eq!((first[1] == first[0], last[1]), (entry.steps, Wiring::Dense));
        }
        let local = Settings::recommended(RecipeKind::LocalMax);
        let refused = |settings: Settings| settings.checked().unwrap_err().to_string();
        assert!(refused(Settings { window: 4, ..local.clone() }).contains("choose an odd number"));
        assert!(refused(Settings { window: 33, ..local.clone() }).contains("choose 0 to 31 positions"));
        assert!(refused(Settings { window: 0, ..local.clone() }).contains("choose an odd number"));
        assert!(refused(Settings { window: 5, ..Settings::default() }).contains("the recurrent net's and backprop's"));
        let narrow = Settings { layers: vec![3072, 500], ..local.clone() };
        let error = narrow.wirings(Shape::CIFAR.pixels()).unwrap_err().to_string();
        assert!(error.contains("layers = 500") && error.contains("choose a multiple of 1024"), "{error}");
        assert!(local.wirings(100).unwrap_err().to_string().contains("pictures of 100 values have no positions"));
    }

    #[test]
    fn what_is_not_possible_with_windows_comes_back_to_what_is_recommended() {
        for entry in with_windows() {
            let settings = entry.recommended();
            let even = Settings { window: 4, layers: vec![500, 1024], ..settings.clone() };
            let (fitting, errors) = even.fitting();
            assert_eq!(fitting, settings);
            let said = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            assert!(said.contains("choose an odd number") && said.contains("a multiple of 1024"), "{said}");
        }
        let (fitting, errors) = Settings { window: 5, ..Settings::default() }.fitting();
        assert_eq!((fitting, errors.len()), (Settings::default(), 1));
    }

    #[test]
    fn older_files_name_nets_with_windows_by_their_settings_and_so_do_new_ones() {
        for entry in with_windows() {
            let settings = entry.recommended();
            let stored = settings.stored();
            let old = if entry.goodness { RecipeKind::Recurrent } else { RecipeKind::Backprop };
            assert_eq!((stored.recipe, stored.checked()), (old, Ok(settings)));
        }
        // In older files a layer that is not named maximises.
        let [minimise, maximise] = [Sign::Minimise, Sign::Maximise].map(|sign| LayerRule { sign, ..LayerRule::PLAIN });
        let local = Settings::recommended(RecipeKind::LocalMin);
        let mixed = Settings { rules: vec![minimise], ..local.stored() }.checked().unwrap();
        assert_eq!(
            (mixed.recipe, mixed.layer_rule(0), mixed.layer_rule(1)),
            (RecipeKind::LocalMin, minimise, maximise)
        );
        assert_eq!(mixed.stored().checked(), Ok(mixed));
        // What its layers do counts, whatever a person calls it.
        let calm = Settings { recipe: RecipeKind::LocalMax, rules: vec![minimise; 2], ..local.clone() };
        assert_eq!(calm.checked(), Ok(local));
    }
}
