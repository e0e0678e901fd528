//! The memory a training step works in.

use crate::dataset::{LABELS, Label};
use crate::engine::{Activity, Blocks, Engine, NEUTRAL, Pictures, Verdict, metric};
use crate::error::Result;
use crate::model::Network;
use crate::training::inference::{activity, pictures};

/// Everything a step writes, allocated once.
#[derive(Debug)]
pub struct Room<E: Engine> {
    pub blocks: Blocks,
    pub pictures: Pictures<E>,
    pub labels: E::Labels,
    pub activities: Vec<Activity<E>>,
    pub verdicts: Vec<Verdict<E>>,
    /// `[B, 10]`.
    pub logits: E::Matrix,
    /// The ten labelled passes that hard negatives by goodness need; made when first asked for.
    pub contrast: Option<Contrast<E>>,
}

/// Ten passes of a batch, one a label.
#[derive(Debug)]
pub struct Contrast<E: Engine> {
    pub labels: E::Labels,
    pub activities: Vec<Activity<E>>,
    pub scores: E::Matrix,
}

impl<E: Engine> Room<E> {
    /// Room for batches of `batch` pictures.
    pub fn new(engine: &E, network: &Network<E>, batch: usize) -> Result<Self> {
        let rows = 3 * batch;
        let mut activities = vec![];
        let mut verdicts = vec![];
        for &[_, units] in &network.shapes {
            activities.push(activity(engine, rows, units)?);
            verdicts.push(Verdict {
                coefficients: engine.matrix(rows, 1)?,
                peer: engine.matrix(1, units)?,
                metrics: engine.matrix(1, metric::COUNT)?,
            });
        }
        let mut labels = engine.labels(rows)?;
        engine.write_labels(&mut labels, 0, &vec![NEUTRAL; batch]);
        Ok(Self {
            blocks: Blocks { positive: batch..2 * batch, negative: 2 * batch..3 * batch },
            pictures: pictures(engine, network, batch)?,
            labels,
            activities,
            verdicts,
            logits: engine.matrix(batch, LABELS)?,
            contrast: None,
        })
    }
}

impl<E: Engine> Contrast<E> {
    /// Room for batches of `batch` pictures.
    pub fn new(engine: &E, network: &Network<E>, batch: usize) -> Result<Self> {
        let mut labels = engine.labels(LABELS * batch)?;
        for label in Label::all() {
            engine.write_labels(&mut labels, usize::from(label.value()) * batch, &vec![label.value(); batch]);
        }
        let activities =
            network.shapes.iter().map(|&[_, units]| activity(engine, LABELS * batch, units)).collect::<Result<_>>()?;
        Ok(Self { labels, activities, scores: engine.matrix(batch, LABELS)? })
    }
}
