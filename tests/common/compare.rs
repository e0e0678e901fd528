//! When two engines agree.

/// Something a primitive left, by name.
pub type Outcome = (&'static str, Vec<f32>);

/// Largest relative error allowed between engines.
pub const TOLERANCE: f32 = 1e-4;

/// The largest difference between two lists of values, relative to each value, or to their root mean square where a
/// value is smaller than that: a sum of large terms that nearly cancel can be no more exact than its terms.
pub fn relative_error(ours: &[f32], theirs: &[f32]) -> f32 {
    if ours.len() != theirs.len() {
        return f32::INFINITY;
    }
    let squares: f64 = theirs.iter().map(|&v| f64::from(v).powi(2)).sum();
    let rms = (squares / theirs.len().max(1) as f64).sqrt() as f32;
    ours.iter().zip(theirs).fold(0.0, |worst, (a, b)| {
        let error = (a - b).abs() / b.abs().max(rms);
        // NaN must fail, and `max` would drop it; 0/0 is agreement.
        if a.to_bits() == b.to_bits() {
            worst
        } else if error.is_nan() {
            f32::INFINITY
        } else {
            worst.max(error)
        }
    })
}

/// Panics, naming the outcome, if engines disagree.
pub fn assert_same(ours: &[Outcome], theirs: &[Outcome], what: &str) {
    assert_within(TOLERANCE, ours, theirs, what);
}

/// As `assert_same`, with a tolerance of its own.
pub fn assert_within(tolerance: f32, ours: &[Outcome], theirs: &[Outcome], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    assert!(!ours.is_empty(), "{what} leaves something");
    for ((name, ours), (_, theirs)) in ours.iter().zip(theirs) {
        let error = relative_error(ours, theirs);
        assert!(error <= tolerance, "{what}: {name} differs by {error} of {} values", ours.len());
        assert!(theirs.iter().any(|&v| v != 0.0), "{what}: {name} is all zero, which any fault would be too");
    }
}

#[test]
fn a_planted_fault_is_found() {
    let right: Vec<f32> = (0..500).map(|i| (i as f32 * 0.7).sin()).collect();
    assert!(relative_error(&right, &right) <= 0.0);
    let planted = |change: fn(&mut Vec<f32>)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        relative_error(&wrong, &right)
    };
    assert!(planted(|v| v[17] += 2e-4) > TOLERANCE, "one value slightly off");
    assert!(planted(|v| v[499] = f32::NAN) > TOLERANCE, "not a number");
    assert!(planted(|v| v[0] = f32::INFINITY) > TOLERANCE, "infinite");
    assert!(planted(|v| v.swap(3, 4)) > TOLERANCE, "two values exchanged");
    assert!(planted(|v| v[400..].fill(0.0)) > TOLERANCE, "an end that was not computed");
    assert!(planted(|v| v.truncate(499)) > TOLERANCE, "one value too few");
    assert!(planted(|v| v.iter_mut().for_each(|v| *v *= 1.001)) > TOLERANCE, "a wrong factor");
    assert!(planted(|v| v.iter_mut().for_each(|v| *v *= 1.00001)) < TOLERANCE, "rounding is no fault");
}

#[test]
#[should_panic(expected = "h differs")]
fn a_planted_fault_fails_the_test() {
    assert_same(&[("h", vec![1.0, 2.0])], &[("h", vec![1.0, 2.001])], "a planted fault");
}
