// One ascent step of one layer's part of the softmax head: twin of cpu/classify.rs. One invocation a unit.
//
//   G[n, :] = Σ_i s_i·h[i, n]·error[i, :]     h: [R, N], error: [B, 10]; s: row scale of h, or 1
//   v ← μ·v + (1 − μ)/batch·G        V ← V + rate·(v − c·V)          v, V: [N, 10]

@group(0) @binding(1) var<storage, read> values: array<f32>;                // h
@group(0) @binding(2) var<storage, read> squares: array<vec4f>;
@group(0) @binding(3) var<storage, read> error: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> velocity: array<vec4f>;      // v
@group(0) @binding(5) var<storage, read_write> head: array<vec4f>;          // V

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let n = id.x;
    if n >= p.units {
        return;
    }
    var gradient: array<vec4f, 3>;
    for (var i = 0u; i < p.batch; i++) {
        let x = reading_scale(squares[i].x, p.units) * values[i * 4u * p.columns + n];
        gradient[0] += x * error[3u * i];
        gradient[1] += x * error[3u * i + 1u];
        gradient[2] += x * error[3u * i + 2u];
    }
    for (var c = 0u; c < 3u; c++) {
        let v = p.momentum * velocity[3u * n + c] + (1.0 - p.momentum) / f32(p.batch) * gradient[c];
        let w = head[3u * n + c];
        velocity[3u * n + c] = v;
        head[3u * n + c] = w + p.rate * (v - p.weight_cost * w);
    }
}
