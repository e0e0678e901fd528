//! Measuring on pictures never learned from.

use crate::dataset::{LABELS, Label};
use crate::engine::{Engine, Pick};
use crate::error::Result;
use crate::model::Network;
use crate::training::Reader;

/// How a network did on the test pictures read so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The label each picture was read as by goodness, in the order of the test split.
    pub read: Vec<Label>,
    /// Pictures misread by goodness.
    pub goodness_mistakes: usize,
    /// Pictures misread by the softmax head.
    pub softmax_mistakes: usize,
    /// Counts by true label (first) and label read by goodness.
    pub confusion: [[u32; LABELS]; LABELS],
}

impl Evaluation {
    /// Nothing read yet.
    pub fn empty() -> Self {
        Self { read: vec![], goodness_mistakes: 0, softmax_mistakes: 0, confusion: [[0; LABELS]; LABELS] }
    }

    /// Pictures read.
    pub fn images(&self) -> usize {
        self.read.len()
    }

    /// Test error by goodness, percent.
    pub fn goodness_error(&self) -> f32 {
        percent(self.goodness_mistakes, self.images())
    }

    /// Test error of the one-pass softmax, percent.
    pub fn softmax_error(&self) -> f32 {
        percent(self.softmax_mistakes, self.images())
    }
}

fn percent(part: usize, whole: usize) -> f32 {
    100.0 * part as f32 / whole.max(1) as f32
}

/// Reads a test split slice by slice, so that whoever drives it can do other things in between.
#[derive(Debug)]
pub struct Evaluator<E: Engine> {
    reader: Reader<E>,
    images: usize,
    evaluation: Evaluation,
}

impl<E: Engine> Evaluator<E> {
    /// To read the first `images` test pictures, `slice` at a time.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &E, network: &Network<E>, images: usize, slice: usize) -> Result<Self> {
        Ok(Self { reader: Reader::new(engine, network, slice)?, images, evaluation: Evaluation::empty() })
    }

    /// Begins anew with the first `images` pictures, in the same room.
    pub fn restart(&mut self, images: usize) {
        self.images = images;
        self.evaluation = Evaluation::empty();
    }

    /// Reads one more slice of `dataset`, whose true labels are `labels`; says whether anything was left to read.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn advance(
        &mut self,
        engine: &E,
        network: &Network<E>,
        dataset: &E::Dataset,
        labels: &[Label],
    ) -> Result<bool> {
        let from = self.evaluation.images();
        let to = (from + self.reader.capacity()).min(self.images);
        if from >= to {
            return Ok(false);
        }
        let picks: Vec<Pick> = (from..to).map(|i| Pick { index: i as u32, ..Pick::default() }).collect();
        let opinions = self.reader.read(engine, network, dataset, &picks).await?;
        for (opinion, truth) in opinions.iter().zip(&labels[from..to]) {
            let read = opinion.by_goodness();
            let e = &mut self.evaluation;
            e.goodness_mistakes += usize::from(read != *truth);
            e.softmax_mistakes += usize::from(opinion.by_softmax() != *truth);
            e.confusion[usize::from(truth.value())][usize::from(read.value())] += 1;
            e.read.push(read);
        }
        Ok(true)
    }

    /// Whether every picture was read.
    pub fn is_done(&self) -> bool {
        self.evaluation.images() >= self.images
    }

    /// How many pictures are to be read.
    pub fn of(&self) -> usize {
        self.images
    }

    /// What was found so far.
    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }
}
