//! Unsupervised Forward-Forward (paper, section 3.2): positives are pictures, negatives hybrids of two of them, and no layer is
//! ever told a label. A softmax on the normalised activities shows what was learned; it learns on the way or afterwards.
//!
//! A batch of `B` pictures is `2B` rows: pictures, hybrids.

use super::stack::Stack;
use super::{Lesson, Newest, Under, learn_locally, room};
use crate::engine::{Activity, Blocks, Engine, ImageBytes, Input, Labels, Matrix, Pick, Teaching, Verdict};
use crate::error::Result;
use crate::model::Network;
use crate::negatives::hybrid;

/// The recipe's memory.
#[derive(Debug)]
pub struct Unsupervised {
    rows: Activity,
    /// Read by the head alone.
    labels: Labels,
    stack: Stack,
    blocks: Blocks,
    logits: Matrix,
    error: Matrix,
}

impl Unsupervised {
    /// Room for batches of the settings' size.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &dyn Engine, network: &Network) -> Result<Self> {
        let batch = network.settings.batch;
        Ok(Self {
            rows: room::plain(engine, 2 * batch, network.inputs())?,
            labels: engine.labels(batch)?,
            stack: Stack::new(engine, network, 2 * batch)?,
            blocks: Blocks { positive: 0..batch, negative: batch..2 * batch },
            logits: engine.matrix(batch, network.classes)?,
            error: engine.matrix(batch, network.classes)?,
        })
    }

    /// The head's newest logits.
    pub fn logits(&self) -> &Matrix {
        &self.logits
    }

    /// The newest batch.
    pub fn newest(&self) -> Newest<'_> {
        Newest {
            pictures: &self.rows.values,
            labels: None,
            activities: self.stack.activities.iter().collect(),
            boxed: self.stack.boxed(),
            blocks: &self.blocks,
        }
    }

    /// Learns from one batch.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn learn(&mut self, lesson: &Lesson, network: &mut Network, verdicts: &mut [Verdict]) -> Result<()> {
        let engine = lesson.engine;
        let settings = &network.settings;
        let size = settings.batch;
        let truth: Vec<u8> = lesson.batch.labels.iter().map(|l| l.value()).collect();
        let codes = [(0, &truth[..])];
        engine.take_in(lesson.dataset, &lesson.batch.picks, 0, &codes, &mut self.rows, &mut self.labels);
        if lesson.layers_learn {
            let pairs: Vec<[Pick; 2]> =
                lesson.batch.picks.iter().zip(&lesson.batch.partners).map(|(a, b)| [*a, *b]).collect();
            let key = hybrid::key(settings.seed, lesson.step as u32, settings.blurs);
            engine.mix(lesson.dataset, &pairs, size, &key, &mut self.rows);
        }
        let rows = 0..if lesson.layers_learn { 2 * size } else { size };
        self.stack.forward(engine, network, Input::layer(&self.rows), &rows);
        if lesson.head_learns {
            let voters = self.stack.voters(network);
            let teaching = Teaching { blocks: &self.blocks, propose: None, rates: lesson.head_rates };
            let Self { labels, logits, error, .. } = self;
            engine.teach(&voters, &teaching, labels, &mut network.head, logits, error);
        }
        if lesson.layers_learn {
            for (i, verdict) in verdicts.iter_mut().enumerate() {
                let input = self.stack.input(network, i, Input::layer(&self.rows));
                let rates = (!lesson.frozen[i]).then_some(&lesson.rates);
                learn_locally(engine, network, i, &input, &self.stack.activities[i], &self.blocks, rates, verdict);
            }
        }
        Ok(())
    }
}

/// Room to read up to `capacity` pictures at once, one row each: no label is tried.
#[derive(Debug)]
pub struct Reader {
    capacity: usize,
    rows: Activity,
    stack: Stack,
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
            rows: room::plain(engine, capacity, network.inputs())?,
            stack: Stack::new(engine, network, capacity)?,
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
        let mut reading = None;
        if count > 0 {
            self.run(engine, network, dataset, picks);
            let normalised = network.settings.recipe.entry().goodness;
            let voters = self.stack.voters(network);
            engine.classify(&voters, &network.head, normalised, count, &mut self.logits);
            reading = Some(engine.begin_reading(&[&self.logits])?);
        }
        Ok(Under {
            reading,
            count,
            votes: vec![],
            classes: network.classes,
            blocks: vec![],
            first_row: 0,
            steps: 1,
            settled: 0..1,
        })
    }

    /// Each layer's goodness of the pictures as they are, `[layer][picture]`.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn goodness(
        &mut self,
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
        picks: &[Pick],
    ) -> Result<Vec<Vec<f32>>> {
        self.run(engine, network, dataset, picks);
        let wanted: Vec<_> = self.stack.activities.iter().map(Activity::goodness).collect();
        let values = engine.read_all(&wanted).await?;
        let sums = values.iter().zip(&network.layers).map(|(values, layer)| {
            values.chunks_exact(layer.rule.blocks).take(picks.len()).map(|row| row.iter().sum()).collect()
        });
        Ok(sums.collect())
    }

    /// The activities of layer `index` (from 0), `[picture, unit]`.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn activities(
        &mut self,
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
        picks: &[Pick],
        index: usize,
    ) -> Result<Vec<f32>> {
        self.run(engine, network, dataset, picks);
        engine.read(&self.stack.activities[index].values).await
    }

    fn run(&mut self, engine: &dyn Engine, network: &Network, dataset: &ImageBytes, picks: &[Pick]) {
        engine.gather(dataset, picks, 0, 0, &mut self.rows);
        // The baseline reads its pictures as they are.
        let normalised = network.settings.recipe.entry().goodness;
        let bottom = Input::Layer { rows: &self.rows, normalised };
        self.stack.forward(engine, network, bottom, &(0..picks.len()));
    }
}
