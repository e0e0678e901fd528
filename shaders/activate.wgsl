// The second half of forward where units see windows: twin of `activate` in cpu/forward.rs. One workgroup a row.
//
//   h = φ(z + b), in the place of z     squares = Σ h²     [R, N]

@group(0) @binding(_) var<storage, read> bias: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> values: array<vec4f>;        // z, then h
@group(0) @binding(_) var<storage, read_write> squares: array<vec4f>;

//# include lanes

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = p.first_row + group.x;
    var total = 0.0;
    for (var column = lane; column < p.columns; column += LANES) {
        let h = activate(values[row * p.columns + column] + bias[column]);
        values[row * p.columns + column] = h;
        total += dot(h, h);
    }
    let sum_of_row = sum_of_lanes(total, lane);
    for (var i = lane; i < p.groups; i += LANES) {
        squares[row * p.groups + i] = select(vec4f(), vec4f(sum_of_row, 0.0, 0.0, 0.0), i == 0u);
    }
}
