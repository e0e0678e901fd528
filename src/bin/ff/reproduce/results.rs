//! The results' file: a line of JSON for each run that came to its end.

use super::io;
use forward_forward::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::Path;

/// Test error after an epoch, in percent: the epoch, by goodness, by softmax.
pub type Point = (u64, Option<f32>, Option<f32>);

/// What came of one run: a line of the results' file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    pub row: String,
    pub seed: u32,
    pub scale: f64,
    pub epochs: u64,
    pub goodness_error: Option<f32>,
    pub softmax_error: Option<f32>,
    /// Learned from in the run's last session, and how long that took.
    pub images: u64,
    pub seconds: f64,
    pub engine: String,
    pub machine: String,
    pub commit: String,
    /// What is special about the data, to be said wherever the figure stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Test errors on the way.
    #[serde(default)]
    pub curve: Vec<Point>,
}

/// What was written so far. A last line that was cut short while it was written is none, and its run is made again.
pub fn read_lines(path: &Path) -> Result<Vec<Line>> {
    if !path.exists() {
        return Ok(vec![]);
    }
    let text = std::fs::read_to_string(path).map_err(|e| io(path, &e))?;
    let line = |(i, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|e| Error::data(path.display().to_string(), format!("line {} is not a result ({e})", i + 1)))
    };
    let (whole, _) = whole_lines(&text);
    whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}

/// The lines of a results' file, without a last one that nothing ends and that is no result; and whether all of them end.
fn whole_lines(text: &str) -> (&str, bool) {
    let (whole, last) = text.split_at(text.rfind('\n').map_or(0, |end| end + 1));
    let cut_short = serde_json::from_str::<Line>(last).is_err();
    if cut_short { (whole, true) } else { (text, false) }
}

/// Adds a line, and returns when it is on the disk.
pub fn append(path: &Path, line: &Line) -> Result<()> {
    let before = if path.exists() { std::fs::read_to_string(path).map_err(|e| io(path, &e))? } else { String::new() };
    let (whole, ends) = whole_lines(&before);
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(|e| io(path, &e))?;
    let text = serde_json::to_string(line).expect("plain values");
    let text = format!("{}{text}\n", if ends { "" } else { "\n" });
    file.set_len(whole.len() as u64)
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all())
        .map_err(|e| io(path, &e))
}

/// The test errors of a run's curve.
pub fn curve_points(path: &Path) -> Result<Vec<Point>> {
    let wrong = |problem: String| Error::data(path.display().to_string(), problem);
    let mut reader = csv::Reader::from_path(path).map_err(|e| wrong(format!("cannot be read ({e})")))?;
    let point = |row: csv::StringRecord| {
        let epoch = row.get(0).and_then(|epoch| epoch.parse().ok());
        let figure = |column| row.get(column).and_then(|figure: &str| figure.parse().ok());
        Some((epoch?, figure(3), figure(4)))
    };
    let rows = reader.records().map(|row| {
        let row = row.map_err(|e| wrong(format!("is not a curve ({e})")))?;
        point(row).ok_or_else(|| wrong("has a row without an epoch".to_owned()))
    });
    rows.collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A run of 10 epochs that ended at this error.
    pub fn line(row: &str, seed: u32, goodness: f32) -> Line {
        Line {
            row: row.to_owned(),
            seed,
            scale: 1.0,
            epochs: 10,
            goodness_error: Some(goodness),
            softmax_error: None,
            images: 1000,
            seconds: 2.0,
            engine: "cpu".to_owned(),
            machine: "a machine".to_owned(),
            commit: "abc".to_owned(),
            note: None,
            curve: vec![],
        }
    }

    #[test]
    fn a_damaged_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        append(&path, &line("jitter", 1, 1.0)).unwrap();
        assert_eq!(read_lines(&path).unwrap().len(), 1);
        std::fs::write(&path, "not JSON\n").unwrap();
        assert!(read_lines(&path).unwrap_err().to_string().contains("line 1 is not a result"));
    }

    #[test]
    fn a_line_cut_short_is_written_again_and_those_before_it_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        append(&path, &line("jitter", 1, 1.0)).unwrap();
        let first = std::fs::metadata(&path).unwrap().len() as usize;
        append(&path, &line("jitter", 2, 1.0)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in first..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            // All that the last line lacks is its end.
            let all = length + 1 == whole.len();
            assert_eq!(read_lines(&path).unwrap().len(), if all { 2 } else { 1 }, "cut at {length}");
            append(&path, &line("jitter", if all { 3 } else { 2 }, 1.0)).unwrap();
            let seeds: Vec<u32> = read_lines(&path).unwrap().iter().map(|line| line.seed).collect();
            assert_eq!(seeds, if all { vec![1, 2, 3] } else { vec![1, 2] }, "cut at {length}");
        }
    }
}
