//! "No label reaches θ": how often the shipped network says so of digits, and how often of what is none.

use forward_forward::dataset::strokes::Strokes;
use forward_forward::drawing::{self, Point, Stroke};
use forward_forward::engine::random::uniform;
use forward_forward::model::Checkpoint;
use forward_forward::session::{Reading, Session};
use pollster::block_on;

/// A stroke along corners given in shares of the pad.
fn stroke(corners: &[[f32; 2]]) -> Stroke {
    let along = |pair: &[[f32; 2]]| -> Vec<Point> {
        let at = |axis: usize, t: f32| 240.0 * (pair[0][axis] + t * (pair[1][axis] - pair[0][axis]));
        (0..=12).map(|i| i as f32 / 12.0).map(|t| Point { x: at(0, t), y: at(1, t), pressure: 0.5 }).collect()
    };
    corners.windows(2).flat_map(along).collect()
}

/// Five to ten corners anywhere, joined by straight lines.
fn scribble(number: u32) -> Stroke {
    let corners = 5 + (6.0 * uniform(1, number, 0)) as u32;
    let place = |i: u32| 0.15 + 0.7 * uniform(2, number, i);
    stroke(&(0..corners).map(|i| [place(2 * i), place(2 * i + 1)]).collect::<Vec<_>>())
}

/// Two strokes that cross, each end up to a tenth of the pad from where it should be.
fn cross(number: u32) -> Vec<Stroke> {
    let off = |i: u32| 0.2 * (uniform(3, number, i) - 0.5);
    let line = |i: u32, [x0, y0]: [f32; 2], [x1, y1]: [f32; 2]| {
        stroke(&[[x0 + off(i), y0 + off(i + 1)], [x1 + off(i + 2), y1 + off(i + 3)]])
    };
    vec![line(0, [0.25, 0.2], [0.75, 0.8]), line(4, [0.75, 0.2], [0.25, 0.8])]
}

/// What the page says: no label reaches θ in every layer that votes.
fn unfamiliar(reading: &Reading, thresholds: &[f32]) -> bool {
    let reaches = |layers: &Vec<f32>| {
        let voting = layers.iter().zip(&reading.votes).zip(thresholds).filter(|((_, vote), _)| **vote != 0.0);
        voting.into_iter().all(|((goodness, _), threshold)| goodness >= threshold)
    };
    !reading.goodness.iter().any(reaches)
}

#[test]
fn few_digits_are_called_unfamiliar_and_most_of_what_is_none() {
    let checkpoint = Checkpoint::from_bytes("pretrained", &std::fs::read("assets/pretrained.safetensors").unwrap());
    let checkpoint = checkpoint.unwrap();
    let settings = checkpoint.settings.clone();
    let layers = settings.layers.iter().enumerate();
    let thresholds: Vec<f32> = layers.map(|(i, &units)| settings.threshold_of(i) * units as f32).collect();
    let mut session = Session::from_checkpoint(checkpoint).unwrap();
    let mut share = |pictures: Vec<Vec<u8>>| {
        let count = pictures.len() as f32;
        let said = pictures
            .into_iter()
            .filter(|picture| unfamiliar(&block_on(session.read_image(picture)).unwrap(), &thresholds));
        100.0 * said.count() as f32 / count
    };
    let prepared = |strokes: &[Stroke]| drawing::prepare(strokes, 22.0).unwrap().to_vec();
    let split = Strokes::new(1).test_split(0..1000);
    let digits = share((0..1000).map(|i| split.images.image(i).to_vec()).collect());
    let crosses = share((0..200).map(|i| prepared(&cross(i))).collect());
    let scribbles = share((0..200).map(|i| prepared(&[scribble(i)])).collect());
    println!(
        "unfamiliar: {digits:.1} % of 1,000 digits, {crosses:.1} % of 200 crosses, {scribbles:.1} % of 200 scribbles"
    );
    assert!(digits <= 8.0, "{digits} % of digits");
    assert!(crosses >= 40.0 && scribbles >= 40.0, "{crosses} % of crosses, {scribbles} % of scribbles");
}
