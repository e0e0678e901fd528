//! `ff classify`: pictures from files.

use crate::arguments::Classify;
use crate::data;
use crate::output::{self, say};
use forward_forward::dataset::{Images, LABELS, Label, Shape, class_names};
use forward_forward::drawing;
use forward_forward::engine::{Engine, Pick, cpu::Cpu};
use forward_forward::model::{Checkpoint, Network};
use forward_forward::recipe::{Opinion, Reader};
use forward_forward::{Error, Result};
use image::imageops::FilterType;
use std::path::Path;

/// Reads each picture and says why.
pub fn run(arguments: &Classify) -> Result<()> {
    let checkpoint = data::checkpoint(&arguments.checkpoint)?;
    let shape = shape_of(&checkpoint)?;
    let names = checkpoint.data.as_ref().and_then(|source| class_names(&source.name));
    let engine = Cpu;
    let network = Network::new(&engine, &checkpoint.settings, checkpoint.layers)?;
    let mut reader = Reader::new(&engine, &network, 1)?;
    for path in &arguments.pictures {
        if output::is_over() {
            break;
        }
        let images = engine.dataset(&Images::new(shape, prepared(path, shape)?)?)?;
        let opinions = pollster::block_on(reader.read(&engine, &network, &images, &[Pick::default()]))?;
        print(path, &opinions[0], names.as_ref());
    }
    Ok(())
}

/// The pictures that a checkpoint's network reads.
fn shape_of(checkpoint: &Checkpoint) -> Result<Shape> {
    let inputs = checkpoint.layers.first().map_or(0, |layer| layer.inputs);
    match Shape::find(|shape| shape.pixels() == inputs) {
        Some(shape) => Ok(shape),
        None => checkpoint.reads(Shape::MNIST.pixels()).map(|()| Shape::MNIST),
    }
}

/// The picture as the network's data set would hold it: a digit as MNIST's are, or the middle of a photograph, shrunk.
fn prepared(path: &Path, shape: Shape) -> Result<Vec<u8>> {
    let file = path.display().to_string();
    let picture = image::open(path).map_err(|e| Error::data(&file, format!("is not a readable PNG or JPEG ({e})")))?;
    if shape.channels == 3 {
        let (width, height) = (shape.width as u32, shape.height as u32);
        return Ok(picture.resize_to_fill(width, height, FilterType::Triangle).to_rgb8().into_raw());
    }
    let grey = picture.to_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    drawing::from_picture(grey.as_raw(), width, height)
        .map(|image| image.to_vec())
        .ok_or_else(|| Error::data(&file, "shows nothing but an even ground; expected one digit on it"))
}

fn print(path: &Path, opinion: &Opinion, names: Option<&[&str; LABELS]>) {
    let name = |label: Label| match names {
        Some(names) => names[usize::from(label.value())].to_owned(),
        None => label.value().to_string(),
    };
    let said = |label: Option<Label>| label.map_or_else(|| "nothing".to_owned(), name);
    let (by_goodness, by_softmax) = (said(opinion.by_goodness()), said(opinion.by_softmax()));
    say!("{}: {by_goodness} by goodness, {by_softmax} by softmax", path.display());
    let (Some(totals), Some(winner)) = (opinion.totals(), opinion.by_goodness()) else { return };
    let layers = opinion.goodness[0].len();
    let heads: String = (1..=layers).map(|l| format!("{:>10}", format!("layer {l}"))).collect();
    say!("  {:>10}{heads}{:>10}", "label", "in all");
    for label in Label::all() {
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
    fn a_photograph_is_cut_to_its_middle_and_shrunk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.png");
        // A blue square with red on both sides, which are cut off.
        let colour = |x: u32| if (20..84).contains(&x) { [0, 0, 250] } else { [250, 0, 0] };
        image::RgbImage::from_fn(104, 64, |x, _| image::Rgb(colour(x))).save(&path).unwrap();
        let bytes = prepared(&path, Shape::CIFAR).unwrap();
        assert_eq!(bytes.len(), Shape::CIFAR.pixels());
        // It is shrunk before it is cut, so at the cut a little red comes in.
        let middle = |place: &usize| (1..31).contains(&(place % 32));
        assert!((0..1024).filter(middle).all(|place| bytes[3 * place..3 * place + 3] == [0, 0, 250]));
        assert!(bytes.chunks_exact(3).all(|pixel| pixel[2] > pixel[0]));
        assert_eq!(prepared(&path, Shape::MNIST).map(|bytes| bytes.len()), Ok(784));
    }

    #[test]
    fn a_network_tells_by_its_inputs_what_it_reads() {
        let shape = |pixels| {
            let settings = Settings { layers: vec![10], ..Settings::recommended(RecipeKind::Backprop) };
            shape_of(&Checkpoint::beginning(settings.clone(), Parameters::random(&settings, pixels)))
        };
        assert_eq!((shape(784), shape(3072)), (Ok(Shape::MNIST), Ok(Shape::CIFAR)));
        assert!(shape(100).unwrap_err().to_string().contains("a first layer of 100 inputs"));
    }
}
