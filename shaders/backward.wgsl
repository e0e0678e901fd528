// What the backprop baseline sends down: twin of cpu/backward.rs. An invocation computes one vector of one row.
//
//   output[r, d] = φ'(h[r, d])·Σ_n δ[r, n]·W[d, n]     δ: [R, N], W: [D, N], h, output: [R, D]

@group(0) @binding(1) var<storage, read> delta: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;          // W
@group(0) @binding(3) var<storage, read> values: array<Stored>;         // h
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.y >= p.rows || id.x >= p.columns {
        return;
    }
    let row = p.first_row + id.y;
    var sum = vec4f();
    for (var n = 0u; n < p.inner; n++) {
        let d = delta[row * p.inner + n];
        // W has whole vectors of rows, the last of them zero.
        for (var c = 0u; c < 4u; c++) {
            sum[c] += dot(d, weight[(4u * id.x + c) * p.inner + n]);
        }
    }
    let h = fetch(values[row * p.columns + id.x]);
    let slope = select(select(vec4f(), vec4f(1.0), h > vec4f()), 1.0 - h * h, p.tanh == 1u);
    let inside = 4u * id.x + vec4u(0u, 1u, 2u, 3u) < vec4u(p.units);
    output[row * p.columns + id.x] = select(vec4f(), sum * slope, inside);
}
