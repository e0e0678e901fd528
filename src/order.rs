//! Order by size.

/// The places of `values`, largest value first; equal ones keep their order. Whoever sorts by a number uses this: a sort for
/// another type of element adds 6 KB to the page's core.
pub fn largest_first(values: &[f32]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    places
}
