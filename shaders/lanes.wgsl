// Included by kernels of workgroups of LANES invocations: what they add up together. As many as a warp of hardware;
// software pays for each at every barrier.

const LANES = 32u;
var<workgroup> partials: array<f32, LANES>;

// Σ of what each brings, for all of them.
fn sum_of_lanes(value: f32, lane: u32) -> f32 {
    workgroupBarrier();
    partials[lane] = value;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partials[lane] += partials[lane + half];
        }
    }
    workgroupBarrier();
    return partials[0];
}
