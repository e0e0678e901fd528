//! Measuring on pictures never learned from.

use std::collections::VecDeque;

use crate::dataset::{LABELS, Label};
use crate::engine::{Engine, Pick};
use crate::error::Result;
use crate::model::Network;
use crate::recipe::{Opinion, Reader, Under};

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
    /// Pictures whose reading has begun.
    begun: usize,
    /// Slices being read, oldest first.
    under_way: VecDeque<Under<E>>,
    evaluation: Evaluation,
}

/// Slices that may be under way at once: while the engine reads one, the next is enqueued and the one before counted.
const UNDER_WAY: usize = 3;

impl<E: Engine> Evaluator<E> {
    /// To read the first `images` test pictures, `slice` at a time.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &E, network: &Network<E>, images: usize, slice: usize) -> Result<Self> {
        let reader = Reader::new(engine, network, slice)?;
        Ok(Self { reader, images, begun: 0, under_way: VecDeque::new(), evaluation: Evaluation::empty() })
    }

    /// Begins anew with the first `images` pictures, in the same room.
    pub fn restart(&mut self, images: usize) {
        self.images = images;
        self.begun = 0;
        self.under_way.clear();
        self.evaluation = Evaluation::empty();
    }

    /// Begins to read one more slice of `dataset`, whose true labels are `labels`, and counts what has arrived; says whether
    /// anything was left to do. Waits only where too much is under way, or nothing is left to begin.
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
        if self.is_done() {
            return Ok(false);
        }
        let from = self.begun;
        self.begun = (from + self.reader.capacity()).min(self.images);
        if from < self.begun {
            let picks: Vec<Pick> = (from..self.begun).map(|i| Pick { index: i as u32, ..Pick::default() }).collect();
            self.under_way.push_back(self.reader.begin(engine, network, dataset, &picks)?);
        }
        while let Some(oldest) = self.under_way.front() {
            let too_much = self.under_way.len() >= UNDER_WAY || self.begun == self.images;
            if !too_much && !oldest.has_arrived(engine) {
                break;
            }
            let Some(oldest) = self.under_way.pop_front() else { break };
            let counted = self.evaluation.images();
            let truths = &labels[counted..counted + oldest.count()];
            for (opinion, truth) in oldest.finish(engine).await?.iter().zip(truths) {
                self.evaluation.add(opinion, *truth);
            }
        }
        Ok(true)
    }

    /// Slices being read just now.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
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
