// The state after one step of the recurrent net: twin of cpu/recurrent.rs. One workgroup a row.
//
//   h* = relu(z + b)     h = (1 − d)·h* + d·s·previous     squares = Σ h²     gated = h where h* > 0, else 0     [R, N]
//
// s is 1, or the row scale of the state before where its direction alone is taken.

@group(0) @binding(_) var<storage, read> sum: array<vec4f>;                 // z
@group(0) @binding(_) var<storage, read> bias: array<vec4f>;
@group(0) @binding(_) var<storage, read> previous: array<vec4f>;
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> values: array<vec4f>;        // h
@group(0) @binding(_) var<storage, read_write> sums: array<vec4f>;           // Σ h²
@group(0) @binding(_) var<storage, read_write> gated: array<vec4f>;

//# include squares_of

//# include lanes

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = p.first_row + group.x;
    let kept = p.damping * reading_scale(squares_of(row), p.units);
    var total = 0.0;
    for (var column = lane; column < p.columns; column += LANES) {
        let place = row * p.columns + column;
        let z = sum[place] + bias[column];
        let h = (1.0 - p.damping) * relu(z) + kept * previous[place];
        values[place] = h;
        gated[place] = select(vec4f(), h, z > vec4f());
        total += dot(h, h);
    }
    let sum_of_row = sum_of_lanes(total, lane);
    for (var i = lane; i < p.groups; i += LANES) {
        sums[row * p.groups + i] = select(vec4f(), vec4f(sum_of_row, 0.0, 0.0, 0.0), i == 0u);
    }
}
