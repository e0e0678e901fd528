//! `ff classify`: pictures from files.

use crate::arguments::Classify;
use crate::data;
use forward_forward::dataset::{Images, Label, Shape};
use forward_forward::drawing;
use forward_forward::engine::{Engine, Pick, cpu::Cpu};
use forward_forward::model::Network;
use forward_forward::recipe::{Opinion, Reader};
use forward_forward::{Error, Result};
use std::path::Path;

/// Reads each picture and says why.
pub fn run(arguments: &Classify) -> Result<()> {
    let checkpoint = data::checkpoint(&arguments.checkpoint)?;
    checkpoint.reads(Shape::MNIST.pixels())?;
    let engine = Cpu;
    let network = Network::new(&engine, &checkpoint.settings, &checkpoint.layers)?;
    let mut reader = Reader::new(&engine, &network, 1)?;
    for path in &arguments.pictures {
        let image = prepared(path)?;
        let images = engine.dataset(&Images::new(Shape::MNIST, image.to_vec())?)?;
        let opinions = pollster::block_on(reader.read(&engine, &network, &images, &[Pick::default()]))?;
        print(path, &opinions[0]);
    }
    Ok(())
}

/// The picture as MNIST would hold it.
fn prepared(path: &Path) -> Result<drawing::Image> {
    let file = path.display().to_string();
    let picture = image::open(path).map_err(|e| Error::data(&file, format!("is not a readable PNG or JPEG ({e})")))?;
    let grey = picture.to_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    drawing::from_picture(grey.as_raw(), width, height)
        .ok_or_else(|| Error::data(&file, "shows nothing but an even ground; expected one digit on it"))
}

fn print(path: &Path, opinion: &Opinion) {
    let said = |label: Option<Label>| label.map_or_else(|| "nothing".to_owned(), |label| label.value().to_string());
    let (by_goodness, by_softmax) = (said(opinion.by_goodness()), said(opinion.by_softmax()));
    println!("{}: {by_goodness} by goodness, {by_softmax} by softmax", path.display());
    let (Some(totals), Some(winner)) = (opinion.totals(), opinion.by_goodness()) else { return };
    let layers = opinion.goodness[0].len();
    let heads: String = (1..=layers).map(|l| format!("{:>10}", format!("layer {l}"))).collect();
    println!("  label{heads}{:>10}", "in all");
    for label in Label::all() {
        let row = &opinion.goodness[usize::from(label.value())];
        let cells: String = row.iter().map(|g| format!("{g:>10.1}")).collect();
        let mark = if label == winner { "  ◀" } else { "" };
        println!("  {:>5}{cells}{:>10.1}{mark}", label.value(), totals[usize::from(label.value())]);
    }
}
