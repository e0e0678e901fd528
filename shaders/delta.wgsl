// δ of a layer whose rule is not the standard one, written out for update.wgsl: twin of `Direction::add` in cpu/update.rs.
//
//   δ[r, n] = coefficient[r, block of n]·slope(h[r, n]) + peer[n] on positive rows     h, δ: [R, N], coefficients: [R, K]
//
// Blocks hold whole vectors of units.

@group(0) @binding(1) var<storage, read> values: array<vec4f>;          // h
@group(0) @binding(2) var<storage, read> coefficients: array<f32>;
@group(0) @binding(3) var<storage, read> peer: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> delta: array<vec4f>;

fn slope(h: vec4f) -> vec4f {
    let through = select(vec4f(1.0), 1.0 - h * h, p.tanh == 1u);
    let on = select(select(vec4f(), vec4f(1.0), h > vec4f()), vec4f(1.0), p.tanh == 1u);
    return through * select(h, on, p.sums == 1u);
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.y >= p.rows || id.x >= p.columns {
        return;
    }
    let row = p.positive + id.y;
    let pitch = (p.blocks + 3u) / 4u * 4u;
    let block = 4u * id.x * p.blocks / p.units;
    let place = row * p.columns + id.x;
    let share = select(vec4f(), peer[id.x], id.y < p.batch);
    let d = coefficients[row * pitch + block] * slope(values[place]) + share;
    let inside = 4u * id.x + vec4u(0u, 1u, 2u, 3u) < vec4u(p.units);
    delta[place] = select(vec4f(), d, inside);
}
