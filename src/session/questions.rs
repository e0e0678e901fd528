//! What the page can ask of a session, as data.
//!
//! A question and its answer have the same name. One more is a variant of [`Question`], a variant of [`Answer`] and the line
//! of [`Session::answer`] between them; the page's types follow from the two enums.

use super::{
    Evidence, Exciting, Field, Followed, Hybrid, Look, Mistake, Negative, Places, Profile, Reading, Rejection, Sample,
    Session, Shifted,
};
use crate::drawing;
use crate::engine::Later;
use crate::model::Settings;
use serde::{Deserialize, Serialize};

/// What can be asked. Layers and epochs count from 1, units and test pictures from 0.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "a question's comment speaks of its fields")]
pub enum Question {
    /// How the network reads a drawing: `points` are x, y, pressure triples, `ends` the number of points up to each stroke's
    /// end, `pen` the pen's width.
    ReadDrawing {
        #[cfg_attr(target_arch = "wasm32", tsify(type = "Float32Array"))]
        points: Vec<f32>,
        #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint32Array"))]
        ends: Vec<u32>,
        pen: f32,
    },
    /// How the network reads a picture of the data's shape.
    ReadImage {
        #[serde(with = "serde_bytes")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
        image: Vec<u8>,
    },
    /// Where in a picture each layer finds its goodness under a label.
    Places {
        #[serde(with = "serde_bytes")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
        image: Vec<u8>,
        label: u8,
    },
    /// A picture of the test split, going round at its end.
    Sample { index: usize },
    /// Negatives of the newest batch.
    Negatives { count: usize },
    /// How the newest batch's hybrid negatives were made.
    Hybrids { count: usize },
    /// What the network makes of some training pictures, with some of their negatives; nothing is learned.
    Look { negatives: usize },
    /// A picture of the next batch through the step that comes. `units` names a unit a layer; nothing leaves the choice.
    Follow { row: usize, units: Vec<Option<usize>> },
    /// Where the time of a step goes.
    Profile {},
    /// Why settings are not possible or do not go together.
    Complaint { settings: Box<Settings> },
    /// Which strokes of a picture speak for a label, by occlusion.
    Evidence {
        #[serde(with = "serde_bytes")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
        image: Vec<u8>,
        label: u8,
    },
    /// What comes of it if the network is taught to reject a picture, in `lessons` batches beside the run. The one question
    /// that changes the run.
    Reject {
        #[serde(with = "serde_bytes")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
        image: Vec<u8>,
        lessons: usize,
    },
    /// Each layer's goodness of a picture as it is.
    GoodnessOf {
        #[serde(with = "serde_bytes")]
        #[cfg_attr(target_arch = "wasm32", tsify(type = "Uint8Array"))]
        image: Vec<u8>,
    },
    /// The test pictures that excite a unit most.
    Exciting { layer: usize, unit: usize, count: usize },
    /// What units look for: `count` of them in the order of their use, the one of rank `first` (from 0) first.
    Fields { layer: usize, first: usize, count: usize },
    /// What one unit looks for.
    Field { layer: usize, unit: usize },
    /// One training picture as it is shifted in successive epochs.
    Shifts { count: usize },
    /// Test pictures of `label` that the newest measurement read as `read`.
    Mistakes { label: u8, read: u8, count: usize },
}

/// The answer to the [`Question`] of the same name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "an answer is what its question says")]
pub enum Answer {
    /// Nothing if nothing was drawn.
    ReadDrawing(Option<Reading>),
    ReadImage(Reading),
    /// Nothing where there are no positions, or no goodness.
    Places(Option<Places>),
    Sample(Sample),
    /// None before the first batch.
    Negatives(Vec<Negative>),
    /// None but in the unsupervised recipe.
    Hybrids(Vec<Hybrid>),
    Look(Look),
    /// Nothing for recipes in which a picture does not go up once, layer by layer.
    Follow(Option<Followed>),
    /// Nothing where the engine cannot tell.
    Profile(Option<Profile>),
    /// A sentence; nothing where they do.
    Complaint(Option<String>),
    Evidence(Evidence),
    Reject(Rejection),
    GoodnessOf(Vec<f32>),
    Exciting(Vec<Exciting>),
    Fields(Vec<Field>),
    Field(Field),
    Shifts(Vec<Shifted>),
    Mistakes(Vec<Mistake>),
}

impl Session {
    /// Answers a question; `clock` is in milliseconds. In a box, so that its many states are compiled once.
    ///
    /// # Errors
    /// Those of the method that the answer comes from.
    pub fn answer<'a>(&'a mut self, question: &'a Question, clock: &'a dyn Fn() -> f64) -> Later<'a, Answer> {
        Box::pin(async move {
            Ok(match *question {
                Question::ReadDrawing { ref points, ref ends, pen } => {
                    Answer::ReadDrawing(self.read_drawing(&drawing::strokes(points, ends), pen).await?)
                }
                Question::ReadImage { ref image } => Answer::ReadImage(self.read_image(image).await?),
                Question::Places { ref image, label } => Answer::Places(self.places(image, label).await?),
                Question::Sample { index } => Answer::Sample(self.sample(index)?),
                Question::Negatives { count } => Answer::Negatives(self.negatives(count).await?),
                Question::Hybrids { count } => Answer::Hybrids(self.hybrids(count).await?),
                Question::Look { negatives } => Answer::Look(self.look(negatives).await?),
                Question::Follow { row, ref units } => Answer::Follow(self.follow(row, units).await?),
                Question::Profile {} => Answer::Profile(self.profile(clock).await?),
                Question::Complaint { ref settings } => {
                    Answer::Complaint(settings.clone().possible().err().map(|error| error.to_string()))
                }
                Question::Evidence { ref image, label } => Answer::Evidence(self.evidence(image, label).await?),
                Question::Reject { ref image, lessons } => Answer::Reject(self.reject(image, lessons).await?),
                Question::GoodnessOf { ref image } => Answer::GoodnessOf(self.goodness_of(image).await?),
                Question::Exciting { layer, unit, count } => Answer::Exciting(self.exciting(layer, unit, count).await?),
                Question::Fields { layer, first, count } => {
                    Answer::Fields(self.receptive_fields(layer, first, count).await?)
                }
                Question::Field { layer, unit } => Answer::Field(self.receptive_field(layer, unit).await?),
                Question::Shifts { count } => Answer::Shifts(self.shifts(count)?),
                Question::Mistakes { label, read, count } => Answer::Mistakes(self.mistakes(label, read, count)?),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{session, small, steps};
    use super::*;
    use pollster::block_on;
    use serde_json::{Value, json};

    #[test]
    fn every_question_is_answered_under_its_own_name() {
        let mut session = session(small());
        steps(&mut session, 1);
        let image = vec![0_u8; 784];
        let questions = json!({
            "readDrawing": { "points": [20, 20, 1, 200, 200, 1], "ends": [2], "pen": 20 },
            "readImage": { "image": image },
            "places": { "image": image, "label": 3 },
            "sample": { "index": 3 },
            "negatives": { "count": 2 },
            "hybrids": { "count": 2 },
            "look": { "negatives": 2 },
            "follow": { "row": 0, "units": [null, 1] },
            "profile": {},
            "complaint": { "settings": small() },
            "evidence": { "image": image, "label": 3 },
            "reject": { "image": image, "lessons": 1 },
            "goodnessOf": { "image": image },
            "exciting": { "layer": 1, "unit": 0, "count": 2 },
            "fields": { "layer": 1, "first": 0, "count": 2 },
            "field": { "layer": 2, "unit": 1 },
            "shifts": { "count": 2 },
            "mistakes": { "label": 1, "read": 2, "count": 2 },
        });
        let names: Vec<&String> = questions.as_object().unwrap().keys().collect();
        // The error lists every name there is, so that no question is missing above.
        let listed = serde_json::from_str::<Question>(r#"{"nothing":{}}"#).unwrap_err().to_string();
        assert_eq!(listed.matches('`').count() / 2 - 1, names.len(), "{listed}");
        for name in names {
            let question = serde_json::from_value(json!({ name: questions[name] })).unwrap();
            let answer = block_on(session.answer(&question, &|| 0.0)).unwrap();
            let Value::Object(answer) = serde_json::to_value(answer).unwrap() else { panic!("{name}") };
            assert_eq!(answer.keys().collect::<Vec<_>>(), [name]);
        }
    }
}
