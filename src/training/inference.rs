//! Reading a picture: every label tried and its goodness compared, and one pass for the softmax head.

use crate::dataset::{LABELS, Label};
use crate::engine::{Activity, Engine, Input, Layer, NEUTRAL, Pick, Pictures};
use crate::error::Result;
use crate::model::Network;
use std::ops::Range;

/// What a network makes of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Goodness of each layer (from the bottom) under each label.
    pub goodness: [Vec<f32>; LABELS],
    /// The softmax head's logits from one pass with the neutral label; all zero where there is no head.
    pub logits: [f32; LABELS],
}

impl Opinion {
    /// Goodness of each label, summed over all hidden layers but the first (over the only one, if there is one): the
    /// first layer's was trained on the label pixels it sees directly (paper, section 3.3).
    pub fn totals(&self) -> [f32; LABELS] {
        std::array::from_fn(|label| {
            let layers = &self.goodness[label];
            layers[usize::from(layers.len() > 1)..].iter().sum()
        })
    }

    /// The label with the most goodness.
    pub fn by_goodness(&self) -> Label {
        largest(&self.totals())
    }

    /// The softmax head's probabilities.
    pub fn probabilities(&self) -> [f32; LABELS] {
        let largest = self.logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers = self.logits.map(|logit| (logit - largest).exp());
        let sum: f32 = powers.iter().sum();
        powers.map(|power| power / sum)
    }

    /// The label with the largest logit.
    pub fn by_softmax(&self) -> Label {
        largest(&self.logits)
    }
}

fn largest(values: &[f32; LABELS]) -> Label {
    Label::all().max_by(|a, b| values[usize::from(a.value())].total_cmp(&values[usize::from(b.value())])).expect("ten")
}

/// Room to read up to `capacity` pictures at once: one neutral row and ten labelled rows each.
#[derive(Debug)]
pub struct Reader<E: Engine> {
    capacity: usize,
    /// How many pictures the label rows are laid out for.
    laid_out: usize,
    pictures: Pictures<E>,
    labels: E::Labels,
    activities: Vec<Activity<E>>,
    logits: E::Matrix,
}

impl<E: Engine> Reader<E> {
    /// Room for `capacity` pictures of `network`.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &E, network: &Network<E>, capacity: usize) -> Result<Self> {
        let rows = (LABELS + 1) * capacity;
        let activities =
            network.shapes.iter().map(|&[_, units]| activity(engine, rows, units)).collect::<Result<_>>()?;
        Ok(Self {
            capacity,
            laid_out: 0,
            pictures: pictures(engine, network, capacity)?,
            labels: engine.labels(rows)?,
            activities,
            logits: engine.matrix(capacity, LABELS)?,
        })
    }

    /// How many pictures it reads at once.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// What `network` makes of the pictures `picks` of `dataset`.
    ///
    /// # Errors
    /// When the engine was lost.
    ///
    /// # Panics
    /// If there are more picks than [`Reader::capacity`].
    pub async fn read(
        &mut self,
        engine: &E,
        network: &Network<E>,
        dataset: &E::Dataset,
        picks: &[Pick],
    ) -> Result<Vec<Opinion>> {
        let count = picks.len();
        assert!(count <= self.capacity, "{count} pictures for a reader of {}", self.capacity);
        if count == 0 {
            return Ok(vec![]);
        }
        if self.laid_out != count {
            engine.write_labels(&mut self.labels, 0, &vec![NEUTRAL; count]);
            for label in Label::all() {
                let first = (1 + usize::from(label.value())) * count;
                engine.write_labels(&mut self.labels, first, &vec![label.value(); count]);
            }
            self.laid_out = count;
        }
        engine.gather(dataset, picks, 0, &mut self.pictures);
        engine.project(&mut self.pictures, count, &network.layers[0]);
        let rows = 0..(LABELS + 1) * count;
        forward_through(engine, &network.layers, &self.pictures, &self.labels, count, rows, &mut self.activities);
        let above_first: Vec<_> = self.activities[1..].iter().collect();
        engine.classify(&above_first, &network.head, count, &mut self.logits);

        let wanted: Vec<_> = self.activities.iter().map(|a| &a.goodness).chain([&self.logits]).collect();
        let mut goodness = engine.read_all(&wanted).await?;
        let logits = goodness.pop().expect("logits were asked for");
        Ok((0..count)
            .map(|i| Opinion {
                goodness: std::array::from_fn(|label| {
                    goodness.iter().map(|layer| layer[(1 + label) * count + i]).collect()
                }),
                logits: std::array::from_fn(|label| logits[i * LABELS + label]),
            })
            .collect())
    }
}

/// Room for `count` pictures of `network`.
pub(super) fn pictures<E: Engine>(engine: &E, network: &Network<E>, count: usize) -> Result<Pictures<E>> {
    let [inputs, units] = network.shapes[0];
    Ok(Pictures {
        values: engine.matrix(count, inputs)?,
        squares: engine.matrix(count, 1)?,
        product: engine.matrix(count, units)?,
    })
}

/// Room for the activities of a layer of `units`.
pub(super) fn activity<E: Engine>(engine: &E, rows: usize, units: usize) -> Result<Activity<E>> {
    Ok(Activity { values: engine.matrix(rows, units)?, goodness: engine.matrix(rows, 1)? })
}

/// Runs `rows` up through `layers`. The rows are blocks of `count` rows, one a picture in each.
pub(super) fn forward_through<E: Engine>(
    engine: &E,
    layers: &[Layer<E>],
    pictures: &Pictures<E>,
    labels: &E::Labels,
    count: usize,
    rows: Range<usize>,
    activities: &mut [Activity<E>],
) {
    for (i, layer) in layers.iter().enumerate() {
        let (below, above) = activities.split_at_mut(i);
        let input = match below.last() {
            Some(below) => Input::Layer(below),
            None => Input::Pictures { pictures, labels, first_picture: 0, count },
        };
        engine.forward(&input, layer, rows.clone(), &mut above[0]);
    }
}
