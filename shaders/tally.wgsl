// One layer's share of each label's goodness a unit: twin of cpu/classify.rs.
//
//   scores[i, c] (+)= ±Σ_k goodness[first_row + c·pictures + i, k] / units     [R, K] → [I, C]

@group(0) @binding(_) var<storage, read> goodness: array<f32>;
@group(0) @binding(_) var<storage, read_write> scores: array<f32>;

//# include goodness_of

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    let label = id.y;
    if i >= p.pictures {
        return;
    }
    let row = p.first_row + label * p.pictures + i;
    var sum = 0.0;
    for (var k = 0u; k < p.blocks; k++) {
        sum += goodness_of(row, k);
    }
    let share = p.sign * sum / f32(p.units);
    let before = select(0.0, scores[4u * p.columns * i + label], p.accumulate == 1u);
    scores[4u * p.columns * i + label] = before + share;
}
