//! Whether settings are possible: each within its range, and all of them together.

use super::rules::PARTS;
use super::table::{TABLE, Values, out_of_range};
use super::{LabelPlace, NegativeKind, RuleScope, Settings};
use crate::dataset::Shape;
use crate::engine::{Activation, Obstacle};
use crate::error::{Error, Result};
use crate::negatives::Negatives;

impl Settings {
    /// Itself under the name of its recipe, if every setting is in its range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first setting that is not, and its range.
    pub fn checked(self) -> Result<Self> {
        let settings = self.named();
        settings.in_range()?;
        settings.rules_checked()?;
        settings.go_together()?;
        Ok(settings)
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

    fn in_range(&self) -> Result<()> {
        for row in TABLE {
            match row.takes {
                // Without a box it means nothing, and old files hold anything.
                Values::Number { .. } if row.name == "obstacle_after" && self.obstacle == Obstacle::None => {}
                Values::Number { from, to, unit, .. } => {
                    let to = if row.name == "reads_from" { self.layers.len() as f64 } else { to };
                    if !self.within(row.name, from, to) {
                        return Err(out_of_range(row.name, &self.text(row.name), from, to, unit));
                    }
                }
                Values::Layers { most, from, to } => {
                    if !(1..=most).contains(&self.layers.len()) {
                        let count = self.layers.len().to_string();
                        return Err(out_of_range(row.name, &count, 1.0, most as f64, "hidden layers"));
                    }
                    if let Some(units) = self.layers.iter().find(|&units| !(from..=to).contains(units)) {
                        let unit = "units in each layer";
                        return Err(out_of_range(row.name, &units.to_string(), from as f64, to as f64, unit));
                    }
                }
                Values::Choice { .. } | Values::Switch | Values::Recipe | Values::Span | Values::Rules => {}
            }
        }
        let [first, last] = self.settled;
        let ends = [(first, 1, "(the first step that counts)"), (last, first, "(the last step that counts)")];
        for (step, from, unit) in ends {
            if !(from..=self.steps).contains(&step) {
                let [from, to] = [from, self.steps].map(|step| step as f64);
                return Err(out_of_range("settled", &step.to_string(), from, to, unit));
            }
        }
        Ok(())
    }

    fn rules_checked(&self) -> Result<()> {
        if self.rules.len() > self.layers.len() {
            return Err(out_of_range("rules", &self.rules.len().to_string(), 0.0, self.layers.len() as f64, "layers"));
        }
        for (index, (rule, &units)) in self.rules.iter().zip(&self.layers).enumerate() {
            let numbers = [("threshold", self.threshold_of(index)), ("temperature", self.temperature_of(index))];
            for (name, value) in numbers {
                let part = PARTS.iter().find(|part| part.name == name);
                let Some(Values::Number { from, to, unit, .. }) = part.map(|part| part.takes) else { continue };
                if !(from as f32..=to as f32).contains(&value) {
                    return Err(out_of_range(name, &value.to_string(), from, to, unit));
                }
            }
            let blocks = rule.blocks.max(1);
            if blocks > 64 || !units.is_multiple_of(4 * blocks) && blocks > 1 {
                let expected =
                    format!("layer {} has {units} units; choose up to 64 blocks of a multiple of 4", index + 1);
                return Err(Error::setting("blocks", blocks, expected));
            }
            if rule.regions && (index > 0 || blocks == 1) {
                let expected = "only the first layer sees the picture, and it takes two blocks or more";
                return Err(Error::setting("regions", "true", expected));
            }
            // Activities of tanh are below 1, so its squares and sums are below N.
            if rule.activation == Activation::Tanh && self.threshold_of(index) >= 1.0 {
                let expected =
                    "tanh stays below 1, so goodness can never reach θ = N; choose a threshold below 1, such as 0.5";
                return Err(Error::setting("threshold", self.threshold_of(index), expected));
            }
        }
        Ok(())
    }

    /// Settings each of which is possible, but not together with the others.
    fn go_together(&self) -> Result<()> {
        let entry = self.recipe.entry();
        let refuse = |setting, value: &str, expected: &str| Err(Error::setting(setting, value, expected));
        let [fewest, most] = entry.layers;
        if !(fewest..=most).contains(&self.layers.len()) {
            let expected = format!("the recurrent net has {fewest} or {most} hidden layers");
            return refuse("layers", &self.layers.len().to_string(), &expected);
        }
        if entry.rules == RuleScope::Sign && !self.rules.iter().all(|rule| rule.rule().is_standard()) {
            return refuse("rules", "another activation or goodness", "the recurrent net is made of ReLU and squares");
        }
        if self.obstacle != Obstacle::None && entry.steps {
            return refuse("obstacle", "a box", "the recurrent net has no room for it; choose another recipe");
        }
        if self.obstacle != Obstacle::None && !(1..self.layers.len()).contains(&self.obstacle_after) {
            let expected = "the box stands between two hidden layers; choose the lower one of them";
            return refuse("obstacle_after", &self.obstacle_after.to_string(), expected);
        }
        if self.pipelined && (entry.label != LabelPlace::Picture || self.negatives != Negatives::Random) {
            let expected = "layers that do not wait need the supervised recipe and random negatives: hard ones come from \
                            the head above all layers";
            return refuse("pipelined", "true", expected);
        }
        if entry.hybrids() && self.negatives != Negatives::Random {
            let expected = "unsupervised learning has no labels, and its negatives are hybrids; choose random";
            return refuse("negatives", "a wrong label", expected);
        }
        if self.head_epochs > 0 && !entry.hybrids() {
            let expected = format!("the {} recipe trains its head on the way; choose 0", entry.word());
            return refuse("head_epochs", &self.head_epochs.to_string(), &expected);
        }
        if entry.negatives == NegativeKind::Labels && !entry.choices.contains(&self.negatives) {
            return refuse("negatives", "goodness", "the recurrent net would settle ten times a batch; choose softmax");
        }
        self.window_checked()?;
        if !self.normalise && (entry.steps || !entry.goodness) {
            let expected = format!("the {} recipe cannot do without; choose another recipe", entry.word());
            return refuse("normalise", "false", &expected);
        }
        Ok(())
    }

    fn window_checked(&self) -> Result<()> {
        let refuse = |expected: &str| Err(Error::setting("window", self.window, expected));
        if self.recipe.entry().windows != (self.window > 0) {
            return refuse(if self.window > 0 {
                "windows are the recurrent net's and backprop's; choose 0"
            } else {
                "this recipe sees pictures through windows; choose an odd number, such as 11"
            });
        }
        if self.window > 0 && self.window.is_multiple_of(2) {
            return refuse("a window has a middle; choose an odd number");
        }
        if self.window > 0 && (self.obstacle != Obstacle::None || self.rules.iter().any(|rule| rule.regions)) {
            return refuse("neither a box nor regions go together with windows; choose 0");
        }
        Ok(())
    }

    /// The settings that differ from `other` and that a run cannot change on its way.
    pub fn restart_needed(&self, other: &Self) -> Vec<&'static str> {
        // To read from the layer that the recipe would choose anyway is no change.
        let [ours, theirs] = [self, other].map(|all| Self { reads_from: all.first_voter() + 1, ..all.clone() });
        let differs = TABLE.iter().filter(|row| row.restart && !ours.agrees(&theirs, row.name));
        differs.map(|row| row.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recommended_is_in_range() {
        for entry in &crate::model::RECIPES {
            let settings = entry.recommended();
            assert_eq!(settings.clone().possible(), Ok(settings));
        }
        assert_eq!(Settings::hinton().checked(), Ok(Settings::hinton()));
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_range() {
        let bad = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.checked().unwrap_err().to_string()
        };
        assert_eq!(bad(|s| s.batch = 0), "batch = 0 is not possible: choose 1 to 1000 pictures");
        assert_eq!(
            bad(|s| s.layers = vec![500, 9]),
            "layers = 9 is not possible: choose 10 to 3072 units in each layer"
        );
        assert_eq!(bad(|s| s.layers = vec![]), "layers = 0 is not possible: choose 1 to 8 hidden layers");
        assert_eq!(bad(|s| s.rate = f32::NAN), "rate = NaN is not possible: choose 0 to 1");
        assert!(bad(|s| s.reads_from = 4).contains("choose 0 to 3"));
        let edge = Settings { momentum: 0.999, temperature: 0.01, seed: u32::MAX, ..Settings::default() };
        assert_eq!(edge.clone().checked(), Ok(edge));
    }

    #[test]
    fn only_what_shapes_the_run_needs_a_restart() {
        let a = Settings::default();
        let b = Settings { rate: 0.5, jitter: 2, batch: 50, seed: 9, reads_from: 2, ..a.clone() };
        assert_eq!(a.restart_needed(&b), ["batch", "seed"]);
    }
}
