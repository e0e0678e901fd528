//! A run: batch after batch, as its recipe says, on its schedule.

use crate::dataset::{Label, Split};
use crate::engine::{Engine, ImageBytes, Pick, Rates, Verdict};
use crate::error::{Error, Result};
use crate::model::{Checkpoint, Ends, Network, Parameters, Settings};
use crate::recipe::{Given, Lesson, Newest, Recipe, room};
use crate::training::reports::Reports;
use crate::training::{Batch, LayerReport, Order};

/// A training split on its engine.
#[derive(Debug)]
pub struct TrainingSet {
    /// The images, in the engine's memory.
    pub images: ImageBytes,
    /// Their labels.
    pub labels: Vec<Label>,
}

impl TrainingSet {
    /// Puts `split` on `engine`.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &dyn Engine, split: &Split) -> Result<Self> {
        Ok(Self { images: engine.dataset(&split.images)?, labels: split.labels.clone() })
    }
}

/// One run of a network.
#[derive(Debug)]
pub struct Trainer {
    network: Network,
    recipe: Recipe,
    verdicts: Vec<Verdict>,
    step: u64,
    order: Order,
    frozen: Vec<bool>,
    learned_here: bool,
    /// The batch learned from last, and its step.
    newest: Option<(u64, Batch)>,
    reports: Reports,
}

impl Trainer {
    /// A run from its beginning, or from where `checkpoint` left it, over a training split of `pictures` pictures.
    ///
    /// # Errors
    /// [`Error::Setting`] if a setting is out of range or the split smaller than a batch; [`Error::Shape`] if layers do
    /// not fit.
    pub fn new(engine: &dyn Engine, checkpoint: Checkpoint, pictures: usize) -> Result<Self> {
        let Checkpoint { settings, step, layers, mut frozen, .. } = checkpoint;
        let settings = settings.checked()?;
        enough(pictures, &settings)?;
        let network = Network::new(engine, &settings, layers)?;
        Ok(Self {
            order: Order::new(settings.seed, pictures),
            frozen: {
                frozen.resize(network.layers.len(), false);
                frozen
            },
            recipe: Recipe::new(engine, &network)?,
            verdicts: room::verdicts(engine, &network, 3 * settings.batch)?,
            network,
            step,
            learned_here: false,
            newest: None,
            reports: Reports::default(),
        })
    }

    /// A run from its beginning, between these ends.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn fresh(engine: &dyn Engine, settings: Settings, ends: Ends, pictures: usize) -> Result<Self> {
        let settings = settings.checked()?;
        Parameters::fit(&settings, ends)?;
        let layers = Parameters::random(&settings, ends);
        Self::new(engine, Checkpoint::beginning(settings, layers), pictures)
    }

    /// What was chosen.
    pub fn settings(&self) -> &Settings {
        &self.network.settings
    }

    /// The network as it stands. Layers that do not wait for one another may be some batches apart: see [`Trainer::settle`].
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Lets every layer finish the batches that the first has begun, so that the network stands as after any other order of
    /// work. To be called before the network is read, tested or kept.
    pub fn settle(&mut self, engine: &dyn Engine) {
        self.recipe.finish(engine, &mut self.network, &mut self.verdicts);
    }

    /// Batches learned from.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// Batches an epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        (self.order.len() / self.settings().batch) as u64
    }

    /// Batches of the whole run.
    pub fn total_steps(&self) -> u64 {
        self.steps_per_epoch() * self.settings().all_epochs() as u64
    }

    /// Whether all epochs are done.
    pub fn is_finished(&self) -> bool {
        self.step >= self.total_steps()
    }

    /// The epoch of the next batch, from 1.
    fn epoch(&self) -> usize {
        (self.step / self.steps_per_epoch()) as usize + 1
    }

    /// The share of the full rate the next batch gets.
    pub fn gain(&self) -> f32 {
        self.settings().gain(self.epoch().min(self.settings().epochs))
    }

    /// Whether layers learn from the next batch, or only the head does: after the layers' own epochs, if it has some.
    pub fn layers_learn(&self) -> bool {
        self.settings().head_epochs == 0 || self.epoch() <= self.settings().epochs
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
        if let Some(setting) = self.settings().restart_needed(&settings).first() {
            return Err(Error::setting(setting, "another value", "this needs a restart of the run"));
        }
        self.network.settings = settings;
        Ok(())
    }

    /// Learns from the next batch of `data`.
    ///
    /// # Errors
    /// When the engine has no room, or the recipe finds no negative in the data.
    pub fn step(&mut self, engine: &dyn Engine, data: &TrainingSet) -> Result<()> {
        let Settings { batch, jitter, recipe, .. } = self.network.settings;
        let step = self.step;
        let mut lesson = self.order.batch(step, batch, jitter, &data.labels);
        if recipe.entry().hybrids() {
            self.order.pair(&mut lesson, step, jitter, &data.labels)?;
        }
        self.learn(engine, &data.images, &lesson, None)?;
        self.newest = Some((step, lesson));
        Ok(())
    }

    /// The batch learned from last, and how many came before it.
    pub fn newest_batch(&self) -> Option<&(u64, Batch)> {
        self.newest.as_ref()
    }

    /// Picture `index` of the training split with its shift in `epoch` (from 0).
    pub fn shifted(&self, index: u32, epoch: u64) -> Pick {
        self.order.shifted(index, epoch, self.settings().jitter)
    }

    /// Learns from `batch` of `dataset`; wrong labels are chosen as the settings say, unless given.
    ///
    /// # Errors
    /// When the engine has no room, or [`Error::Shape`] if the batch is not of the settings' size.
    pub fn learn(
        &mut self,
        engine: &dyn Engine,
        dataset: &ImageBytes,
        batch: &Batch,
        wrong_labels: Option<&[Label]>,
    ) -> Result<()> {
        let size = self.settings().batch;
        if batch.picks.len() != size {
            return Err(Error::Shape {
                operation: "learning from a batch",
                left: format!("{} pictures", batch.picks.len()),
                right: format!("batches of {size}"),
            });
        }
        let Settings { rate, momentum, weight_cost, head_rate, head_weight_cost, .. } = self.network.settings;
        let head_gain = self.settings().head_gain(self.epoch());
        let layers_learn = self.layers_learn();
        let lesson = Lesson {
            engine,
            dataset,
            batch,
            wrong_labels,
            step: self.step,
            rates: Rates { rate: rate * self.gain(), momentum, weight_cost },
            head_rates: Rates { rate: head_rate * head_gain, momentum, weight_cost: head_weight_cost },
            layers_learn,
            head_learns: self.settings().head_epochs == 0 || !layers_learn,
            frozen: &self.frozen,
        };
        self.recipe.learn(&lesson, &mut self.network, &mut self.verdicts)?;
        self.step += 1;
        self.learned_here = true;
        Ok(())
    }

    /// What happened in each layer since the last report; empty if no batch did.
    ///
    /// # Errors
    /// [`Error::Diverged`] if goodness is no longer a number; whatever the engine says if it was lost.
    pub async fn report(&mut self, engine: &dyn Engine) -> Result<Vec<LayerReport>> {
        self.begin_report(engine)?;
        self.reports.all(engine, &self.frozen).await
    }

    /// As [`Trainer::report`], without waiting until the engine has done all that was enqueued: what has arrived of this and
    /// earlier reports; empty if nothing has. No more than [`REPORTS_UNDER_WAY`](crate::training::REPORTS_UNDER_WAY) are on their
    /// way at once: what happened meanwhile is in the next.
    ///
    /// # Errors
    /// As [`Trainer::report`].
    pub async fn report_soon(&mut self, engine: &dyn Engine) -> Result<Vec<LayerReport>> {
        if self.reports.has_room(engine) {
            self.begin_report(engine)?;
        }
        self.reports.arrived(engine, &self.frozen).await
    }

    fn begin_report(&mut self, engine: &dyn Engine) -> Result<()> {
        let Self { reports, verdicts, network, step, recipe, .. } = self;
        reports.begin(engine, verdicts, network, recipe.logits(), *step)
    }

    /// What the newest batch's positives and negatives were and the goodness they reached; `None` where there are none.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn newest_negatives(&mut self, engine: &dyn Engine) -> Result<Option<NewestNegatives>> {
        self.settle(engine);
        let Some(Newest { pictures, labels, activities, blocks, .. }) = self.recipe.newest() else { return Ok(None) };
        let (positive, negative) = (blocks.positive.clone(), blocks.negative.clone());
        let pixels = engine.read(pictures).await?;
        let codes = match labels {
            Some(labels) => engine.read_labels(labels).await?,
            None => vec![],
        };
        let mut goodness = vec![];
        let mut positive_goodness = vec![];
        for (activity, layer) in activities.into_iter().zip(&self.network.layers) {
            let all = engine.read(activity.goodness()).await?;
            let all: Vec<f32> = all.chunks_exact(layer.rule.blocks).map(|row| row.iter().sum()).collect();
            goodness.push(all[negative.clone()].to_vec());
            positive_goodness.push(all[positive.clone()].to_vec());
        }
        let of = |rows: std::ops::Range<usize>| codes.get(rows).map(<[u8]>::to_vec).unwrap_or_default();
        Ok(Some(NewestNegatives { pixels, truth: of(positive), shown: of(negative), goodness, positive_goodness }))
    }

    /// Where the newest batch's pictures and activities lie, and what each layer's verdict on them was. To be
    /// [settled](Trainer::settle) first.
    pub(crate) fn newest_rows(&self) -> Option<(Newest<'_>, &[Verdict])> {
        self.recipe.newest().map(|newest| (newest, self.verdicts.as_slice()))
    }

    /// Learns from `dataset` as it is, besides the run: its first half are positives, its second half negatives. The rate is
    /// the full one wherever the schedule stands, and no step is counted.
    pub fn learn_given(&mut self, engine: &dyn Engine, dataset: &ImageBytes, given: &mut Given) {
        self.settle(engine);
        let Settings { rate, momentum, weight_cost, .. } = self.network.settings;
        given.learn(engine, &mut self.network, dataset, &Rates { rate, momentum, weight_cost }, &self.frozen);
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
        enough(pictures, self.settings())?;
        self.order = Order::new(self.settings().seed, pictures);
        if !goes_on {
            self.step = 0;
        }
        Ok(())
    }

    /// The run as it stands, without its data's name.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn checkpoint(&mut self, engine: &dyn Engine) -> Result<Checkpoint> {
        self.settle(engine);
        Ok(Checkpoint {
            settings: self.settings().clone(),
            step: self.step,
            data: None,
            layers: self.network.parameters(engine).await?,
            frozen: self.frozen.clone(),
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
    /// The pictures without labels, `[B, D]`, 0 to 1; in the unsupervised recipe the hybrids after them.
    pub pixels: Vec<f32>,
    /// True label of each picture, where labels make the difference.
    pub truth: Vec<u8>,
    /// The wrong label it was shown with, likewise.
    pub shown: Vec<u8>,
    /// Goodness it reached so, `[layer][picture]`.
    pub goodness: Vec<Vec<f32>>,
    /// Goodness of the same picture with its true label, `[layer][picture]`.
    pub positive_goodness: Vec<Vec<f32>>,
}
