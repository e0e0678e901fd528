//! The activities of all layers for one set of rows, from the bottom up.

use super::room;
use crate::engine::{Activity, Engine, Input, Obstacle};
use crate::error::Result;
use crate::model::Network;
use std::ops::Range;

/// What each layer makes of a batch, and the box between two of them, if there is one.
#[derive(Debug)]
pub struct Stack {
    /// `h` of each layer, `[R, N]`.
    pub activities: Vec<Activity>,
    boxed: Option<Activity>,
}

impl Stack {
    /// Room for `rows` rows.
    ///
    /// # Errors
    /// When the engine has no room.
    pub fn new(engine: &dyn Engine, network: &Network, rows: usize) -> Result<Self> {
        let settings = &network.settings;
        let boxed = match settings.obstacle {
            Obstacle::None => None,
            _ => Some(room::plain(engine, rows, settings.layers[settings.obstacle_after - 1])?),
        };
        Ok(Self { activities: room::activities(engine, network, rows)?, boxed })
    }

    /// What layer `index` reads: `bottom` if it is the first.
    pub fn input<'a>(&'a self, network: &Network, index: usize, bottom: Input<'a>) -> Input<'a> {
        read(&self.activities[..index], self.boxed.as_ref(), network, bottom)
    }

    /// Runs `rows` through layer `index`, whose input is there.
    pub fn forward_layer(
        &mut self,
        engine: &dyn Engine,
        network: &Network,
        index: usize,
        bottom: Input,
        rows: Range<usize>,
    ) {
        let (below, above) = self.activities.split_at_mut(index);
        let settings = &network.settings;
        if let Some(boxed) = self.boxed.as_mut().filter(|_| settings.obstacle_after == index) {
            engine.transform(settings.obstacle, settings.seed, &below[index - 1], rows.clone(), boxed);
        }
        let input = read(below, self.boxed.as_ref(), network, bottom);
        let layer = &network.layers[index];
        engine.forward(&input, layer, rows.clone(), &mut above[0]);
        if !layer.rule.is_plain() {
            engine.measure(layer.rule, rows, &mut above[0]);
        }
    }

    /// Runs `rows` up through all layers.
    pub fn forward(&mut self, engine: &dyn Engine, network: &Network, bottom: Input, rows: &Range<usize>) {
        for index in 0..self.activities.len() {
            self.forward_layer(engine, network, index, bottom, rows.clone());
        }
    }

    /// What the box between two layers made of those below it, if there is one.
    pub fn boxed(&self) -> Option<&Activity> {
        self.boxed.as_ref()
    }

    /// The layers that the softmax head reads.
    pub fn voters(&self, network: &Network) -> Vec<&Activity> {
        self.activities[network.settings.first_voter()..].iter().collect()
    }
}

/// What the layer above `below` reads.
fn read<'a>(below: &'a [Activity], boxed: Option<&'a Activity>, network: &Network, bottom: Input<'a>) -> Input<'a> {
    let Some(last) = below.last() else { return bottom };
    let rows = boxed.filter(|_| network.settings.obstacle_after == below.len()).unwrap_or(last);
    Input::Layer { rows, normalised: network.settings.reads_direction() }
}
