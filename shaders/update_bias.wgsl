// The local rule on b (cpu/update.rs): no cost, and inputs of 1.
//
//   G = Σ_r coefficient_r·h[r, :] + batch·peer     h: [R, N]; GIVEN: Σ_r δ[r, :]
//   v ← μ·v + (1 − μ)/batch·G        b ← b + rate·v                        v, b: [1, N]

//# if GIVEN
@group(0) @binding(1) var<storage, read> values: array<vec4f>;          // δ
//# else
@group(0) @binding(1) var<storage, read> values: array<Stored>;         // h
//# end
@group(0) @binding(2) var<storage, read_write> velocity: array<vec4f>;  // v
@group(0) @binding(3) var<storage, read_write> bias: array<vec4f>;      // b
//# unless GIVEN
@group(0) @binding(4) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(5) var<storage, read> peer: array<vec4f>;
//# end

const LANES = 16u;
var<workgroup> partials: array<vec4f, 256>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
    var sum = vec4f();
    if id.x < p.columns {
        for (var row = p.positive + local.y; row < p.positive + p.rows; row += LANES) {
            //# if GIVEN
            sum += values[row * p.columns + id.x];
            //# else
            sum += coefficients[row].x * fetch(values[row * p.columns + id.x]);
            //# end
        }
    }
    let place = local.y * 16u + local.x;
    partials[place] = sum;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if local.y < half {
            partials[place] += partials[place + half * 16u];
        }
    }
    if local.y == 0u && id.x < p.columns {
        //# if GIVEN
        let gradient = partials[local.x];
        //# else
        let gradient = partials[local.x] + f32(p.batch) * peer[id.x];
        //# end
        let v = p.momentum * velocity[id.x] + (1.0 - p.momentum) / f32(p.batch) * gradient;
        velocity[id.x] = v;
        bias[id.x] += p.rate * v;
    }
}
