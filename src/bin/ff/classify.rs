//! `ff classify`: pictures from files.

use crate::arguments::Classify;
use crate::output::{self, say};
use crate::{data, picture};
use forward_forward::Result;
use forward_forward::dataset::registry::Files;
use forward_forward::dataset::source::DataSource;
use forward_forward::dataset::{Images, Label, Shape};
use forward_forward::engine::{Engine, Pick, cpu::Cpu};
use forward_forward::model::{Checkpoint, Ends, Network};
use forward_forward::recipe::{Opinion, Reader};
use std::path::Path;

/// Reads each picture and says why.
pub fn run(arguments: &Classify) -> Result<()> {
    let checkpoint = data::checkpoint(&arguments.checkpoint)?;
    let shape = shape_of(&checkpoint)?;
    let source = checkpoint.data.clone().map_or_else(|| DataSource::usual("strokes"), Ok)?;
    let prepare = if source.kind.files == Some(Files::Pictures) { picture::filed } else { picture::prepared };
    let names = source.description();
    let engine = Cpu;
    let network = Network::new(&engine, &checkpoint.settings, checkpoint.layers)?;
    let mut reader = Reader::new(&engine, &network, 1)?;
    for path in &arguments.pictures {
        if output::is_over() {
            break;
        }
        let images = engine.dataset(&Images::new(shape, prepare(path, shape)?)?)?;
        let opinions = pollster::block_on(reader.read(&engine, &network, &images, &[Pick::default()]))?;
        print(path, &opinions[0], names.classes());
    }
    Ok(())
}

/// The pictures that a checkpoint's network reads.
fn shape_of(checkpoint: &Checkpoint) -> Result<Shape> {
    let reads_digits = || checkpoint.reads(Shape::MNIST, Ends::of(&checkpoint.layers).classes);
    checkpoint.shape().map_or_else(|| reads_digits().map(|()| Shape::MNIST), Ok)
}

fn print(path: &Path, opinion: &Opinion, names: &[String]) {
    let name = |label: Label| names[usize::from(label.value())].clone();
    let said = |label: Option<Label>| label.map_or_else(|| "nothing".to_owned(), name);
    let (by_goodness, by_softmax) = (said(opinion.by_goodness()), said(opinion.by_softmax()));
    say!("{}: {by_goodness} by goodness, {by_softmax} by softmax", path.display());
    let (Some(totals), Some(winner)) = (opinion.totals(), opinion.by_goodness()) else { return };
    let layers = opinion.goodness[0].len();
    let heads: String = (1..=layers).map(|l| format!("{:>10}", format!("layer {l}"))).collect();
    say!("  {:>10}{heads}{:>10}", "label", "in all");
    for label in Label::all(names.len()) {
        let row = &opinion.goodness[usize::from(label.value())];
        let cells: String = row.iter().map(|g| format!("{g:>10.1}")).collect();
        let mark = if label == winner { "  ◀" } else { "" };
        say!("  {:>10}{cells}{:>10.1}{mark}", name(label), totals[usize::from(label.value())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use forward_forward::model::{Parameters, RecipeKind, Settings};

    #[test]
    fn a_network_tells_by_its_inputs_what_it_reads() {
        let shape = |pixels| {
            let settings = Settings { layers: vec![10], ..Settings::recommended(RecipeKind::Backprop) };
            shape_of(&Checkpoint::beginning(
                settings.clone(),
                Parameters::random(&settings, Ends { inputs: pixels, classes: 10 }),
            ))
        };
        assert_eq!((shape(784), shape(3072)), (Ok(Shape::MNIST), Ok(Shape::CIFAR)));
        assert!(shape(100).unwrap_err().to_string().contains("a first layer of 100 inputs"));
    }
}
