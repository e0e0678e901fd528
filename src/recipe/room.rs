//! The memory a training step works in, piece by piece.

use crate::engine::{Activity, Engine, Pictures, Verdict, metric};
use crate::error::Result;
use crate::model::Network;

/// Room for `count` pictures of `network`, the first `label_pixels` of which carry a label.
pub fn pictures(engine: &dyn Engine, network: &Network, count: usize, label_pixels: usize) -> Result<Pictures> {
    let [inputs, units] = network.shapes[0];
    Ok(Pictures { rows: plain(engine, count, inputs)?, product: engine.matrix(count, units)?, label_pixels })
}

/// Room for values whose goodness is their squares, if anything.
pub fn plain(engine: &dyn Engine, rows: usize, columns: usize) -> Result<Activity> {
    Ok(Activity { values: engine.values(rows, columns)?, squares: engine.matrix(rows, 1)?, goodness: None })
}

/// Room for `rows` rows of each layer's activities.
pub fn activities(engine: &dyn Engine, network: &Network, rows: usize) -> Result<Vec<Activity>> {
    let layers = network.layers.iter().zip(&network.shapes);
    layers
        .map(|(layer, &[_, units])| {
            let goodness = if layer.rule.is_plain() { None } else { Some(engine.matrix(rows, layer.rule.blocks)?) };
            Ok(Activity { values: engine.values(rows, units)?, squares: engine.sums(rows, units)?, goodness })
        })
        .collect()
}

/// Room for what becomes of each layer's goodness.
pub fn verdicts(engine: &dyn Engine, network: &Network, rows: usize) -> Result<Vec<Verdict>> {
    let layers = network.layers.iter().zip(&network.shapes);
    layers
        .map(|(layer, &[_, units])| {
            Ok(Verdict {
                coefficients: engine.matrix(rows, layer.rule.blocks)?,
                peer: engine.matrix(1, units)?,
                metrics: engine.matrix(1, metric::COUNT)?,
            })
        })
        .collect()
}
