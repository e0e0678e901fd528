//! `ff train --profile`: where a step's time goes.

use forward_forward::Result;
use forward_forward::engine::{Engine, Identity, Spent};
use pollster::block_on;

/// Batches that are watched, if an epoch has as many.
const STEPS: u64 = 100;

/// How far that has come.
pub enum Profile {
    /// Asked for.
    Wanted,
    /// Watched up to this batch.
    Until(u64),
    /// Told, or not asked for, or not to be had.
    Over,
}

impl Profile {
    /// Nothing was watched yet, if that is `wanted`.
    pub fn new(wanted: bool) -> Self {
        if wanted { Self::Wanted } else { Self::Over }
    }

    /// Watches what `engine` learns after batch `step`, unless it is over; what is to be said if the engine cannot tell.
    pub fn begin(&mut self, engine: &dyn Engine, step: u64) -> Result<Option<String>> {
        if matches!(self, Self::Over) {
            return Ok(None);
        }
        if engine.watch()? {
            *self = Self::Until(step + STEPS);
            return Ok(None);
        }
        *self = Self::Over;
        let Identity { kind, name } = engine.identity();
        Ok(Some(format!("--profile: the {kind} engine, {name}, has no timestamps; where its time goes cannot be said")))
    }

    /// After batch `step`, which may be the `last` before something else is done: what is to be said, when all was watched.
    pub fn told(&mut self, engine: &dyn Engine, step: u64, last: bool) -> Result<Option<String>> {
        match *self {
            Self::Until(until) if last || step >= until => {
                *self = Self::Over;
                Ok(Some(table(&block_on(engine.spent())?)))
            }
            _ => Ok(None),
        }
    }
}

/// A line for each program, with its share of the whole.
fn table(spent: &[Spent]) -> String {
    let dispatches: u64 = spent.iter().map(|s| s.times).sum();
    let whole: f64 = spent.iter().map(|s| s.milliseconds).sum();
    let mut lines = vec![format!("{dispatches} dispatches took {whole:.1} ms, by the device's own timestamps:")];
    for Spent { what, times, milliseconds } in spent {
        // A device may round all of it to nothing.
        let (share, each) = (100.0 * milliseconds / whole.max(f64::MIN_POSITIVE), milliseconds / *times as f64);
        lines.push(format!("{share:5.1} %  {what:<17} {times:5} × {each:.3} ms"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use forward_forward::engine::cpu::Cpu;

    #[test]
    fn an_engine_without_timestamps_says_so_once() {
        let mut profile = Profile::new(true);
        let said = profile.begin(&Cpu, 0).unwrap().expect("a sentence");
        assert!(said.contains("the cpu engine") && said.contains("no timestamps"), "{said}");
        assert_eq!(profile.begin(&Cpu, 5).unwrap(), None);
        assert_eq!(profile.told(&Cpu, 500, true).unwrap(), None);
        assert_eq!(Profile::new(false).begin(&Cpu, 0).unwrap(), None);
    }

    #[test]
    fn shares_are_of_the_whole_and_nothing_has_none() {
        let spent = |milliseconds| Spent { what: "update".to_owned(), times: 4, milliseconds };
        let lines = table(&[spent(3.0), Spent { what: "forward".to_owned(), ..spent(1.0) }]);
        let expected = "8 dispatches took 4.0 ms, by the device's own timestamps:\n \
                        75.0 %  update                4 × 0.750 ms\n \
                        25.0 %  forward               4 × 0.250 ms";
        assert_eq!(lines, expected);
        assert!(table(&[spent(0.0)]).ends_with("\n  0.0 %  update                4 × 0.000 ms"));
    }
}
