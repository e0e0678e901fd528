//! Reports on their way out of the engine, which learns on meanwhile.

use crate::engine::{Engine, Matrix, Reading, Verdict, metric};
use crate::error::{Error, Result};
use crate::model::Network;
use crate::training::LayerReport;
use std::collections::VecDeque;

/// How many reports may be on their way at once: while the engine works on one portion of steps and the next is recorded,
/// the one before is read.
pub const REPORTS_UNDER_WAY: usize = 2;

/// Reports asked for, oldest first.
#[derive(Debug, Default)]
pub struct Reports(VecDeque<Coming>);

#[derive(Debug)]
struct Coming {
    /// Metrics and mean activity, layer by layer, and the newest logits.
    reading: Reading,
    /// The step after which it was asked for.
    step: u64,
    /// Threshold of each layer, then.
    thresholds: Vec<f32>,
}

impl Reports {
    /// Has the metrics of `verdicts` copied out of the engine and begins to count anew.
    pub fn begin(
        &mut self,
        engine: &dyn Engine,
        verdicts: &mut [Verdict],
        network: &Network,
        logits: &Matrix,
        step: u64,
    ) -> Result<()> {
        let settings = &network.settings;
        let units = settings.layers.iter().enumerate();
        let thresholds = units.map(|(i, &units)| settings.threshold_of(i) * units as f32).collect();
        let pairs = verdicts.iter().zip(&network.layers);
        let layers = pairs.flat_map(|(verdict, layer)| [&verdict.metrics, &layer.mean_activity]);
        let wanted: Vec<_> = layers.chain([logits]).collect();
        let reading = engine.begin_reading(&wanted)?;
        for verdict in verdicts {
            engine.write(&mut verdict.metrics, &[0.0; metric::COUNT]);
        }
        self.0.push_back(Coming { reading, step, thresholds });
        Ok(())
    }

    /// All that were asked for, as one, waiting for them.
    pub async fn all(&mut self, engine: &dyn Engine, frozen: &[bool]) -> Result<Vec<LayerReport>> {
        self.take(self.0.len(), engine, frozen).await
    }

    /// Whether fewer than [`REPORTS_UNDER_WAY`] are on their way. Otherwise none is to be asked for: the engine goes on counting,
    /// and the next report holds what this one would have.
    pub fn has_room(&self, engine: &dyn Engine) -> bool {
        self.0.iter().filter(|coming| !engine.has_arrived(&coming.reading)).count() < REPORTS_UNDER_WAY
    }

    /// Those that have arrived, as one; never waits.
    pub async fn arrived(&mut self, engine: &dyn Engine, frozen: &[bool]) -> Result<Vec<LayerReport>> {
        let arrived = self.0.iter().take_while(|coming| engine.has_arrived(&coming.reading)).count();
        self.take(arrived, engine, frozen).await
    }

    /// The `count` oldest, as one. Frozen is what a layer is now: a person who has just said so must not see it taken back.
    async fn take(&mut self, count: usize, engine: &dyn Engine, frozen: &[bool]) -> Result<Vec<LayerReport>> {
        let mut sums = vec![vec![0.0; metric::COUNT]; frozen.len()];
        let mut reports = vec![];
        for _ in 0..count {
            let Some(Coming { reading, step, thresholds }) = self.0.pop_front() else { break };
            let values = engine.finish_reading(reading).await?;
            reports.clear();
            let layers = values.chunks_exact(2).zip(&mut sums).zip(frozen).zip(&thresholds);
            for (((pair, sums), frozen), threshold) in layers {
                let [more, mean_activity] = pair else { unreachable!("chunks of two") };
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                reports.extend(LayerReport::new(sums, mean_activity, *threshold, *frozen));
            }
            if let Some(i) = reports.iter().position(|r| !r.is_finite()) {
                return Err(Error::Diverged { layer: i + 1, step });
            }
            // Goodness knows nothing of the head, nor does the baseline of goodness.
            if values.last().is_some_and(|logits| logits.iter().any(|logit| !logit.is_finite())) {
                return Err(Error::HeadDiverged { step });
            }
        }
        Ok(reports)
    }
}
