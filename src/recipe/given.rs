//! Learning from negatives that somebody gives: pictures as they are, with whatever label is painted into them.

use super::stack::Stack;
use super::{learn_locally, room};
use crate::engine::{Activity, Blocks, Engine, ImageBytes, Input, Pick, Rates, Verdict};
use crate::error::Result;
use crate::model::Network;

/// Room for batches of `B` positives and as many given negatives: `2B` rows, positives first.
#[derive(Debug)]
pub struct Given {
    rows: Activity,
    stack: Stack,
    blocks: Blocks,
    verdicts: Vec<Verdict>,
}

impl Given {
    /// Room for batches of `batch` positives.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &dyn Engine, network: &Network, batch: usize) -> Result<Self> {
        Ok(Self {
            rows: room::plain(engine, 2 * batch, network.inputs())?,
            stack: Stack::new(engine, network, 2 * batch)?,
            blocks: Blocks { positive: 0..batch, negative: batch..2 * batch },
            verdicts: room::verdicts(engine, network, 2 * batch)?,
        })
    }

    /// Has every layer but those `frozen` learn by its own rule from the first `2B` pictures of `dataset`. The softmax head,
    /// which knows no negatives, takes no part.
    pub fn learn(
        &mut self,
        engine: &dyn Engine,
        network: &mut Network,
        dataset: &ImageBytes,
        rates: &Rates,
        frozen: &[bool],
    ) {
        let count = self.blocks.negative.end;
        let picks: Vec<Pick> = (0..count).map(|i| Pick { index: i as u32, ..Pick::default() }).collect();
        engine.gather(dataset, &picks, 0, 0, &mut self.rows);
        self.stack.forward(engine, network, Input::layer(&self.rows), &(0..count));
        for (i, verdict) in self.verdicts.iter_mut().enumerate() {
            let input = self.stack.input(network, i, Input::layer(&self.rows));
            let rates = (!frozen[i]).then_some(rates);
            learn_locally(engine, network, i, &input, &self.stack.activities[i], &self.blocks, rates, verdict);
        }
    }
}
