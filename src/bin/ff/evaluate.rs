//! `ff evaluate`.

use crate::arguments::Evaluate;
use crate::data;
use crate::output::say;
use forward_forward::Result;
use forward_forward::dataset::Label;
use forward_forward::engine::{Engine, ImageBytes, cpu::Cpu};
use forward_forward::model::Network;
use forward_forward::training::{Evaluation, Evaluator};
use indicatif::ProgressBar;

/// Test pictures read at once.
const SLICE: usize = 100;

/// Measures as the command line says.
pub fn run(arguments: &Evaluate) -> Result<()> {
    let checkpoint = data::checkpoint(&arguments.checkpoint)?;
    let dataset = data::load(&arguments.data)?;
    checkpoint.reads(dataset.source.shape(), dataset.source.classes())?;
    let engine = Cpu;
    let network = Network::new(&engine, &checkpoint.settings, checkpoint.layers)?;
    let test = engine.dataset(&dataset.test.images)?;
    let bar = ProgressBar::new(dataset.test.len() as u64);
    let tested =
        pollster::block_on(measure(&engine, &network, &test, &dataset.test.labels, |done, _| bar.set_position(done)))?;
    bar.finish_and_clear();
    say!(
        "{}: layers {:?} after {} batches, {} test images of {}",
        arguments.checkpoint.display(),
        checkpoint.settings.layers,
        checkpoint.step,
        tested.images(),
        dataset.source.title()
    );
    say!("test error {}", said(&tested));
    say!("\nread as (columns) what is (rows):");
    say!("   {}", Label::all(dataset.source.classes()).map(|l| format!("{:>5}", l.value())).collect::<String>());
    let description = dataset.source.description();
    for ((truth, row), name) in tested.confusion.iter().enumerate().zip(description.classes()) {
        say!("{truth:>2} {}  {name}", row.iter().map(|n| format!("{n:>5}")).collect::<String>());
    }
    Ok(())
}

/// Both figures, where there are both.
pub fn said(tested: &Evaluation) -> String {
    let figure = |error: Option<f32>, how| error.map(|error| format!("{error:.2} % by {how}"));
    let figures = [figure(tested.goodness_error(), "goodness"), figure(tested.softmax_error(), "softmax")];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    if figures.is_empty() { "unknown: nothing in this net reads yet".to_owned() } else { figures.join(", ") }
}

/// Reads all test pictures; `look(done, of)` is told how far it is.
pub async fn measure(
    engine: &dyn Engine,
    network: &Network,
    test: &ImageBytes,
    labels: &[Label],
    look: impl Fn(u64, u64),
) -> Result<Evaluation> {
    let mut evaluator = Evaluator::new(engine, network, labels.len(), SLICE.min(labels.len().max(1)))?;
    while evaluator.advance(engine, network, test, labels).await? {
        look(evaluator.evaluation().images() as u64, labels.len() as u64);
    }
    Ok(evaluator.evaluation().clone())
}
