//! Supervised Forward-Forward (paper, section 3.3): the label is in the picture, and negatives carry a wrong one.
//!
//! A batch of `B` pictures is `3B` rows: neutral, positive, negative. From the neutral rows the softmax head learns, and where
//! negatives are hard it proposes them. Then every layer is updated by itself.
//!
//! Where nothing but chance chooses the negatives, no layer has to wait for another: with [`pipelined`](crate::model::Settings)
//! settings, layer `l` works on batch `t − l` while the first sees batch `t`. Each layer's input is what the one below made of
//! the batch *before* it learned from it, as in the ordinary order, so the weights come out the same to the bit.

use super::stack::Stack;
use super::{Lesson, Newest, Under, learn_locally, opinion, room};
use crate::dataset::Label;
use crate::engine::{
    Activity, Blocks, Engine, ImageBytes, Input, Labels, Matrix, NEUTRAL, Pick, Pictures, Rates, Teaching, Verdict,
};
use crate::error::Result;
use crate::model::Network;
use crate::negatives::{self, Negatives};

/// The recipe's memory.
#[derive(Debug)]
pub struct Supervised {
    /// Batches under way: one, or as many as there are layers.
    slots: Vec<Slot>,
    newest: usize,
    blocks: Blocks,
    batch: usize,
    /// `[B, C]`.
    logits: Matrix,
    /// `[B, C]`.
    error: Matrix,
    /// The labelled passes that hard negatives by goodness need; made when first asked for.
    contrast: Option<Contrast>,
    /// Ticks of the pipeline.
    ticks: u64,
}

/// One batch on its way up.
#[derive(Debug)]
struct Slot {
    pictures: Pictures,
    labels: Labels,
    stack: Stack,
    /// The tick in which the first layer saw it, until the last has.
    begun: Option<u64>,
    terms: Terms,
}

/// What applies to a batch.
#[derive(Debug, Clone)]
struct Terms {
    rates: Rates,
    head_rates: Rates,
    frozen: Vec<bool>,
}

impl Terms {
    fn rates(&self, index: usize) -> Option<&Rates> {
        (!self.frozen[index]).then_some(&self.rates)
    }
}

/// A pass of a batch for each label.
#[derive(Debug)]
struct Contrast {
    labels: Labels,
    stack: Stack,
    scores: Matrix,
}

impl Slot {
    fn new(engine: &dyn Engine, network: &Network, batch: usize) -> Result<Self> {
        let rows = 3 * batch;
        let mut labels = engine.labels(rows)?;
        engine.write_labels(&mut labels, 0, &vec![NEUTRAL; batch]);
        let none = Rates { rate: 0.0, momentum: 0.0, weight_cost: 0.0 };
        Ok(Self {
            pictures: room::pictures(engine, network, batch, network.classes)?,
            labels,
            stack: Stack::new(engine, network, rows)?,
            begun: None,
            terms: Terms { rates: none, head_rates: none, frozen: vec![] },
        })
    }
}

impl Supervised {
    /// Room for batches of the settings' size.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &dyn Engine, network: &Network) -> Result<Self> {
        let batch = network.settings.batch;
        let slots = if network.settings.pipelined { network.layers.len() } else { 1 };
        Ok(Self {
            slots: (0..slots).map(|_| Slot::new(engine, network, batch)).collect::<Result<_>>()?,
            newest: 0,
            blocks: Blocks { positive: batch..2 * batch, negative: 2 * batch..3 * batch },
            batch,
            logits: engine.matrix(batch, network.classes)?,
            error: engine.matrix(batch, network.classes)?,
            contrast: None,
            ticks: 0,
        })
    }

    /// The head's newest logits.
    pub fn logits(&self) -> &Matrix {
        &self.logits
    }

    /// The newest batch.
    pub fn newest(&self) -> Newest<'_> {
        let slot = &self.slots[self.newest];
        Newest {
            pictures: &slot.pictures.rows.values,
            labels: Some(&slot.labels),
            activities: slot.stack.activities.iter().collect(),
            boxed: slot.stack.boxed(),
            blocks: &self.blocks,
        }
    }

    /// Learns from one batch.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn learn(&mut self, lesson: &Lesson, network: &mut Network, verdicts: &mut [Verdict]) -> Result<()> {
        let engine = lesson.engine;
        let size = self.batch;
        let pipelined = self.slots.len() > 1;
        let at = if pipelined { (self.ticks % self.slots.len() as u64) as usize } else { 0 };
        let slot = &mut self.slots[at];
        slot.terms = Terms { rates: lesson.rates, head_rates: lesson.head_rates, frozen: lesson.frozen.to_vec() };
        let truth: Vec<u8> = lesson.batch.labels.iter().map(|l| l.value()).collect();
        let known = known_negatives(lesson, network);
        let codes = [(self.blocks.positive.start, &truth[..])];
        let given = known.as_deref().map(|given| (self.blocks.negative.start, given));
        let codes: Vec<_> = codes.into_iter().chain(given).collect();
        let Slot { pictures, labels, .. } = slot;
        engine.take_in(lesson.dataset, &lesson.batch.picks, network.classes, &codes, &mut pictures.rows, labels);
        engine.project(pictures, size, &network.layers[0].below);
        if pipelined {
            slot.begun = Some(self.ticks);
            self.tick(engine, network, verdicts);
            return Ok(());
        }
        let Slot { pictures, labels, stack, .. } = slot;
        if known.is_some() {
            stack.forward(engine, network, bottom(pictures, labels, size), &(0..3 * size));
            self.teach(engine, network, at, None);
        } else {
            stack.forward(engine, network, bottom(pictures, labels, size), &(0..2 * size));
            let draw = [negatives::key(network.settings.seed), lesson.step as u32];
            if network.settings.negatives == Negatives::Goodness {
                self.teach(engine, network, at, None);
                self.propose(engine, network, draw)?;
            } else {
                self.teach(engine, network, at, Some(draw));
            }
            let Slot { pictures, labels, stack, .. } = &mut self.slots[at];
            stack.forward(engine, network, bottom(pictures, labels, size), &(2 * size..3 * size));
        }
        let Slot { pictures, labels, stack, terms, .. } = &self.slots[at];
        for (i, verdict) in verdicts.iter_mut().enumerate() {
            let input = stack.input(network, i, bottom(pictures, labels, size));
            learn_locally(engine, network, i, &input, &stack.activities[i], &self.blocks, terms.rates(i), verdict);
        }
        Ok(())
    }

    /// One tick of the pipeline: every layer that has a batch waiting sees it and learns from it.
    fn tick(&mut self, engine: &dyn Engine, network: &mut Network, verdicts: &mut [Verdict]) {
        let size = self.batch;
        let layers = network.layers.len();
        for (i, verdict) in verdicts.iter_mut().enumerate() {
            let Some(begun) = self.ticks.checked_sub(i as u64) else { continue };
            let at = (begun % self.slots.len() as u64) as usize;
            if self.slots[at].begun != Some(begun) {
                continue;
            }
            let Slot { pictures, labels, stack, terms, .. } = &mut self.slots[at];
            stack.forward_layer(engine, network, i, bottom(pictures, labels, size), 0..3 * size);
            let input = stack.input(network, i, bottom(pictures, labels, size));
            let activity = &stack.activities[i];
            learn_locally(engine, network, i, &input, activity, &self.blocks, terms.rates(i), verdict);
            if i + 1 == layers {
                self.slots[at].begun = None;
                self.newest = at;
                self.teach(engine, network, at, None);
            }
        }
        self.ticks += 1;
    }

    /// Lets every layer see the batches that the first has seen.
    pub fn finish(&mut self, engine: &dyn Engine, network: &mut Network, verdicts: &mut [Verdict]) {
        while self.slots.iter().any(|slot| slot.begun.is_some()) {
            self.tick(engine, network, verdicts);
        }
    }

    /// The head learns from the neutral rows, and draws wrong labels if it is to.
    fn teach(&mut self, engine: &dyn Engine, network: &mut Network, at: usize, propose: Option<[u32; 2]>) {
        let Slot { labels, stack, terms, .. } = &mut self.slots[at];
        let voters = stack.voters(network);
        let teaching = Teaching { blocks: &self.blocks, propose, rates: terms.head_rates };
        engine.teach(&voters, &teaching, labels, &mut network.head, &mut self.logits, &mut self.error);
    }

    /// Hard negatives by goodness: the labels under which the network itself finds the pictures good.
    fn propose(&mut self, engine: &dyn Engine, network: &Network, [seed, step]: [u32; 2]) -> Result<()> {
        let Slot { pictures, labels, .. } = &mut self.slots[0];
        let size = self.batch;
        if self.contrast.is_none() {
            self.contrast = Some(Contrast::new(engine, network, size)?);
        }
        let Contrast { labels: all, stack, scores } = self.contrast.as_mut().expect("made above");
        stack.forward(engine, network, bottom(pictures, all, size), &(0..network.classes * size));
        let from = network.settings.first_voter();
        let layers = stack.activities.iter().zip(&network.layers).skip(from);
        let voters: Vec<_> = layers.map(|(activity, layer)| (activity, layer.rule.sign)).collect();
        engine.tally(&voters, 0, size, scores);
        engine.propose(scores, &self.blocks, seed, step, labels);
        Ok(())
    }
}

impl Contrast {
    fn new(engine: &dyn Engine, network: &Network, batch: usize) -> Result<Self> {
        let rows = network.classes * batch;
        let mut labels = engine.labels(rows)?;
        write_all_labels(engine, &mut labels, 0, batch, network.classes);
        let scores = engine.matrix(batch, network.classes)?;
        Ok(Self { labels, stack: Stack::new(engine, network, rows)?, scores })
    }
}

/// A block of `count` rows for each label, from row `first` on.
pub(super) fn write_all_labels(engine: &dyn Engine, labels: &mut Labels, first: usize, count: usize, classes: usize) {
    for label in Label::all(classes) {
        let from = first + usize::from(label.value()) * count;
        engine.write_labels(labels, from, &vec![label.value(); count]);
    }
}

/// Wrong labels that do not depend on what the network thinks.
pub(super) fn known_negatives(lesson: &Lesson, network: &Network) -> Option<Vec<u8>> {
    if let Some(labels) = lesson.wrong_labels {
        return Some(labels.iter().map(|l| l.value()).collect());
    }
    let settings = &network.settings;
    (settings.negatives == Negatives::Random).then(|| {
        let wrong = |(row, truth): (usize, &Label)| {
            negatives::random_wrong(*truth, network.classes, settings.seed, lesson.step as u32, row as u32).value()
        };
        lesson.batch.labels.iter().enumerate().map(wrong).collect()
    })
}

/// The first layer's input: blocks of `count` rows, one a picture in each.
fn bottom<'a>(pictures: &'a Pictures, labels: &'a Labels, count: usize) -> Input<'a> {
    Input::Pictures { pictures, labels, first_picture: 0, count }
}

/// Room to read up to `capacity` pictures at once: one neutral row each, and one for every label.
#[derive(Debug)]
pub struct Reader {
    capacity: usize,
    /// How many pictures the label rows are laid out for.
    laid_out: usize,
    pictures: Pictures,
    labels: Labels,
    stack: Stack,
    logits: Matrix,
}

impl Reader {
    /// Room for `capacity` pictures of `network`.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &dyn Engine, network: &Network, capacity: usize) -> Result<Self> {
        let rows = (network.classes + 1) * capacity;
        Ok(Self {
            capacity,
            laid_out: 0,
            pictures: room::pictures(engine, network, capacity, network.classes)?,
            labels: engine.labels(rows)?,
            stack: Stack::new(engine, network, rows)?,
            logits: engine.matrix(capacity, network.classes)?,
        })
    }

    /// How many pictures it reads at once.
    pub fn capacity(&self) -> usize {
        self.capacity
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
        if count > 0 && self.laid_out != count {
            engine.write_labels(&mut self.labels, 0, &vec![NEUTRAL; count]);
            write_all_labels(engine, &mut self.labels, count, count, network.classes);
            self.laid_out = count;
        }
        let mut reading = None;
        if count > 0 {
            engine.gather(dataset, picks, 0, network.classes, &mut self.pictures.rows);
            engine.project(&mut self.pictures, count, &network.layers[0].below);
            let rows = 0..(network.classes + 1) * count;
            self.stack.forward(engine, network, bottom(&self.pictures, &self.labels, count), &rows);
            engine.classify(&self.stack.voters(network), &network.head, true, count, &mut self.logits);
            let goodness = self.stack.activities.iter().map(Activity::goodness);
            reading = Some(engine.begin_reading(&goodness.chain([&self.logits]).collect::<Vec<_>>())?);
        }
        Ok(Under {
            reading,
            count,
            classes: network.classes,
            votes: opinion::votes(&network.settings),
            blocks: network.layers.iter().map(|layer| layer.rule.blocks).collect(),
            first_row: count,
            steps: 1,
            settled: 0..1,
        })
    }
}
