//! Settings that came from outside – an address, a link somebody shared – made ones that go together.

use super::{LayerRule, Settings};
use crate::engine::Obstacle;
use crate::error::Error;

impl Settings {
    /// Itself, with whatever is out of range or does not go together replaced by what is recommended for its recipe, and what
    /// was wrong with each.
    pub fn fitting(self) -> (Self, Vec<Error>) {
        let mut settings = self.named();
        let mut errors = vec![];
        loop {
            let error = match settings.clone().possible() {
                Ok(fitting) => return (fitting, errors),
                Err(error) => error,
            };
            let mut next = settings.clone();
            if let Error::Setting { setting, .. } = error {
                next.put_back(setting);
            }
            // Whatever putting back one setting does not mend, putting back all of them does.
            if next == settings {
                next = Self { seed: settings.seed, ..Self::recommended(settings.recipe) };
            }
            errors.push(error);
            settings = next;
        }
    }

    /// Puts `setting`, as errors name it, back to what is recommended.
    fn put_back(&mut self, setting: &str) {
        match setting {
            "settled" => {
                let last = self.settled[1].clamp(1, self.steps);
                self.settled = [self.settled[0].clamp(1, last), last];
            }
            "obstacle" | "obstacle_after" => (self.obstacle, self.obstacle_after) = (Obstacle::None, 1),
            // A layer's own, or the run's.
            "threshold" | "temperature" if !self.rules.is_empty() => self.rules = vec![],
            "blocks" | "regions" => self.rules = vec![],
            _ => self.take(setting, &Self::recommended(self.recipe)),
        }
    }
}

/// Reads rules as they stand in an address; without, and with the reason, if they are none.
pub fn rules(text: Option<&str>) -> (Vec<LayerRule>, Option<Error>) {
    match text.map(LayerRule::list) {
        None => (vec![], None),
        Some(Ok(rules)) => (rules, None),
        Some(Err(error)) => (vec![], Some(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Activation;
    use crate::model::RECIPES;
    use crate::negatives::Negatives;

    #[test]
    fn what_goes_together_is_left_alone() {
        let settings = Settings { pipelined: true, negatives: Negatives::Random, ..Settings::default() };
        assert_eq!(settings.clone().fitting(), (settings, vec![]));
    }

    #[test]
    fn what_does_not_is_put_back_and_named_and_the_rest_stays() {
        let settings = Settings { pipelined: true, batch: 50, normalise: false, ..Settings::default() };
        let (fitting, errors) = settings.fitting();
        assert_eq!(fitting, Settings { batch: 50, normalise: false, ..Settings::default() });
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains("random negatives"), "{}", errors[0]);
    }

    #[test]
    fn whatever_is_asked_for_something_possible_comes_of_it() {
        let tanh = LayerRule { activation: Activation::Tanh, ..LayerRule::default() };
        let absurd = Settings {
            layers: vec![7; 20],
            batch: 0,
            epochs: 0,
            rate: f32::NAN,
            temperature: -1.0,
            threshold: 1e9,
            momentum: 2.0,
            weight_cost: -1.0,
            peer: f32::INFINITY,
            head_rate: -1.0,
            head_weight_cost: 9.0,
            negatives: Negatives::Goodness,
            jitter: 99,
            reads_from: 77,
            head_epochs: 5000,
            blurs: 500,
            steps: 0,
            damping: 1.0,
            settled: [9, 2],
            rules: vec![tanh, LayerRule { blocks: 3, regions: true, ..tanh }],
            normalise: false,
            obstacle: Obstacle::Sine,
            obstacle_after: 40,
            pipelined: true,
            window: 34,
            ..Settings::default()
        };
        for entry in &RECIPES {
            let (fitting, errors) = Settings { recipe: entry.name, ..absurd.clone() }.fitting();
            assert_eq!(fitting.clone().checked(), Ok(fitting));
            assert!(errors.len() >= 15, "{:?}: {errors:?}", entry.name);
        }
        // Each by itself, beside what is recommended.
        let (fitting, errors) =
            Settings { obstacle: Obstacle::Median, obstacle_after: 3, ..Settings::default() }.fitting();
        assert_eq!((fitting, errors.len()), (Settings::default(), 1));
        let (fitting, errors) = Settings { rules: vec![tanh], ..Settings::default() }.fitting();
        assert_eq!((fitting, errors.len()), (Settings::default(), 1));
        assert!(errors[0].to_string().contains("such as 0.5"), "{}", errors[0]);
    }
}
