//! Measuring on pictures never learned from.

use std::collections::VecDeque;
use std::ops::Range;

use crate::dataset::Label;
use crate::engine::{Engine, ImageBytes, Pick};
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
    pub confusion: Vec<Vec<u32>>,
}

impl Evaluation {
    /// Nothing read yet, of so many classes.
    pub fn empty(classes: usize) -> Self {
        Self {
            images: 0,
            read: vec![],
            goodness_mistakes: None,
            softmax_mistakes: None,
            confusion: vec![vec![0; classes]; classes],
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
pub struct Evaluator {
    reader: Reader,
    images: usize,
    /// Pictures whose reading has begun.
    begun: usize,
    /// Slices being read, oldest first.
    under_way: VecDeque<Under>,
    evaluation: Evaluation,
}

/// Milliseconds that a slice may take, so that whoever waits for its end waits only briefly.
const SLICE_TAKES: Range<f64> = 8.0..30.0;
/// Pictures of a slice beyond which more at a time save nothing any more.
const LARGEST_SLICE: usize = 1000;
/// Slices that may be under way at once: while the engine reads one, the next is enqueued and the one before counted.
const UNDER_WAY: usize = 3;

impl Evaluator {
    /// To read the first `images` test pictures, `slice` at a time.
    ///
    /// # Errors
    /// When the engine has no room for it.
    pub fn new(engine: &dyn Engine, network: &Network, images: usize, slice: usize) -> Result<Self> {
        let reader = Reader::new(engine, network, slice)?;
        let evaluation = Evaluation::empty(network.classes);
        Ok(Self { reader, images, begun: 0, under_way: VecDeque::new(), evaluation })
    }

    /// Begins anew with the first `images` pictures, in the same room.
    pub fn restart(&mut self, images: usize) {
        self.images = images;
        self.begun = 0;
        self.under_way.clear();
        self.evaluation = Evaluation::empty(self.evaluation.confusion.len());
    }

    /// Begins to read one more slice of `dataset`, whose true labels are `labels`, and counts what has arrived; says whether
    /// anything was left to do. Waits only where too much is under way, or nothing is left to begin.
    ///
    /// # Errors
    /// When the engine was lost.
    pub async fn advance(
        &mut self,
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
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

    /// [`Self::advance`] for `budget` milliseconds of `clock`, at least once. Reads as many pictures at a time as such a slice of the
    /// budget is enough for, which costs less a picture than few do; never fewer than `least`.
    ///
    /// # Errors
    /// When the engine was lost, or has no room.
    #[expect(clippy::too_many_arguments, reason = "what is read, and the time it may take")]
    pub async fn advance_for(
        &mut self,
        engine: &dyn Engine,
        network: &Network,
        dataset: &ImageBytes,
        labels: &[Label],
        budget: f64,
        clock: &dyn Fn() -> f64,
        least: usize,
    ) -> Result<()> {
        let began = clock();
        // When so many pictures had been counted: from there on the time is the reading's.
        let mut since = None;
        loop {
            let counted = self.evaluation.images();
            if self.under_way.is_empty() {
                since = Some((clock(), counted));
            }
            let more = self.advance(engine, network, dataset, labels).await?;
            let (now, read) = (clock(), self.evaluation.images());
            if read > counted {
                if let Some((then, before)) = since {
                    self.fit_slice(engine, network, (now - then) / (read - before) as f64, least)?;
                }
                since = Some((now, read));
            }
            if !more || now - began >= budget {
                return Ok(());
            }
        }
    }

    /// Twice or half as many pictures at a time, where one takes `each` milliseconds and they would take much less or much more
    /// than they may.
    fn fit_slice(&mut self, engine: &dyn Engine, network: &Network, each: f64, least: usize) -> Result<()> {
        let slice = self.reader.capacity();
        let takes = each * slice as f64;
        let fitting = if takes < SLICE_TAKES.start {
            (2 * slice).min(LARGEST_SLICE)
        } else if takes > SLICE_TAKES.end {
            (slice / 2).max(least.min(slice))
        } else {
            slice
        };
        if fitting != slice {
            // What is under way comes to its end as it began.
            self.reader = Reader::new(engine, network, fitting)?;
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Images, Shape};
    use crate::engine::cpu::Cpu;
    use crate::model::{Ends, Settings};
    use crate::training::Trainer;
    use pollster::block_on;
    use std::cell::Cell;

    /// The largest slice and what was read, by a clock on which each look is so many milliseconds after the one before.
    fn read(milliseconds: f64) -> (Vec<usize>, Vec<Option<Label>>) {
        let count = 700;
        let bytes = (0..784 * count).map(|i| if i * i % 97 < 20 { (i % 256) as u8 } else { 0 }).collect();
        let images = Cpu.dataset(&Images::new(Shape::MNIST, bytes).unwrap()).unwrap();
        let labels: Vec<_> = (0..count).map(|i| Label::new((i % 10) as u8).unwrap()).collect();
        let settings = Settings { layers: vec![20, 20], ..Settings::default() };
        let trainer = Trainer::fresh(&Cpu, settings, Ends { inputs: 784, classes: 10 }, count).unwrap();
        let now = Cell::new(0.0);
        let clock = || {
            now.set(now.get() + milliseconds);
            now.get()
        };
        let mut evaluator = Evaluator::new(&Cpu, trainer.network(), count, 20).unwrap();
        let mut slices = vec![];
        while !evaluator.is_done() {
            block_on(evaluator.advance_for(&Cpu, trainer.network(), &images, &labels, 0.0, &clock, 20)).unwrap();
            slices.push(evaluator.reader.capacity());
        }
        (slices, evaluator.evaluation().read.clone())
    }

    #[test]
    fn as_many_pictures_at_a_time_as_there_is_time_for() {
        let (quick, read_quickly) = read(1.0);
        assert_eq!(quick[..4], [40, 80, 160, 320]);
        let (fair, read_fairly) = read(20.0);
        assert_eq!(fair, vec![20; 35]);
        let (slow, _) = read(40.0);
        assert_eq!(slow, vec![20; 35], "never fewer than the least");
        assert_eq!(read_quickly, read_fairly, "whatever the slices");
    }

    #[test]
    fn a_machine_that_becomes_slow_reads_fewer_at_a_time() {
        let settings = Settings { layers: vec![20], ..Settings::default() };
        let network = Trainer::fresh(&Cpu, settings, Ends { inputs: 784, classes: 10 }, 200).unwrap();
        let mut evaluator = Evaluator::new(&Cpu, network.network(), 100, 160).unwrap();
        for (each, slice) in [(0.3, 80), (0.3, 80), (1.0, 40), (1.0, 20), (2.0, 20), (0.1, 40), (0.01, 80)] {
            evaluator.fit_slice(&Cpu, network.network(), each, 20).unwrap();
            assert_eq!(evaluator.reader.capacity(), slice);
        }
    }
}
