// The first half of judge: the running mean activity of positive images (cpu/judge.rs).
//
//   m ← (1 − MEAN_SHARE)·m + MEAN_SHARE·mean over the positive rows of h     h: [R, N] → m: [1, N]

@group(0) @binding(1) var<storage, read> values: array<vec4f>;      // h
@group(0) @binding(2) var<storage, read_write> mean: array<vec4f>;  // m

const LANES = 16u;
var<workgroup> partials: array<vec4f, 256>;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
    var sum = vec4f();
    if id.x < p.columns {
        for (var i = local.y; i < p.batch; i += LANES) {
            sum += values[(p.positive + i) * p.columns + id.x];
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
        mean[id.x] = (1.0 - MEAN_SHARE) * mean[id.x] + MEAN_SHARE * partials[local.x] / f32(p.batch);
    }
}
