// The local rule on the first ten rows of W, whose inputs are the label pixels (cpu/update.rs). After update.wgsl, which
// saw blank pixels there: momentum and cost are already in v and W, this adds the gradient.
//
//   G[l, n] = Σ_r label_r(l)·(factor_r.x·h[r, n] + factor_r.y·peer[n])     label_r(l): 1 or 0, or 0.1 where neutral
//   v += (1 − μ)/batch·G        W += rate·(1 − μ)/batch·G                  v, W: [10, N]

@group(0) @binding(1) var<storage, read> values: array<vec4f>;          // h
@group(0) @binding(2) var<storage, read> factors: array<vec2f>;
@group(0) @binding(3) var<storage, read> peer: array<vec4f>;
@group(0) @binding(4) var<storage, read> labels: array<u32>;
@group(0) @binding(5) var<storage, read_write> velocity: array<vec4f>;  // v
@group(0) @binding(6) var<storage, read_write> weight: array<vec4f>;    // W

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let column = id.x;
    let label = id.y;
    if column >= p.columns {
        return;
    }
    var sum = vec4f();
    for (var i = 0u; i < 2u * p.batch; i++) {
        let row = p.positive + i;
        let code = labels[row];
        if code == label || code == NEUTRAL {
            let strength = select(1.0, NEUTRAL_STRENGTH, code == NEUTRAL);
            let delta = factors[i].x * values[row * p.columns + column] + factors[i].y * peer[column];
            sum += strength * delta;
        }
    }
    let step = (1.0 - p.momentum) / f32(p.batch) * sum;
    velocity[label * p.columns + column] += step;
    weight[label * p.columns + column] += p.rate * step;
}
