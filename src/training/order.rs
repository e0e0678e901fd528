//! Which pictures a batch holds: a fresh shuffle an epoch, a fresh shift a picture, both functions of seed and epoch.

use crate::dataset::Label;
use crate::engine::{Pick, random};
use crate::error::Result;
use crate::negatives::hybrid;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// One batch: its pictures and their true labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The pictures.
    pub picks: Vec<Pick>,
    /// The true label of each.
    pub labels: Vec<Label>,
    /// For each a picture of another class, to be mixed with it; none where no hybrids are made.
    pub partners: Vec<Pick>,
}

/// The order in which a training set is gone through.
#[derive(Debug)]
pub struct Order {
    seed: u32,
    count: usize,
    epoch: Option<u64>,
    shuffled: Vec<u32>,
}

/// Separates shuffles from the drawing of weights, which takes the generator's stream 0.
const SHUFFLE_STREAM: u64 = 1 << 32;
/// Separates shifts from other draws made with the same seed.
const JITTER: u32 = 0x6a69_7474;

impl Order {
    /// The order of `count` pictures under `seed`.
    pub fn new(seed: u32, count: usize) -> Self {
        Self { seed, count, epoch: None, shuffled: (0..count as u32).collect() }
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Batch `step` of `size` pictures, shifted by up to `jitter` pixels each way. A rest smaller than a batch waits for
    /// the next epoch's shuffle.
    pub fn batch(&mut self, step: u64, size: usize, jitter: usize, labels: &[Label]) -> Batch {
        let per_epoch = (self.count / size) as u64;
        let (epoch, place) = (step / per_epoch, (step % per_epoch) as usize * size);
        if self.epoch != Some(epoch) {
            // From the sorted order, not the last epoch's, so that a run can begin anywhere.
            self.shuffled = (0..self.count as u32).collect();
            let mut generator = ChaCha8Rng::seed_from_u64(u64::from(self.seed));
            generator.set_stream(SHUFFLE_STREAM + epoch);
            self.shuffled.shuffle(&mut generator);
            self.epoch = Some(epoch);
        }
        let picks: Vec<Pick> =
            self.shuffled[place..place + size].iter().map(|&index| self.shifted(index, epoch, jitter)).collect();
        let labels = picks.iter().map(|p| labels[p.index as usize]).collect();
        Batch { picks, labels, partners: vec![] }
    }

    /// Gives each picture of `batch`, which is batch `step`, a partner of another class, shifted likewise.
    ///
    /// # Errors
    /// [`crate::Error::Data`] if there is none.
    pub fn pair(&self, batch: &mut Batch, step: u64, jitter: usize, labels: &[Label]) -> Result<()> {
        let epoch = step / (self.count / batch.picks.len()) as u64;
        let partner = |(row, truth): (usize, &Label)| {
            let index = hybrid::partner(labels, *truth, self.seed, step as u32, row as u32)?;
            Ok(self.shifted(index, epoch, jitter))
        };
        batch.partners = batch.labels.iter().enumerate().map(partner).collect::<Result<_>>()?;
        Ok(())
    }

    /// Picture `index` with its shift in `epoch` (from 0).
    pub fn shifted(&self, index: u32, epoch: u64, jitter: usize) -> Pick {
        let span = 2 * jitter as u32 + 1;
        let [x, y, _] = random::hash(self.seed ^ JITTER, epoch as u32, index);
        // The high bits: the low ones of a multiplicative hash are its weakest.
        let shift = |word: u32| ((u64::from(word) * u64::from(span)) >> 32) as i8 - jitter as i8;
        Pick { index, dx: shift(x), dy: shift(y) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(n: usize) -> Vec<Label> {
        (0..n).map(|i| Label::new((i % 10) as u8).unwrap()).collect()
    }

    #[test]
    fn an_epoch_shows_each_picture_once_and_epochs_differ() {
        let labels = labels(60);
        let mut order = Order::new(5, 60);
        let mut epoch = |from: u64| -> Vec<u32> {
            (from..from + 6).flat_map(|s| order.batch(s, 10, 0, &labels).picks).map(|p| p.index).collect()
        };
        let (first, second) = (epoch(0), epoch(6));
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..60).collect::<Vec<_>>());
        assert_ne!(first, second);
    }

    #[test]
    fn any_batch_can_be_the_first_one_asked_for() {
        let labels = labels(50);
        let mut order = Order::new(5, 50);
        let there: Vec<Batch> = (0..20).map(|s| order.batch(s, 7, 2, &labels)).collect();
        assert_eq!(Order::new(5, 50).batch(17, 7, 2, &labels), there[17]);
    }

    #[test]
    fn shifts_cover_the_square_evenly() {
        let labels = labels(5000);
        let mut counts = [[0; 5]; 5];
        for pick in Order::new(1, 5000).batch(0, 5000, 2, &labels).picks {
            counts[(pick.dx + 2) as usize][(pick.dy + 2) as usize] += 1;
        }
        // 200 expected, standard deviation 14.
        assert!(counts.iter().flatten().all(|&n| (140..260).contains(&n)), "{counts:?}");
    }
}
