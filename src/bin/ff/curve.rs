//! The CSV of a run's test error and losses: a line for each epoch that was measured.

use crate::data;
use forward_forward::training::{Evaluation, LayerReport};
use forward_forward::{Error, Result};
use std::fs::{File, OpenOptions};
use std::path::Path;

/// The curve of a run, or none, which takes everything and keeps nothing.
pub struct Curve {
    writer: Option<csv::Writer<File>>,
    file: String,
    columns: usize,
}

impl Curve {
    /// A new curve, or with `done` epochs the one there is: its rows up to that epoch stay, later ones will come again.
    pub fn open(path: Option<&Path>, layers: usize, done: Option<u64>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self { writer: None, file: String::new(), columns: 0 }) };
        let file = path.display().to_string();
        let problem = |e: csv::Error| Error::Io { file: file.clone(), problem: e.to_string() };
        let mut header: Vec<String> =
            ["epoch", "images_seen", "test_images", "goodness_error_percent", "softmax_error_percent"]
                .map(str::to_owned)
                .to_vec();
        for layer in 1..=layers {
            header.extend(
                ["loss", "positive_goodness", "negative_goodness", "separated"].map(|n| format!("{n}_{layer}")),
            );
        }
        let kept = match done {
            Some(done) if path.exists() => rows_up_to(path, &header, done)?,
            _ => vec![],
        };
        let columns = header.len();
        let mut whole = csv::Writer::from_writer(vec![]);
        whole.write_record(header).map_err(problem)?;
        for row in kept {
            whole.write_record(&row).map_err(problem)?;
        }
        // Beside and renamed: the rows of the run so far are never gone, whenever the power is.
        data::write(path, &whole.into_inner().expect("memory takes everything"))?;
        let append = OpenOptions::new().append(true).open(path);
        let append = append.map_err(|e| Error::Io { file: file.clone(), problem: e.to_string() })?;
        Ok(Self { writer: Some(csv::Writer::from_writer(append)), file, columns })
    }

    /// Adds a row, and returns when it is on the disk.
    pub fn write(&mut self, epoch: u64, images_seen: u64, tested: &Evaluation, layers: &[LayerReport]) -> Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let figure = |error: Option<f32>| error.map_or_else(String::new, |error| format!("{error:.2}"));
        let mut row = vec![
            epoch.to_string(),
            images_seen.to_string(),
            tested.images().to_string(),
            figure(tested.goodness_error()),
            figure(tested.softmax_error()),
        ];
        for l in layers {
            row.extend([l.loss, l.positive_goodness, l.negative_goodness, l.separated].map(|v| v.to_string()));
        }
        // Where layers do not learn, or have no goodness, there is nothing to say of them.
        row.resize(self.columns, String::new());
        let problem = |e: String| Error::Io { file: self.file.clone(), problem: e };
        writer.write_record(row).map_err(|e| problem(e.to_string()))?;
        writer.flush().and_then(|()| writer.get_ref().sync_data()).map_err(|e| problem(e.to_string()))
    }
}

/// The rows of the curve in `path` for epochs up to `done`.
fn rows_up_to(path: &Path, header: &[String], done: u64) -> Result<Vec<csv::StringRecord>> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| Error::Io { file: file.clone(), problem: e.to_string() })?;
    // What no line ends is a row that was cut short while it was written.
    let Some(end) = text.rfind('\n') else { return Ok(vec![]) };
    let problem = |e: csv::Error| Error::Io { file: file.clone(), problem: e.to_string() };
    let mut reader = csv::Reader::from_reader(&text.as_bytes()[..=end]);
    if reader.headers().map_err(problem)?.iter().ne(header) {
        let what = "is the curve of another network, so it cannot be gone on with; name another file";
        return Err(Error::data(&file, what));
    }
    let rows: Vec<_> = reader.records().collect::<std::result::Result<_, _>>().map_err(problem)?;
    let up_to = |row: &csv::StringRecord| row[0].parse().is_ok_and(|epoch: u64| epoch <= done);
    Ok(rows.into_iter().filter(up_to).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Curve {
        /// A curve that takes no row.
        pub fn on_a_full_disk() -> Self {
            let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
            Self { writer: Some(csv::Writer::from_writer(full)), file: "/dev/full".to_owned(), columns: 5 }
        }
    }

    #[test]
    fn a_row_cut_short_is_written_again_and_those_before_it_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv");
        let mut curve = Curve::open(Some(&path), 1, None).unwrap();
        for epoch in [1, 2] {
            curve.write(epoch, 10 * epoch, &Evaluation::empty(10), &[]).unwrap();
        }
        let whole = std::fs::read_to_string(&path).unwrap();
        assert_eq!(whole.lines().count(), 3);
        let [header, first, _] = whole.lines().collect::<Vec<_>>()[..] else { panic!("{whole}") };
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let mut curve = Curve::open(Some(&path), 1, Some(1)).unwrap();
            curve.write(2, 20, &Evaluation::empty(10), &[]).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            if length > header.len() + 1 + first.len() {
                assert_eq!(text, whole, "cut at {length}");
            } else {
                assert_eq!(text, whole.replacen(&format!("{first}\n"), "", 1), "cut at {length}");
            }
        }
    }
}
