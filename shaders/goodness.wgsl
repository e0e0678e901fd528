// The second half of forward: a row's goodness from what each group of columns left.
//
//   goodness[first_row + i] = Σ_g partials[g·R + i]     → [R, 1]

@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> goodness: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= p.rows {
        return;
    }
    var sum = 0.0;
    for (var g = 0u; g < p.groups; g++) {
        sum += partials[g * p.rows + i];
    }
    goodness[p.first_row + i] = vec4f(sum, 0.0, 0.0, 0.0);
}
