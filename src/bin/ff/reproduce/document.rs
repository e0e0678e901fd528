//! `docs/EXPERIMENTS.md`: every result beside the published one, made from the results' file alone.

use super::results::Line;
use super::{negatives, rows};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Everything as Markdown.
pub fn markdown(lines: &[Line]) -> String {
    let mut text = "# The paper's experiments\n\n\
         Made by `ff reproduce --table` from the lines that `ff reproduce NAME` wrote. Test error on MNIST's 10,000 test\n\
         images, in percent; trained on its 60,000 training images. Rows that say CIFAR-10: likewise, on its 10,000 and 50,000.\n\n\
         | experiment | `ff reproduce` | epochs | seeds | goodness: mean (each) | softmax: mean (each) | published | images/s |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in rows() {
        // A shortened run is another experiment.
        let mut by_epochs: BTreeMap<(u64, Option<&str>), Vec<&Line>> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.row == row.name) {
            by_epochs.entry((line.epochs, line.note.as_deref())).or_default().push(line);
        }
        for ((epochs, note), lines) in by_epochs {
            let note = note.map_or_else(String::new, |note| format!(" ({note})"));
            let seeds: Vec<String> = lines.iter().map(|line| line.seed.to_string()).collect();
            let figure = |of: fn(&Line) -> Option<f32>| {
                let errors: Vec<f32> = lines.iter().filter_map(|line| of(line)).collect();
                if errors.is_empty() {
                    return "–".to_owned();
                }
                let mean = errors.iter().sum::<f32>() / errors.len() as f32;
                let each: Vec<String> = errors.iter().map(|error| format!("{error:.2}")).collect();
                format!("**{mean:.2}** ({})", each.join(", "))
            };
            let (images, seconds) =
                lines.iter().fold((0, 0.0), |(images, seconds), line| (images + line.images, seconds + line.seconds));
            writeln!(
                text,
                "| {}{note} | `{}` | {epochs} | {} | {} | {} | {} | {:.0} |",
                row.title,
                row.name,
                seeds.join(", "),
                figure(|line| line.goodness_error),
                figure(|line| line.softmax_error),
                row.published,
                images as f64 / f64::max(seconds, 1e-9),
            )
            .expect("a string has room");
        }
    }
    let mut made: Vec<String> = lines
        .iter()
        .map(|line| format!("- `{}` on {}, {} engine, commit {}", line.row, line.machine, line.engine, line.commit))
        .collect();
    made.sort();
    made.dedup();
    text += &negatives::markdown(lines);
    text + "\n## Where they ran\n\n" + &made.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::line;
    use super::*;

    #[test]
    fn the_table_has_means_and_each_seed() {
        let text = markdown(&[line("recurrent", 1, 1.5), line("recurrent", 2, 2.5)]);
        assert!(text.contains("| `recurrent` | 10 | 1, 2 | **2.00** (1.50, 2.50) | – |"), "{text}");
        assert!(text.contains("| 500 |"), "{text}");
        assert!(!text.contains("`backprop`"));
        let mut copies = line("cifar-minimise-2", 1, 50.0);
        copies.note = Some("JPEG copies".to_owned());
        let text = markdown(&[copies, line("cifar-minimise-2", 1, 40.0)]);
        let title = "| CIFAR-10, recurrent, 2 local layers that minimise";
        assert!(text.contains(&format!("{title} | `cifar-minimise-2` | 10 | 1 | **40.00** (40.00)")), "{text}");
        assert!(text.contains(&format!("{title} (JPEG copies) | `cifar-minimise-2` | 10 | 1 | **50.00**")), "{text}");
    }
}
