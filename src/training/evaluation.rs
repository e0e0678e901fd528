//! Measuring on pictures never learned from.

use crate::dataset::{LABELS, Label};
use crate::engine::{Engine, Pick};
use crate::error::Result;
use crate::model::Network;
use crate::recipe::{Opinion, Reader};

/// How a network did on the test pictures read so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Pictures read so far.
    pub images: usize,
    /// The label each picture was read as, by goodness where that is asked and else by the head, in the order of the test
    /// split; `None` while the net has no way to tell.
    pub read: Vec<Option<Label>>,
    /// Pictures misread by goodness; `None` for a net that no label is shown to.
    pub goodness_mistakes: Option<usize>,
    /// Pictures misread by the softmax head; `None` while that has not learned anything.
    pub softmax_mistakes: Option<usize>,
    /// Counts by true label (first) and label read.
    pub confusion: [[u32; LABELS]; LABELS],
}

impl Evaluation {
    /// Nothing read yet.
    pub fn empty() -> Self {
        Self {
            images: 0,
            read: vec![],
            goodness_mistakes: None,
            softmax_mistakes: None,
            confusion: [[0; LABELS]; LABELS],
        }
    }

    /// Pictures read.
    pub fn images(&self) -> usize {
        self.images
    }

    /// Test error by goodness, percent.
    pub fn goodness_error(&self) -> Option<f32> {
        self.percent(self.goodness_mistakes)
    }

    /// Test error of the one-pass softmax, percent.
    pub fn softmax_error(&self) -> Option<f32> {
        self.percent(self.softmax_mistakes)
    }

    fn percent(&self, mistakes: Option<usize>) -> Option<f32> {
        mistakes.filter(|_| self.images > 0).map(|mistakes| 100.0 * mistakes as f32 / self.images as f32)
    }

    /// Counts one more picture.
    fn add(&mut self, opinion: &Opinion, truth: Label) {
        let count = |mistakes: &mut Option<usize>, read: Option<Label>| {
            if let Some(read) = read {
                *mistakes = Some(mistakes.unwrap_or(0) + usize::from(read != truth));
            }
        };
        count(&mut self.goodness_mistakes, opinion.by_goodness());
        count(&mut self.softmax_mistakes, opinion.by_softmax());
        let read = opinion.label();
        if let Some(read) = read {
            self.confusion[usize::from(truth.value())][usize::from(read.value())] += 1;
        }
        self.read.push(read);
        self.images += 1;
    }
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
            self.evaluation.add(opinion, *truth);
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
