// One layer's share of each label's goodness a unit: twin of cpu/classify.rs.
//
//   scores[i, c] (+)= goodness[first_row + c·pictures + i] / units     [R, 1] → [I, 10]

@group(0) @binding(1) var<storage, read> goodness: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    let label = id.y;
    if i >= p.pictures {
        return;
    }
    let share = goodness[p.first_row + label * p.pictures + i].x / f32(p.units);
    let before = select(0.0, scores[12u * i + label], p.accumulate == 1u);
    scores[12u * i + label] = before + share;
}
