//! From the files in `shaders/` to the WGSL of one kernel: constants out of Rust, and loops over a tiling written out.
//!
//! A tiling keeps its sums in registers, and WGSL has no way to say "unroll" or to size an array in registers by a
//! pipeline constant. So the shaders hold directives, each on a line of its own:
//!
//! ```text
//! //# for r in ROWS   the lines up to its end, once for each r from 0 to ROWS − 1
//! //# if DEPTH        the lines up to its else or end, if DEPTH is not 0
//! //# unless DEPTH    … if it is 0
//! //# else
//! //# end
//! //# include NAME    the lines of shaders/NAME.wgsl
//! ```
//!
//! and `${r}`, `${ROWS}`, `${r/4}` or `${r%4}` stand for numbers. `@binding(_)` is the next binding from 1 on.

use super::parameters;
use crate::engine::{MEAN_SHARE, NEUTRAL, NORM_FLOOR, SINE_FROM, TABLE_TO, TABLE_VALUES, metric};
use std::collections::HashMap;
use std::fmt::Write;

/// Beside a pick, that no label code is to be written.
pub const NO_CODE: u8 = u8::MAX;

/// The numbers a template knows by name.
pub type Names = HashMap<String, u32>;

/// What every kernel begins with: the constants and parameters it shares with Rust, and `shaders/shared.wgsl`.
pub fn shared() -> String {
    let mut text = String::new();
    let mut whole = |name: &str, value: usize| writeln!(text, "const {name} = {value}u;").expect("a string has room");
    whole("NEUTRAL", usize::from(NEUTRAL));
    whole("NO_CODE", usize::from(NO_CODE));
    whole("TABLE_VALUES", TABLE_VALUES);
    whole("METRIC_ROWS", metric::ROWS);
    whole("METRIC_POSITIVE", metric::POSITIVE);
    whole("METRIC_NEGATIVE", metric::NEGATIVE);
    whole("METRIC_LOSS", metric::LOSS);
    whole("METRIC_SEPARATED", metric::SEPARATED);
    whole("METRIC_POSITIVE_HISTOGRAM", metric::POSITIVE_HISTOGRAM);
    whole("METRIC_NEGATIVE_HISTOGRAM", metric::NEGATIVE_HISTOGRAM);
    whole("METRIC_BINS", metric::BINS);
    let mut real =
        |name: &str, value: f32| writeln!(text, "const {name} = f32({value:e});").expect("a string has room");
    real("NORM_FLOOR", NORM_FLOOR);
    real("MEAN_SHARE", MEAN_SHARE);
    real("SINE_FROM", SINE_FROM);
    real("TABLE_TO", TABLE_TO);
    real("METRIC_FROM", metric::FROM);
    real("METRIC_TO", metric::TO);
    text + parameters::WGSL + file("shared")
}

/// A kernel's whole text.
pub fn kernel(template: &str, names: &Names) -> String {
    let mut text = shared();
    for file in [file("stored"), template] {
        whole(file, names, &mut text);
    }
    let mut parts = text.split("@binding(_)");
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for (part, number) in parts.zip(1..) {
        write!(numbered, "@binding({number}){part}").expect("a string has room");
    }
    numbered
}

/// Writes out a whole file.
fn whole(template: &str, names: &Names, text: &mut String) {
    let lines: Vec<&str> = template.lines().collect();
    let used = expand(&lines, names, text);
    assert_eq!(used, lines.len(), "a directive without beginning in a shader");
}

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));

/// The text of `shaders/NAME.wgsl`.
pub fn file(name: &str) -> &'static str {
    let found = SHADERS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("there is no shader {name}")).1
}

/// Writes lines out up to the `else` or `end` that closes this level; returns how many were used.
fn expand(lines: &[&str], names: &Names, text: &mut String) -> usize {
    let mut at = 0;
    while at < lines.len() {
        let Some(directive) = lines[at].trim_start().strip_prefix("//# ") else {
            text.push_str(&substitute(lines[at], names));
            text.push('\n');
            at += 1;
            continue;
        };
        match directive.split_whitespace().collect::<Vec<_>>()[..] {
            ["else" | "end"] => return at,
            ["include", name] => {
                whole(file(name), names, text);
                at += 1;
                continue;
            }
            [word @ ("if" | "unless"), name] => {
                let mut unused = String::new();
                let holds = (value(name, names) != 0) == (word == "if");
                at += 1;
                at += expand(&lines[at..], names, if holds { text } else { &mut unused });
                if lines[at].trim() == "//# else" {
                    at += 1;
                    at += expand(&lines[at..], names, if holds { &mut unused } else { text });
                }
            }
            ["for", name, "in", count] => {
                at += 1;
                // Once to nowhere: the body's length is to be known even where it is not written out at all.
                let mut inner = names.clone();
                inner.insert(name.to_owned(), 0);
                let body = expand(&lines[at..], &inner, &mut String::new());
                for i in 0..value(count, names) {
                    inner.insert(name.to_owned(), i);
                    expand(&lines[at..], &inner, text);
                }
                at += body;
            }
            _ => panic!("a shader holds the unknown directive {directive:?}"),
        }
        assert_eq!(lines.get(at).map(|l| l.trim()), Some("//# end"), "{directive:?} has no end");
        at += 1;
    }
    at
}

/// The number `name` stands for.
fn value(name: &str, names: &Names) -> u32 {
    let number = |name: &str| {
        name.parse()
            .ok()
            .or_else(|| names.get(name).copied())
            .unwrap_or_else(|| panic!("a shader names unknown {name}"))
    };
    if let Some((name, by)) = name.split_once('/') {
        number(name) / number(by)
    } else if let Some((name, by)) = name.split_once('%') {
        number(name) % number(by)
    } else {
        number(name)
    }
}

fn substitute(line: &str, names: &Names) -> String {
    let mut parts = line.split("${");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').expect("a shader's ${ has its }");
        write!(text, "{}{rest}", value(name, names)).expect("a string has room");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_written_out_and_branches_chosen() {
        let template = "a ${N}\n//# for i in 2\n//# for k in N\nb${i}_${k} ${k/2} ${k%2}\n//# end\n//# end\n//# if N\nyes\n//# else\nno\n//# end\n//# unless N\nnone\n//# else\nsome\n//# end\nz";
        let names = Names::from([("N".to_owned(), 3)]);
        let mut text = String::new();
        expand(&template.lines().collect::<Vec<_>>(), &names, &mut text);
        let expected = "a 3\nb0_0 0 0\nb0_1 0 1\nb0_2 1 0\nb1_0 0 0\nb1_1 0 1\nb1_2 1 0\nyes\nsome\nz\n";
        assert_eq!(text, expected);
    }

    #[test]
    #[should_panic(expected = "has no end")]
    fn an_open_loop_is_noticed() {
        kernel("//# for i in 2\nx", &Names::from([("HALF".to_owned(), 0)]));
    }
}
