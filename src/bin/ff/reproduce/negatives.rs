//! What hard negatives save (paper, section 3.3: a third of the epochs): test error over epochs for each way to choose wrong
//! labels, as a table and as a chart.

use super::results::Line;
use forward_forward::{Error, Result};
use plotters::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The rows of the results that are held against one another.
const KINDS: [(&str, &str); 4] = [
    ("supervised-hard", "hard, sampled from the head"),
    ("supervised-contrast", "hard, by accumulated goodness"),
    ("supervised-random", "random"),
    ("supervised-random-30", "random, three times as long"),
];

/// Test errors by goodness, in percent, that are asked after.
const ERRORS: [f32; 6] = [6.0, 4.0, 3.0, 2.5, 2.2, 2.0];

/// Test error by goodness after each epoch, the mean over a row's seeds; empty if nothing ran.
fn mean_curve(lines: &[Line], row: &str) -> Vec<(u64, f32)> {
    let runs: Vec<&Line> =
        lines.iter().filter(|line| line.row == row && line.scale.to_bits() == 1f64.to_bits()).collect();
    let mut epochs: BTreeMap<u64, Vec<f32>> = BTreeMap::new();
    for (epoch, goodness, _) in runs.iter().flat_map(|line| &line.curve) {
        epochs.entry(*epoch).or_default().extend(*goodness);
    }
    let all = epochs.into_iter().filter(|(_, errors)| errors.len() == runs.len());
    all.map(|(epoch, errors)| (epoch, errors.iter().sum::<f32>() / errors.len() as f32)).collect()
}

fn curves(lines: &[Line]) -> Vec<(&'static str, Vec<(u64, f32)>)> {
    let curves = KINDS.iter().map(|(row, name)| (*name, mean_curve(lines, row)));
    curves.filter(|(_, curve)| !curve.is_empty()).collect()
}

/// The epochs each way needs to an error, as Markdown; empty if there is nothing to compare.
pub fn markdown(lines: &[Line]) -> String {
    let curves = curves(lines);
    if curves.len() < 2 {
        return String::new();
    }
    let mut text = "\n## What hard negatives save\n\n\
         Epochs until the test error by goodness is down to the first column, the mean over the seeds above. Each run's rate\n\
         falls over the second half of its own epochs, and much of the error goes then.\n\n\
         ![Test error over epochs for each way to choose negatives](negatives.svg)\n\n| error |"
        .to_owned();
    for (name, curve) in &curves {
        write!(text, " {name} (of {}) |", curve.last().map_or(0, |last| last.0)).expect("a string has room");
    }
    text += "\n| --- |";
    text += &" --- |".repeat(curves.len());
    for error in ERRORS {
        write!(text, "\n| {error} % |").expect("a string has room");
        for (_, curve) in &curves {
            let reached = curve.iter().find(|(_, at)| *at <= error).map(|(epoch, _)| epoch.to_string());
            write!(text, " {} |", reached.unwrap_or_else(|| "–".to_owned())).expect("a string has room");
        }
    }
    text + "\n"
}

/// The chart, as SVG.
///
/// # Errors
/// If there is nothing to draw.
pub fn svg(lines: &[Line]) -> Result<String> {
    let curves = curves(lines);
    if curves.is_empty() {
        let names: Vec<&str> = KINDS.iter().map(|(row, _)| *row).collect();
        let expected = format!("reproduce {} first", names.join(", "));
        return Err(Error::setting("chart", "of no run", expected));
    }
    let mut text = String::new();
    draw(&curves, &mut text).map_err(|e| Error::setting("chart", "SVG", format!("it could not be drawn ({e})")))?;
    Ok(text)
}

/// Black and grey, told apart by their dashes: colours mean something else in this project.
fn draw(
    curves: &[(&str, Vec<(u64, f32)>)],
    text: &mut String,
) -> std::result::Result<(), DrawingAreaErrorKind<std::io::Error>> {
    let last = curves.iter().flat_map(|(_, curve)| curve).map(|(epoch, _)| *epoch).max().unwrap_or(1);
    let area = SVGBackend::with_string(text, (720, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(52)
        .build_cartesian_2d(0.5..last as f32 + 0.5, (1.5f32..12.0).log_scale())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("epochs")
        .y_desc("test error by goodness, %")
        .y_label_formatter(&|error| format!("{error:.1}"))
        .draw()?;
    let styles = [(BLACK, 1, 0), (BLACK, 8, 4), (RGBColor(110, 110, 110), 2, 3), (RGBColor(110, 110, 110), 8, 3)];
    for ((name, curve), (color, dash, gap)) in curves.iter().zip(styles) {
        let points = curve.iter().map(|(epoch, error)| (*epoch as f32, *error));
        let style = color.stroke_width(2);
        let legend = move |(x, y)| plotters::element::DashedPathElement::new([(x, y), (x + 32, y)], dash, gap, style);
        chart.draw_series(DashedLineSeries::new(points, dash, gap, style))?.label(*name).legend(legend);
    }
    chart.configure_series_labels().legend_area_size(40).background_style(WHITE).border_style(TRANSPARENT).draw()?;
    area.present()
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::line;
    use super::*;

    fn run(row: &str, seed: u32, errors: &[f32]) -> Line {
        let curve = errors.iter().zip(1..).map(|(error, epoch)| (epoch, Some(*error), None)).collect();
        Line { curve, ..line(row, seed, *errors.last().unwrap()) }
    }

    #[test]
    fn epochs_to_an_error_are_those_of_the_mean_curve() {
        let lines = [
            run("supervised-hard", 1, &[5.0, 2.0]),
            run("supervised-hard", 2, &[7.5, 2.9]),
            run("supervised-random", 1, &[9.0, 7.0, 2.99]),
        ];
        let text = markdown(&lines);
        assert!(text.contains("| hard, sampled from the head (of 2) | random (of 3) |"), "{text}");
        // 6.25 after one epoch and 2.45 after two, against 7.0 after two and 2.99 after three.
        assert!(text.contains("\n| 6 % | 2 | 3 |\n| 4 % | 2 | 3 |\n| 3 % | 2 | 3 |\n| 2.5 % | 2 | – |"), "{text}");
        assert_eq!(markdown(&lines[..2]), "");
    }

    #[test]
    fn the_chart_draws_what_ran_and_refuses_nothing() {
        let svg_of_one = svg(&[run("supervised-random", 1, &[9.0, 7.0])]).unwrap();
        assert!(svg_of_one.starts_with("<svg") && svg_of_one.contains("random") && !svg_of_one.contains("goodness<"));
        assert!(svg(&[]).unwrap_err().to_string().contains("supervised-contrast"));
    }
}
