//! The recurrent net (paper, section 3.4): a picture as a still video at the bottom, its label on top, and layers that listen to
//! both sides until they agree.
//!
//! A batch of `B` pictures is `2B` rows: with the true label on top, with a wrong one. It begins with one pass up, without a
//! label, from which the softmax head learns and proposes wrong labels. At every time step all layers take
//! `h* = relu(U·norm(below) + V·norm(above) + b)` of the step before, `h = (1 − d)·h* + d·previous`, and learn from the goodness
//! of `h` at once; what they saw a step ago is held constant.

use super::supervised::{known_negatives, write_all_labels};
use super::{Lesson, Newest, Under, objective, opinion, room};
use crate::engine::{
    Activity, Blocks, Delta, Engine, ImageBytes, Input, Labels, Matrix, Pick, Pictures, Previous, Teaching, Verdict,
};
use crate::error::Result;
use crate::model::{Network, PreviousState};
use crate::negatives;
use std::ops::Range;

/// States of all layers at all time steps, and what they are made of.
#[derive(Debug)]
struct Video {
    pictures: Pictures,
    labels: Labels,
    /// The label on top, one-hot, `[R, 10]`.
    top: Activity,
    /// `[step][layer]`; step 0 is the pass up without a label.
    states: Vec<Vec<Activity>>,
    /// Pre-activations, `[R, N]` a layer.
    sums: Vec<Matrix>,
    /// `h` where `h* > 0`, `[R, N]` a layer.
    gated: Vec<Matrix>,
}

impl Video {
    fn new(engine: &dyn Engine, network: &Network, pictures: usize, rows: usize) -> Result<Self> {
        let units = || network.shapes.iter().map(|&[_, units]| units);
        Ok(Self {
            pictures: room::pictures(engine, network, pictures, 0)?,
            labels: engine.labels(rows)?,
            top: room::plain(engine, rows, network.classes)?,
            states: (0..=network.settings.steps)
                .map(|_| room::activities(engine, network, rows))
                .collect::<Result<_>>()?,
            sums: units().map(|units| engine.matrix(rows, units)).collect::<Result<_>>()?,
            gated: units().map(|units| engine.values(rows, units)).collect::<Result<_>>()?,
        })
    }

    /// The pass up without a label, into step 0.
    fn begin(&mut self, engine: &dyn Engine, network: &Network, count: usize, rows: &Range<usize>) {
        let Self { pictures, labels, states, .. } = self;
        for (i, layer) in network.layers.iter().enumerate() {
            let (below, here) = states[0].split_at_mut(i);
            let input = match below.last() {
                Some(below) => Input::layer(below),
                None => Input::Pictures { pictures, labels, first_picture: 0, count },
            };
            engine.forward(&input, layer, rows.clone(), &mut here[0]);
        }
    }

    /// What layer `index` hears from below and from above at the step after `step`.
    fn inputs(&self, index: usize, step: usize, count: usize) -> [Input<'_>; 2] {
        heard(&self.pictures, &self.labels, &self.top, &self.states[step], index, count)
    }

    /// From `step − 1` to `step`, all layers at once.
    fn settle(&mut self, engine: &dyn Engine, network: &Network, step: usize, count: usize, rows: &Range<usize>) {
        let settings = &network.settings;
        let Self { pictures, labels, top, states, sums, gated } = self;
        let (before, now) = states.split_at_mut(step);
        let before = &before[step - 1];
        for (i, layer) in network.layers.iter().enumerate() {
            let [below, above] = heard(pictures, labels, top, before, i, count);
            engine.connect(&below, &layer.below, rows.clone(), false, &mut sums[i]);
            let connection = layer.above.as_ref().expect("the recurrent net listens to above");
            engine.connect(&above, connection, rows.clone(), true, &mut sums[i]);
            let previous = Previous {
                activity: &before[i],
                damping: settings.damping,
                normalised: settings.previous == PreviousState::Normalised,
            };
            engine.settle(&sums[i], layer, &previous, rows.clone(), &mut now[0][i], &mut gated[i]);
        }
    }
}

/// What layer `index` hears from below and from above, when the layers' states are `states`.
fn heard<'a>(
    pictures: &'a Pictures,
    labels: &'a Labels,
    top: &'a Activity,
    states: &'a [Activity],
    index: usize,
    count: usize,
) -> [Input<'a>; 2] {
    let below = match index.checked_sub(1) {
        Some(below) => Input::layer(&states[below]),
        None => Input::Pictures { pictures, labels, first_picture: 0, count },
    };
    [below, Input::layer(states.get(index + 1).unwrap_or(top))]
}

/// The recipe's memory.
#[derive(Debug)]
pub struct Recurrent {
    video: Video,
    blocks: Blocks,
    logits: Matrix,
    error: Matrix,
}

impl Recurrent {
    /// Room for batches of the settings' size.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &dyn Engine, network: &Network) -> Result<Self> {
        let batch = network.settings.batch;
        Ok(Self {
            video: Video::new(engine, network, batch, 2 * batch)?,
            blocks: Blocks { positive: 0..batch, negative: batch..2 * batch },
            logits: engine.matrix(batch, network.classes)?,
            error: engine.matrix(batch, network.classes)?,
        })
    }

    /// The head's newest logits.
    pub fn logits(&self) -> &Matrix {
        &self.logits
    }

    /// The newest batch, at its last time step.
    pub fn newest(&self) -> Newest<'_> {
        Newest {
            pictures: &self.video.pictures.rows.values,
            labels: Some(&self.video.labels),
            activities: self.video.states.last().into_iter().flatten().collect(),
            boxed: None,
            blocks: &self.blocks,
        }
    }

    /// Learns from one batch, an update after every time step.
    ///
    /// # Errors
    /// When the engine has no room.
    ///
    /// # Panics
    /// If the network has no connections from above, which every recurrent one has.
    pub fn learn(&mut self, lesson: &Lesson, network: &mut Network, verdicts: &mut [Verdict]) -> Result<()> {
        let engine = lesson.engine;
        let size = network.settings.batch;
        let rows = 0..2 * size;
        let Self { video, blocks, logits, error } = self;
        let truth: Vec<u8> = lesson.batch.labels.iter().map(|l| l.value()).collect();
        let known = known_negatives(lesson, network);
        let given = known.as_deref().map(|given| (blocks.negative.start, given));
        let codes: Vec<_> = std::iter::once((0, &truth[..])).chain(given).collect();
        let Video { pictures, labels, .. } = video;
        engine.take_in(lesson.dataset, &lesson.batch.picks, 0, &codes, &mut pictures.rows, labels);
        engine.project(pictures, size, &network.layers[0].below);
        video.begin(engine, network, size, &rows);
        let voters: Vec<_> = video.states[0][network.settings.first_voter()..].iter().collect();
        let draw = [negatives::key(network.settings.seed), lesson.step as u32];
        let teaching = Teaching { blocks, propose: known.is_none().then_some(draw), rates: lesson.head_rates };
        engine.teach(&voters, &teaching, &mut video.labels, &mut network.head, logits, error);
        engine.express(&video.labels, rows.clone(), strength(network.classes), &mut video.top);

        for step in 1..=network.settings.steps {
            if step > 1 && !lesson.frozen[0] {
                // The weights have moved since the pictures were last multiplied.
                engine.project(&mut video.pictures, size, &network.layers[0].below);
            }
            video.settle(engine, network, step, size, &rows);
            for (i, verdict) in verdicts.iter_mut().enumerate() {
                let objective = objective(&network.settings, i);
                let layer = &mut network.layers[i];
                let rule = layer.rule;
                engine.judge(&video.states[step][i], blocks, &objective, layer, verdict);
                if lesson.frozen[i] {
                    continue;
                }
                let delta = Delta::Local { values: &video.gated[i], verdict, blocks, rule };
                let [below, above] = video.inputs(i, step - 1, size);
                engine.update(&below, &delta, &lesson.rates, &mut layer.below);
                let connection = layer.above.as_mut().expect("the recurrent net listens to above");
                engine.update(&above, &delta, &lesson.rates, connection);
                engine.update_bias(&delta, &lesson.rates, layer);
            }
        }
        Ok(())
    }
}

/// A label on top is this at its unit and 0 elsewhere, so that its rms is 1.
fn strength(classes: usize) -> f32 {
    (classes as f32).sqrt()
}

/// Room to read up to `capacity` pictures at once: a row for each label, over all time steps.
#[derive(Debug)]
pub struct Reader {
    capacity: usize,
    laid_out: usize,
    video: Video,
    logits: Matrix,
}

impl Reader {
    /// Room for `capacity` pictures of `network`.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &dyn Engine, network: &Network, capacity: usize) -> Result<Self> {
        Ok(Self {
            capacity,
            laid_out: 0,
            video: Video::new(engine, network, capacity, network.classes * capacity)?,
            logits: engine.matrix(capacity, network.classes)?,
        })
    }

    /// How many pictures it reads at once.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Goodness of each of `positions` of one picture under each label, a mean over the steps that decide:
    /// `[label][layer][position]`, of nets whose layers have as many units at each position.
    ///
    /// # Errors
    /// When the engine has no room or was lost.
    pub async fn places(
        &mut self,
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
        pick: Pick,
        positions: usize,
    ) -> Result<Vec<Vec<Vec<f32>>>> {
        let settled = network.settings.settled;
        let under = self.begin(engine, network, dataset, &[pick])?;
        under.finish(engine).await?;
        let classes = network.classes;
        let mut sums: Vec<Vec<Vec<f32>>> = vec![network.shapes.iter().map(|_| vec![0.0; positions]).collect(); classes];
        let share = 1.0 / (settled[1] + 1 - settled[0]) as f32;
        for states in &self.video.states[settled[0]..=settled[1]] {
            let values = engine.read_all(&states.iter().map(|state| &state.values).collect::<Vec<_>>()).await?;
            for (layer, values) in values.iter().enumerate() {
                let units = network.shapes[layer][1];
                for (label, row) in values.chunks_exact(units).take(classes).enumerate() {
                    let here = row.chunks_exact(units / positions).map(|h| h.iter().map(|h| h * h).sum::<f32>());
                    sums[label][layer].iter_mut().zip(here).for_each(|(sum, goodness)| *sum += share * goodness);
                }
            }
        }
        Ok(sums)
    }

    /// Begins to read, see [`super::Reader::begin`].
    ///
    /// # Errors
    /// When the engine has no room or was lost.
    pub fn begin(
        &mut self,
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
        picks: &[Pick],
    ) -> Result<Under> {
        let count = picks.len();
        let settings = &network.settings;
        let video = &mut self.video;
        let mut reading = None;
        if count > 0 {
            let rows = 0..network.classes * count;
            if self.laid_out != count {
                write_all_labels(engine, &mut video.labels, 0, count, network.classes);
                engine.express(&video.labels, rows.clone(), strength(network.classes), &mut video.top);
                self.laid_out = count;
            }
            engine.gather(dataset, picks, 0, 0, &mut video.pictures.rows);
            engine.project(&mut video.pictures, count, &network.layers[0].below);
            video.begin(engine, network, count, &rows);
            let voters: Vec<_> = video.states[0][settings.first_voter()..].iter().collect();
            engine.classify(&voters, &network.head, true, count, &mut self.logits);
            for step in 1..=settings.steps {
                video.settle(engine, network, step, count, &rows);
            }
            let goodness = video.states[1..].iter().flatten().map(Activity::goodness);
            reading = Some(engine.begin_reading(&goodness.chain([&self.logits]).collect::<Vec<_>>())?);
        }
        Ok(Under {
            reading,
            count,
            classes: network.classes,
            votes: opinion::votes(settings),
            blocks: vec![1; network.layers.len()],
            first_row: 0,
            steps: settings.steps,
            settled: settings.settled[0] - 1..settings.settled[1],
        })
    }
}
