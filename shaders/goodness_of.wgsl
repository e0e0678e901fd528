// Included by kernels with a binding `goodness`: that of block k of a row, [R, K], or where p.parts > 0 the row's sum of
// squares, kept in parts.
fn goodness_of(row: u32, k: u32) -> f32 {
    if p.parts == 0u {
        return goodness[row * ((p.blocks + 3u) / 4u * 4u) + k];
    }
    var sum = 0.0;
    for (var i = 4u * p.parts * row; i < 4u * p.parts * (row + 1u); i += 4u) {
        sum += goodness[i] + goodness[i + 1u] + goodness[i + 2u] + goodness[i + 3u];
    }
    return sum;
}
