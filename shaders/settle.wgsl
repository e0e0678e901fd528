// From a layer's pre-activation to its activities: with PREVIOUS after one step of the recurrent net, twin of cpu/recurrent.rs; else
// where units see windows, twin of `activate` in cpu/forward.rs. One workgroup a row.
//
//   h = φ(z + b)     squares = Σ h²     [R, N]
//   PREVIOUS: h* = relu(z + b)     h = (1 − d)·h* + d·s·previous     gated = h where h* > 0, else 0
//
// s is 1, or the row scale of the state before where its direction alone is taken.

@group(0) @binding(_) var<storage, read> sum: array<vec4f>;                 // z
@group(0) @binding(_) var<storage, read> bias: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> values: array<Stored>;       // h
@group(0) @binding(_) var<storage, read_write> sums: array<vec4f>;          // Σ h²
//# if PREVIOUS
@group(0) @binding(_) var<storage, read> previous: array<Stored>;
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> gated: array<Stored>;
//# include squares_of
//# end
//# include lanes

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = p.first_row + group.x;
    //# if PREVIOUS
    let kept = p.damping * reading_scale(squares_of(row), p.units);
    //# end
    var total = 0.0;
    for (var column = lane; column < p.columns; column += LANES) {
        let place = row * p.columns + column;
        let z = sum[place] + bias[column];
        //# if PREVIOUS
        let h = (1.0 - p.damping) * relu(z) + kept * fetch(previous[place]);
        gated[place] = keep(select(vec4f(), h, z > vec4f()));
        //# else
        let h = activate(z);
        //# end
        values[place] = keep(h);
        total += dot(h, h);
    }
    let sum_of_row = sum_of_lanes(total, lane);
    for (var i = lane; i < p.groups; i += LANES) {
        sums[row * p.groups + i] = select(vec4f(), vec4f(sum_of_row, 0.0, 0.0, 0.0), i == 0u);
    }
}
