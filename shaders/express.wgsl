// The label on top as a layer's activity: twin of cpu/recurrent.rs.
//
//   values[r, :] = strength·one-hot(labels[r]), or 0 where neutral     squares[r] = Σ values²     → [R, C]

@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> values: array<Stored>;
@group(0) @binding(3) var<storage, read_write> squares: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= p.rows {
        return;
    }
    let row = p.first_row + id.x;
    let code = labels[row];
    for (var v = 0u; v < p.columns; v++) {
        let place = vec4u(0u, 1u, 2u, 3u) + 4u * v;
        values[p.columns * row + v] = keep(select(vec4f(), vec4f(p.strength), vec4u(code) == place));
    }
    squares[row] = vec4f(select(p.strength * p.strength, 0.0, code == NEUTRAL), 0.0, 0.0, 0.0);
}
