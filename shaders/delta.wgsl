// δ of a layer whose rule is not the standard one, written out for update.wgsl: twin of `Direction::add` in cpu/update.rs.
//
//   δ[r, n] = coefficient[r, block of n]·slope(h[r, n]) + peer[n] on positive rows     h, δ: [R, N], coefficients: [R, K]
//
// Blocks hold whole vectors of units.

@group(0) @binding(_) var<storage, read> values: array<Stored>;         // h
@group(0) @binding(_) var<storage, read> coefficients: array<f32>;
@group(0) @binding(_) var<storage, read> peer: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> delta: array<vec4f>;

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
    let d = coefficients[row * pitch + block] * slope(fetch(values[place])) + share;
    delta[place] = inside(id.x, d);
}
