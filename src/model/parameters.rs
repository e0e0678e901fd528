//! The numbers of each layer in plain memory, and how they are drawn.

use crate::dataset::Shape;
use crate::engine::Wiring;
use crate::error::{Error, Result};
use crate::model::{LabelPlace, Settings};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// The two ends of a network: the inputs of its first layer, and the classes that it tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Inputs of the first layer.
    pub inputs: usize,
    /// Classes of the softmax head, and of the label at the bottom or on top.
    pub classes: usize,
}

impl Ends {
    /// The ends of a network of `settings` for pictures of `shape` in `classes` classes.
    ///
    /// Where the label is in the picture, it takes the place of the first pixels as long as it covers no more than a row and a
    /// half. A longer label has inputs of its own before the picture.
    pub fn new(settings: &Settings, shape: Shape, classes: usize) -> Self {
        let in_front = settings.recipe.entry().label == LabelPlace::Picture && 2 * classes > 3 * shape.width;
        Self { inputs: shape.pixels() + if in_front { classes } else { 0 }, classes }
    }

    /// The ends of these layers: the softmax head reads at least the last.
    pub fn of(layers: &[Parameters]) -> Self {
        let inputs = layers.first().map_or(0, |first| first.inputs);
        Self { inputs, classes: layers.last().map_or(0, Parameters::classes) }
    }
}

/// One layer's numbers in plain memory: what a checkpoint holds and what moves between engines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameters {
    /// Inputs `D`.
    pub inputs: usize,
    /// Units `N`.
    pub units: usize,
    /// How it hears the layer below, and the one above or the label on top.
    pub wiring: [Wiring; 2],
    /// `W: [D, N]`, row-major; under local wiring `[N, F]`, see [`crate::engine::Local`].
    pub weight: Vec<f32>,
    /// `b: [N]`.
    pub bias: Vec<f32>,
    /// Momentum of `W`.
    pub weight_velocity: Vec<f32>,
    /// `V: [M, N]` from the layer above, or from the label on top; empty but in the recurrent net.
    pub above_weight: Vec<f32>,
    /// Momentum of `V`.
    pub above_velocity: Vec<f32>,
    /// Momentum of `b`.
    pub bias_velocity: Vec<f32>,
    /// Running mean activity `m: [N]`.
    pub mean_activity: Vec<f32>,
    /// The head's weights on this layer, `[N, C]` for `C` classes; empty for layers that the head does not read.
    pub head_weight: Vec<f32>,
    /// Their momentum.
    pub head_velocity: Vec<f32>,
}

/// What a running mean activity starts from, so that no unit counts as lazy before it was seen.
const MEAN_ACTIVITY_AT_START: f32 = 0.5;

impl Parameters {
    /// A layer as it begins: `weight` drawn, everything else at rest. `classes` is how many the softmax head tells apart, 0 if
    /// it does not read the layer.
    pub fn fresh(inputs: usize, units: usize, weight: Vec<f32>, classes: usize) -> Self {
        let head = units * classes;
        Self {
            inputs,
            units,
            wiring: [Wiring::Dense; 2],
            weight_velocity: vec![0.0; weight.len()],
            weight,
            bias: vec![0.0; units],
            above_weight: vec![],
            above_velocity: vec![],
            bias_velocity: vec![0.0; units],
            mean_activity: vec![MEAN_ACTIVITY_AT_START; units],
            head_weight: vec![0.0; head],
            head_velocity: vec![0.0; head],
        }
    }

    /// Whether a network of `settings` can have these `ends`, and whether there is memory for it: for drawing
    /// it, and for an engine to which it then moves layer by layer.
    ///
    /// # Errors
    /// [`Error::Setting`] if its windows do not lie on the picture's grid; [`Error::Memory`] with how much it would be.
    pub fn fit(settings: &Settings, ends: Ends) -> Result<()> {
        // Weights and velocities, and of a layer once more while it moves; into what one leaves, only what is no larger can move.
        let mut wanted = vec![];
        let mut left = [0; 2];
        for weights in Self::weights(settings, ends)? {
            for (weights, left) in weights.into_iter().zip(&mut left) {
                wanted.extend([weights; 2]);
                if weights > *left {
                    wanted.extend([weights; 2]);
                    *left = weights;
                }
            }
        }
        // In pieces as they will be needed, for the gaps of other sizes that earlier networks left.
        let mut room: Vec<Vec<f32>> = vec![];
        for &size in &wanted {
            let mut piece = vec![];
            // A vector that cannot grow says so; one that is made at its size ends the process.
            if piece.try_reserve_exact(size).is_err() {
                let mebibytes = (size_of::<f32>() * wanted.iter().sum::<usize>()) >> 20;
                return Err(Error::Memory { what: "a network of this size".to_owned(), mebibytes });
            }
            room.push(piece);
        }
        Ok(())
    }

    /// How many weights each layer of `settings` has from below, and in the recurrent net from above.
    fn weights(settings: &Settings, Ends { inputs, classes }: Ends) -> Result<Vec<[usize; 2]>> {
        let recurrent = settings.recipe.entry().steps;
        let count = |wiring: Wiring, heard: usize, units: usize| wiring.shape(heard, units).into_iter().product();
        let mut below = inputs;
        let mut weights = vec![];
        for (i, [from_below, from_above]) in settings.wirings(inputs)?.into_iter().enumerate() {
            let units = settings.layers[i];
            let above = settings.layers.get(i + 1).copied().unwrap_or(classes);
            weights
                .push([count(from_below, below, units), if recurrent { count(from_above, above, units) } else { 0 }]);
            below = units;
        }
        Ok(weights)
    }

    /// Layers of `settings` between these ends, drawn with the settings' seed: from N(0, 1/D), for backprop from
    /// N(0, 2/D), where nothing keeps the activities at their size but that. Weights from above are drawn after all others.
    ///
    /// Where units see windows, `D` is what a window holds; and as the windows of two layers are added up there, each is drawn
    /// from N(0, 1/2D).
    ///
    /// # Panics
    /// If [`Parameters::fit`] says that windows do not fit the pictures.
    pub fn random(settings: &Settings, ends: Ends) -> Vec<Self> {
        let Ends { inputs, classes } = ends;
        let wirings = settings.wirings(inputs).expect("whoever draws a network has asked whether it fits");
        let mut generator = ChaCha8Rng::seed_from_u64(u64::from(settings.seed));
        let mut drawn = |wiring: Wiring, inputs: usize, units: usize, variance: f32| -> Vec<f32> {
            let mut draw = || -> f32 { StandardNormal.sample(&mut generator) };
            let deviation = 1.0 / (wiring.fan_in(inputs) as f32).sqrt() * variance.sqrt();
            let [rows, columns] = wiring.shape(inputs, units);
            let mut weight: Vec<f32> = (0..rows * columns).map(|_| deviation * draw()).collect();
            if let Wiring::Local(local) = wiring {
                // Beyond the edges there is nothing to hear.
                for (unit, weights) in weight.chunks_exact_mut(columns).enumerate() {
                    let beyond = |&(place, _): &(usize, &mut f32)| local.seen(unit, place).is_none();
                    weights.iter_mut().enumerate().filter(beyond).for_each(|(_, weight)| *weight = 0.0);
                }
            }
            weight
        };
        let local = settings.window > 0;
        let entry = settings.recipe.entry();
        let variance = match entry.goodness {
            false => 2.0,
            true if entry.steps && local => 0.5,
            true => 1.0,
        };
        let widths: Vec<usize> = std::iter::once(inputs).chain(settings.layers.iter().copied()).collect();
        let mut layers: Vec<Self> = widths
            .windows(2)
            .zip(&wirings)
            .enumerate()
            .map(|(i, (pair, &wiring))| {
                let (inputs, units) = (pair[0], pair[1]);
                let weight = drawn(wiring[0], inputs, units, variance);
                Self {
                    wiring,
                    ..Self::fresh(inputs, units, weight, if i >= settings.first_voter() { classes } else { 0 })
                }
            })
            .collect();
        if entry.steps {
            for i in 0..layers.len() {
                let above = layers.get(i + 1).map_or(classes, |layer| layer.units);
                let units = layers[i].units;
                let weight = drawn(layers[i].wiring[1], above, units, variance);
                layers[i].above_velocity = vec![0.0; weight.len()];
                layers[i].above_weight = weight;
            }
        }
        if let Some(mask) = region_mask(settings, ends) {
            layers[0].weight.iter_mut().zip(mask).for_each(|(w, m)| *w *= m);
        }
        layers
    }

    /// Inputs from above, `M`; none where nothing comes from there.
    pub fn above_inputs(&self) -> usize {
        match self.wiring[1] {
            Wiring::Dense => self.above_weight.len() / self.units.max(1),
            Wiring::Local(local) => local.sides()[0],
        }
    }

    /// Classes of the head's part for this layer; 0 if the head does not read it.
    pub fn classes(&self) -> usize {
        self.head_weight.len() / self.units.max(1)
    }

    /// Every tensor with its name in a checkpoint and its shape; empty ones are those the layer does not have.
    pub fn tensors(&self) -> [(&'static str, &[f32], [usize; 2]); 9] {
        let head = [self.units, self.classes()];
        let below = self.wiring[0].shape(self.inputs, self.units);
        let above = self.wiring[1].shape(self.above_inputs(), self.units);
        [
            ("weight", &self.weight, below),
            ("bias", &self.bias, [1, self.units]),
            ("weight_velocity", &self.weight_velocity, below),
            ("bias_velocity", &self.bias_velocity, [1, self.units]),
            ("mean_activity", &self.mean_activity, [1, self.units]),
            ("above_weight", &self.above_weight, above),
            ("above_velocity", &self.above_velocity, above),
            ("head_weight", &self.head_weight, head),
            ("head_velocity", &self.head_velocity, head),
        ]
    }
}

/// `[D, N]`, 1 where the first layer's blocks see the picture and 0 elsewhere, if each block has a region of its own.
///
/// Blocks lie on a grid of ⌈√K⌉ columns; a region is its cell of the picture and half a cell more on each side, and the label's
/// inputs, which every block sees.
pub fn region_mask(settings: &Settings, ends: Ends) -> Option<Vec<f32>> {
    let rule = settings.layer_rule(0);
    if !rule.regions || ends != Ends::new(settings, Shape::MNIST, ends.classes) {
        return None;
    }
    let Ends { inputs, classes } = ends;
    let front = inputs - Shape::MNIST.pixels();
    let (units, blocks) = (settings.layers[0], rule.blocks);
    let columns = (1..=blocks).find(|c| c * c >= blocks).unwrap_or(1);
    let rows = blocks.div_ceil(columns);
    let within = |place: usize, size: usize, cell: usize, cells: usize| {
        let width = size as f32 / cells as f32;
        let middle = (cell as f32 + 0.5) * width;
        (place as f32 + 0.5 - middle).abs() <= width
    };
    let Shape { width, height, .. } = Shape::MNIST;
    let sees = |input: usize, block: usize| {
        if input < classes {
            return true;
        }
        let pixel = input - front;
        within(pixel % width, width, block % columns, columns) && within(pixel / width, height, block / columns, rows)
    };
    let block = |unit: usize| unit / (units / blocks);
    Some((0..inputs * units).map(|i| f32::from(u8::from(sees(i / units, block(i % units))))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RecipeKind;

    #[test]
    fn what_a_network_is_asked_room_for_is_what_it_draws() {
        let pictures = [Shape::MNIST, Shape::CIFAR];
        let digits = |recipe| Settings { layers: vec![30, 20, 50], ..Settings::recommended(recipe) };
        let all = [
            (digits(RecipeKind::Supervised), pictures[0]),
            (digits(RecipeKind::Recurrent), pictures[0]),
            (digits(RecipeKind::Recurrent), pictures[1]),
            (Settings::recommended(RecipeKind::LocalMin), pictures[1]),
            (Settings::recommended(RecipeKind::LocalBackprop), pictures[1]),
        ];
        for (settings, shape) in all {
            let ends = Ends::new(&settings, shape, 10);
            let drawn = Parameters::random(&settings, ends);
            let drawn: Vec<_> = drawn.iter().map(|layer| [layer.weight.len(), layer.above_weight.len()]).collect();
            assert_eq!(Parameters::weights(&settings, ends), Ok(drawn), "{settings:?}");
        }
    }

    #[test]
    fn a_network_that_no_memory_holds_is_refused_with_how_much_it_would_take() {
        // More bytes than a process has addresses for.
        let settings = Settings { layers: vec![3072], ..Settings::default() };
        let Err(Error::Memory { mebibytes, .. }) =
            Parameters::fit(&settings, Ends { inputs: usize::MAX >> 22, classes: 10 })
        else {
            panic!("room for that is nowhere");
        };
        assert!(mebibytes > 1 << 30, "{mebibytes} MiB");
        assert_eq!(Parameters::fit(&settings, Ends { inputs: 784, classes: 10 }), Ok(()));
    }
}
