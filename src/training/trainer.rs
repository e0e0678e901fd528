//! One batch after another: positives, neutral pass, negatives, then every layer on its own.

use crate::dataset::{LABELS, Label, Split};
use crate::engine::{Blocks, Engine, Input, Objective, Rates};
use crate::error::{Error, Result};
use crate::model::{Checkpoint, Network, Parameters, Settings};
use crate::negatives::{self, Negatives};
use crate::training::inference::forward_through;
use crate::training::reports::Reports;
use crate::training::room::{Contrast, Room};
use crate::training::{Batch, LayerReport, Order};
use std::ops::Range;

/// A training split on its engine.
#[derive(Debug)]
pub struct TrainingSet<E: Engine> {
    /// The images, in the engine's memory.
    pub images: E::Dataset,
    /// Their labels.
    pub labels: Vec<Label>,
}

impl<E: Engine> TrainingSet<E> {
    /// Puts `split` on `engine`.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &E, split: &Split) -> Result<Self> {
        Ok(Self { images: engine.dataset(&split.images)?, labels: split.labels.clone() })
    }
}

/// Trains a network by the Forward-Forward rule, labels in the picture (paper, section 3.3).
///
/// Rows of a batch of `B` pictures: `0..B` with the neutral label (what the softmax head learns from), `B..2B` with the
/// true one, `2B..3B` with a wrong one.
#[derive(Debug)]
pub struct Trainer<E: Engine> {
    settings: Settings,
    network: Network<E>,
    step: u64,
    order: Order,
    room: Room<E>,
    frozen: Vec<bool>,
    learned_here: bool,
    reports: Reports<E>,
}

impl<E: Engine> Trainer<E> {
    /// A run from its beginning, or from where `checkpoint` left it, over a training split of `pictures` pictures.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is out of range or the split smaller than a batch; [`Error::Shape`] if layers do
    /// not fit.
    pub fn new(engine: &E, checkpoint: Checkpoint, pictures: usize) -> Result<Self> {
        let Checkpoint { settings, step, layers, .. } = checkpoint;
        let settings = settings.checked()?;
        enough(pictures, &settings)?;
        let network = Network::new(engine, &layers)?;
        let room = Room::new(engine, &network, settings.batch)?;
        Ok(Self {
            order: Order::new(settings.seed, pictures),
            frozen: vec![false; network.layers.len()],
            settings,
            network,
            step,
            room,
            learned_here: false,
            reports: Reports::default(),
        })
    }

    /// A run from its beginning on `inputs` pixels.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn fresh(engine: &E, settings: Settings, inputs: usize, pictures: usize) -> Result<Self> {
        let settings = settings.checked()?;
        let layers = Parameters::random(&settings, inputs);
        Self::new(engine, Checkpoint { settings, step: 0, data: None, layers }, pictures)
    }

    /// What was chosen.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The network as it stands.
    pub fn network(&self) -> &Network<E> {
        &self.network
    }

    /// Batches learned from.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// Batches an epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        (self.order.len() / self.settings.batch) as u64
    }

    /// Batches of the whole run.
    pub fn total_steps(&self) -> u64 {
        self.steps_per_epoch() * self.settings.epochs as u64
    }

    /// Whether all epochs are done.
    pub fn is_finished(&self) -> bool {
        self.step >= self.total_steps()
    }

    /// The share of the full rate the next batch gets.
    pub fn gain(&self) -> f32 {
        let epoch = (self.step / self.steps_per_epoch()) as usize + 1;
        self.settings.gain(epoch.min(self.settings.epochs))
    }

    /// Keeps layer `layer` (from 0) from learning, or lets it learn again.
    pub fn freeze(&mut self, layer: usize, frozen: bool) {
        self.frozen[layer] = frozen;
    }

    /// Which layers are kept from learning.
    pub fn frozen(&self) -> &[bool] {
        &self.frozen
    }

    /// Takes on what a run may change on its way.
    ///
    /// # Errors
    /// [`Error::Setting`] if one is out of range or would need a restart; nothing is changed then.
    pub fn apply(&mut self, settings: Settings) -> Result<()> {
        let settings = settings.checked()?;
        if let Some(setting) = self.settings.restart_needed(&settings).first() {
            return Err(Error::setting(setting, "another value", "this needs a restart of the run"));
        }
        self.settings = settings;
        Ok(())
    }

    /// Learns from the next batch of `data`.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn step(&mut self, engine: &E, data: &TrainingSet<E>) -> Result<()> {
        let Settings { batch, jitter, .. } = self.settings;
        let batch = self.order.batch(self.step, batch, jitter, &data.labels);
        self.learn(engine, &data.images, &batch, None)
    }

    /// Learns from `batch` of `dataset`; wrong labels are chosen as the settings say, unless given.
    ///
    /// # Errors
    /// When the engine has no room, or [`Error::Shape`] if the batch is not of the settings' size.
    pub fn learn(
        &mut self,
        engine: &E,
        dataset: &E::Dataset,
        batch: &Batch,
        wrong_labels: Option<&[Label]>,
    ) -> Result<()> {
        let size = self.settings.batch;
        if batch.picks.len() != size {
            return Err(Error::Shape {
                operation: "learning from a batch",
                left: format!("{} pictures", batch.picks.len()),
                right: format!("batches of {size}"),
            });
        }
        let codes: Vec<u8> = batch.labels.iter().map(|l| l.value()).collect();
        engine.gather(dataset, &batch.picks, 0, &mut self.room.pictures);
        engine.project(&mut self.room.pictures, size, &self.network.layers[0]);
        engine.write_labels(&mut self.room.labels, self.room.blocks.positive.start, &codes);

        if let Some(given) = self.known_negatives(batch, wrong_labels) {
            engine.write_labels(&mut self.room.labels, self.room.blocks.negative.start, &given);
            self.forward(engine, 0..3 * size);
            self.classify(engine);
        } else {
            self.forward(engine, 0..2 * size);
            self.classify(engine);
            self.propose(engine)?;
            self.forward(engine, 2 * size..3 * size);
        }
        self.learn_head(engine);
        self.update(engine);
        self.step += 1;
        self.learned_here = true;
        Ok(())
    }

    /// Wrong labels that do not depend on what the network thinks.
    fn known_negatives(&self, batch: &Batch, given: Option<&[Label]>) -> Option<Vec<u8>> {
        if let Some(labels) = given {
            return Some(labels.iter().map(|l| l.value()).collect());
        }
        (self.settings.negatives == Negatives::Random).then(|| {
            let wrong = |(row, truth): (usize, &Label)| {
                negatives::random_wrong(*truth, self.settings.seed, self.step as u32, row as u32).value()
            };
            batch.labels.iter().enumerate().map(wrong).collect()
        })
    }

    fn forward(&mut self, engine: &E, rows: Range<usize>) {
        let Room { pictures, labels, activities, .. } = &mut self.room;
        forward_through(engine, &self.network.layers, pictures, labels, self.settings.batch, rows, activities);
    }

    fn classify(&mut self, engine: &E) {
        let above_first: Vec<_> = self.room.activities[1..].iter().collect();
        engine.classify(&above_first, &self.network.head, self.settings.batch, &mut self.room.logits);
    }

    fn propose(&mut self, engine: &E) -> Result<()> {
        let key = negatives::key(self.settings.seed);
        let step = self.step as u32;
        if self.settings.negatives == Negatives::Goodness {
            let size = self.settings.batch;
            if self.room.contrast.is_none() {
                self.room.contrast = Some(Contrast::new(engine, &self.network, size)?);
            }
            let Room { contrast, pictures, blocks, labels, .. } = &mut self.room;
            let contrast = contrast.as_mut().expect("made above");
            let rows = 0..LABELS * size;
            let Contrast { labels: ten, activities, scores } = contrast;
            forward_through(engine, &self.network.layers, pictures, ten, size, rows, activities);
            let above_first: Vec<_> = activities[1..].iter().collect();
            engine.tally(&above_first, 0, size, scores);
            engine.propose(scores, blocks, key, step, labels);
        } else {
            engine.propose(&self.room.logits, &self.room.blocks, key, step, &mut self.room.labels);
        }
        Ok(())
    }

    fn learn_head(&mut self, engine: &E) {
        let Settings { head_rate, head_weight_cost, momentum, .. } = self.settings;
        let rates = Rates { rate: head_rate * self.gain(), momentum, weight_cost: head_weight_cost };
        let above_first: Vec<_> = self.room.activities[1..].iter().collect();
        let positive = self.room.blocks.positive.clone();
        let Room { logits, labels, .. } = &self.room;
        engine.learn_head(&above_first, logits, labels, positive, &rates, &mut self.network.head);
    }

    fn update(&mut self, engine: &E) {
        let Settings { rate, momentum, weight_cost, temperature, threshold, peer, batch, .. } = self.settings;
        let rates = Rates { rate: rate * self.gain(), momentum, weight_cost };
        let Room { blocks, pictures, labels, activities, verdicts, .. } = &mut self.room;
        for (i, layer) in self.network.layers.iter_mut().enumerate() {
            let units = self.network.shapes[i][1] as f32;
            let objective = Objective { threshold: threshold * units, temperature, peer };
            engine.judge(&activities[i], blocks, &objective, layer, &mut verdicts[i]);
            if self.frozen[i] {
                continue;
            }
            let input = match i.checked_sub(1) {
                Some(below) => Input::Layer(&activities[below]),
                None => Input::Pictures { pictures, labels, first_picture: 0, count: batch },
            };
            engine.update(&input, &activities[i], blocks, &verdicts[i], &rates, layer);
        }
    }

    /// What happened in each layer since the last report; empty if no batch did.
    ///
    /// # Errors
    /// [`Error::Diverged`] if goodness is no longer a number; whatever the engine says if it was lost.
    pub async fn report(&mut self, engine: &E) -> Result<Vec<LayerReport>> {
        self.begin_report(engine)?;
        self.reports.all(engine, &self.frozen).await
    }

    /// As [`Trainer::report`], without waiting until the engine has done all that was enqueued: what has arrived of this and
    /// earlier reports, up to [`REPORTS_UNDER_WAY`](crate::training::REPORTS_UNDER_WAY) of them ago; empty if nothing has.
    ///
    /// # Errors
    /// As [`Trainer::report`].
    pub async fn report_soon(&mut self, engine: &E) -> Result<Vec<LayerReport>> {
        self.begin_report(engine)?;
        self.reports.arrived(engine, &self.frozen).await
    }

    fn begin_report(&mut self, engine: &E) -> Result<()> {
        let Self { reports, room, network, settings, step, .. } = self;
        reports.begin(engine, &mut room.verdicts, &network.layers, settings.threshold, *step)
    }

    /// The label codes (true, wrong) of the newest batch's pictures and the goodness `[layer][picture]` its negatives
    /// reached.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn newest_negatives(&self, engine: &E) -> Result<NewestNegatives> {
        let Blocks { positive, negative } = self.room.blocks.clone();
        let pixels = engine.read(&self.room.pictures.values).await?;
        let codes = engine.read_labels(&self.room.labels).await?;
        let mut goodness = vec![];
        let mut positive_goodness = vec![];
        for activity in &self.room.activities {
            let all = engine.read(&activity.goodness).await?;
            goodness.push(all[negative.clone()].to_vec());
            positive_goodness.push(all[positive.clone()].to_vec());
        }
        Ok(NewestNegatives {
            pixels,
            truth: codes[positive].to_vec(),
            shown: codes[negative].to_vec(),
            goodness,
            positive_goodness,
        })
    }

    /// Whether a batch was learned from since the trainer was made, so that there are newest negatives.
    pub fn has_learned_here(&self) -> bool {
        self.learned_here
    }

    /// Goes over to a training split of `pictures` pictures: on with the run if `goes_on`, else from its beginning, with
    /// the weights as they are.
    ///
    /// # Errors
    /// [`Error::Setting`] if the split is smaller than a batch; nothing is changed then.
    pub fn change_data(&mut self, pictures: usize, goes_on: bool) -> Result<()> {
        enough(pictures, &self.settings)?;
        self.order = Order::new(self.settings.seed, pictures);
        if !goes_on {
            self.step = 0;
        }
        Ok(())
    }

    /// The run as it stands, without its data's name.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn checkpoint(&self, engine: &E) -> Result<Checkpoint> {
        Ok(Checkpoint {
            settings: self.settings.clone(),
            step: self.step,
            data: None,
            layers: self.network.parameters(engine).await?,
        })
    }
}

fn enough(pictures: usize, settings: &Settings) -> Result<()> {
    if pictures < settings.batch {
        return Err(Error::setting("batch", settings.batch, format!("the training split has {pictures} pictures")));
    }
    Ok(())
}

/// What the newest batch's negatives were.
#[derive(Debug, Clone, PartialEq)]
pub struct NewestNegatives {
    /// The pictures with blank label pixels, `[B, D]`, 0 to 1.
    pub pixels: Vec<f32>,
    /// True label of each picture.
    pub truth: Vec<u8>,
    /// The wrong label it was shown with.
    pub shown: Vec<u8>,
    /// Goodness it reached so, `[layer][picture]`.
    pub goodness: Vec<Vec<f32>>,
    /// Goodness of the same picture with its true label, `[layer][picture]`.
    pub positive_goodness: Vec<Vec<f32>>,
}
