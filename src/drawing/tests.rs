use proptest::prelude::*;

use super::*;

fn stroke(points: &[(f32, f32)]) -> Stroke {
    points.iter().map(|&(x, y)| Point { x, y, pressure: 0.5 }).collect()
}

/// A two of many points, about 60 wide and 100 high.
fn two() -> Vec<Stroke> {
    let bow = (0..60).map(|i| {
        let angle = (-170.0 + 4.0 * i as f32).to_radians();
        (30.0 + 28.0 * angle.cos(), 28.0 + 28.0 * angle.sin())
    });
    let foot = [(25.0, 75.0), (2.0, 100.0), (30.0, 97.0), (62.0, 99.0)];
    vec![stroke(&bow.chain(foot).collect::<Vec<_>>())]
}

fn moved(strokes: &[Stroke], scale: f32, x: f32, y: f32) -> Vec<Stroke> {
    let move_point = |point: &Point| Point { x: point.x * scale + x, y: point.y * scale + y, ..*point };
    strokes.iter().map(|stroke| stroke.iter().map(move_point).collect()).collect()
}

fn ink(image: &Image) -> f32 {
    image.iter().map(|&level| f32::from(level)).sum::<f32>() / 255.0
}

/// Mean difference a pixel of ink, 0 for equal and about 2 for pictures that share nothing.
fn difference(a: &Image, b: &Image) -> f32 {
    let apart: u32 = a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
    apart as f32 / 255.0 / ink(a)
}

/// Rows and columns between the first and the last pixel of ink.
fn size(image: &Image) -> (usize, usize) {
    let side = Shape::MNIST.width;
    let used = |inked: &dyn Fn(usize) -> bool| {
        let first = (0..side).find(|&i| inked(i)).unwrap();
        (0..side).rfind(|&i| inked(i)).unwrap() - first + 1
    };
    let rows = used(&|row| image[row * side..(row + 1) * side].iter().any(|&level| level > 0));
    let columns = used(&|column| image.iter().skip(column).step_by(side).any(|&level| level > 0));
    (rows, columns)
}

/// Column and row of the centre of mass.
fn centre(image: &Image) -> (f32, f32) {
    let side = Shape::MNIST.width;
    let moment = |of: &dyn Fn(usize) -> usize| -> f32 {
        image.iter().enumerate().map(|(i, &level)| f32::from(level) / 255.0 * of(i) as f32).sum::<f32>() / ink(image)
    };
    (moment(&|i| i % side), moment(&|i| i / side))
}

#[test]
fn place_and_size_do_not_matter() {
    let image = prepare(&two(), 8.0).unwrap();
    for (scale, x, y) in [(1.0, 217.3, -41.9), (2.5, 0.0, 0.0), (10.0, 1e4, -3e3)] {
        let other = prepare(&moved(&two(), scale, x, y), 8.0 * scale).unwrap();
        assert!(difference(&image, &other) < 0.02, "×{scale}: {}", difference(&image, &other));
    }
}

#[test]
fn pen_width_matters_only_within_mnist() {
    let drawings = [0.01, 1.0, 8.0, 40.0, 90.0].map(|pen| prepare(&two(), pen).unwrap());
    for pair in drawings.windows(2) {
        assert!(ink(&pair[0]) <= ink(&pair[1]), "a wider pen leaves no less ink");
    }
    let inks = drawings.map(|image| ink(&image));
    assert!(inks.iter().all(|ink| (90.0..160.0).contains(ink)), "MNIST's twos hold 117 ± 30: {inks:?}");
    for scale in [0.1, 10.0] {
        let other = prepare(&moved(&two(), scale, 5.0, 5.0), 8.0).unwrap();
        assert!(difference(&drawings[2], &other) < 0.5);
    }
}

#[test]
fn fits_the_box_centred_by_mass() {
    let squeezed: Vec<Stroke> =
        two().into_iter().map(|s| s.into_iter().map(|p| Point { x: p.x * 3.0, ..p }).collect()).collect();
    for strokes in [two(), squeezed, vec![stroke(&[(0.0, 0.0), (7.0, 90.0)]), stroke(&[(1.0, 50.0)])]] {
        let image = prepare(&strokes, 8.0).unwrap();
        let (rows, columns) = size(&image);
        assert_eq!(rows.max(columns), BOX);
        let (x, y) = centre(&image);
        assert!((x - 14.0).abs() <= 0.5 && (y - 14.0).abs() <= 0.5, "centre of mass at {x}, {y}");
    }
}

#[test]
fn a_lone_line_keeps_its_width() {
    let image = prepare(&[stroke(&[(100.0, 40.0), (100.4, 140.0), (101.0, 210.0)])], 10.0).unwrap();
    let (rows, columns) = size(&image);
    assert_eq!(rows, BOX);
    assert!(columns <= 4, "{columns} columns");
}

#[test]
fn a_dot_stays_a_dot() {
    for strokes in [vec![stroke(&[(50.0, 50.0)])], vec![stroke(&[(50.0, 50.0), (50.2, 50.1), (50.0, 50.3)])]] {
        let (rows, columns) = size(&prepare(&strokes, 12.0).unwrap());
        assert!(rows <= 5 && columns <= 5, "{rows}×{columns}");
    }
}

#[test]
fn nothing_drawn_is_no_image() {
    let nowhere = Point { x: f32::NAN, y: 0.0, pressure: 0.5 };
    let infinite = Point { x: 0.0, y: f32::NEG_INFINITY, pressure: 0.5 };
    for strokes in [vec![], vec![vec![]], vec![vec![nowhere], vec![infinite, nowhere]]] {
        assert_eq!(prepare(&strokes, 8.0), None);
    }
}

#[test]
fn points_that_are_not_finite_are_passed_over() {
    let image = prepare(&two(), 8.0).unwrap();
    let mut damaged = two();
    damaged[0].insert(7, Point { x: f32::NAN, y: 3.0, pressure: 0.5 });
    damaged.push(vec![Point { x: 1.0, y: f32::INFINITY, pressure: 0.1 }]);
    assert_eq!(prepare(&damaged, 8.0), Some(image));
}

#[test]
fn pressure_is_relative_to_the_drawing() {
    let mut pressed = two();
    pressed[0].iter_mut().for_each(|point| point.pressure = 1.0);
    assert_eq!(prepare(&pressed, 8.0), prepare(&two(), 8.0), "some screens always report full pressure");
    let count = pressed[0].len();
    for point in &mut pressed[0][..count / 2] {
        point.pressure = 0.2;
    }
    assert_ne!(prepare(&pressed, 8.0), prepare(&two(), 8.0));
}

proptest! {
    #[test]
    fn any_drawing_is_answered(
        strokes in prop::collection::vec(
            prop::collection::vec((any::<f32>(), any::<f32>(), any::<f32>()), 0..8), 0..4),
        pen: f32,
    ) {
        let strokes: Vec<Stroke> = strokes
            .into_iter()
            .map(|s| s.into_iter().map(|(x, y, pressure)| Point { x, y, pressure }).collect())
            .collect();
        let drawn = strokes.iter().flatten().any(|point| point.x.is_finite() && point.y.is_finite());
        let image = prepare(&strokes, pen);
        prop_assert_eq!(image.is_some(), drawn);
        if let Some(image) = image {
            prop_assert!(ink(&image) > 1.0, "a drawing leaves ink");
            let (rows, columns) = size(&image);
            prop_assert!(rows <= BOX && columns <= BOX);
        }
    }

    #[test]
    fn every_ordinary_drawing_fills_the_box(
        points in prop::collection::vec((0_f32..300.0, 0_f32..300.0, 0_f32..1.0), 3..40), pen in 1_f32..30.0,
    ) {
        let drawing = vec![points.into_iter().map(|(x, y, pressure)| Point { x, y, pressure }).collect::<Stroke>()];
        let frame = Frame::of(&drawing).unwrap();
        prop_assume!(frame.extent > 60.0);
        let (rows, columns) = size(&prepare(&drawing, pen).unwrap());
        prop_assert!((BOX - 1..=BOX).contains(&rows.max(columns)), "{}×{}", rows, columns);
    }
}
