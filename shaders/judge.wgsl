// From goodness to what each row asks of its layer: twin of cpu/judge.rs. One workgroup, after mean.wgsl.
//
//   coefficients = ±(1 − p) on positive rows, ∓p on negative ones; p = σ(±(g − θ/K)/T)    [R, K]
//   peer = λ (mean(m) − m)                                                            [1, N]
//   metrics += sums over the rows, as `metric` in engine/mod.rs lays them out

@group(0) @binding(1) var<storage, read> goodness: array<f32>;     // [R, K]
@group(0) @binding(2) var<storage, read> mean: array<f32>;                      // m
@group(0) @binding(3) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(4) var<storage, read_write> peer: array<f32>;
@group(0) @binding(5) var<storage, read_write> metrics: array<f32>;

const LANES = 256u;
// Goodness of positives and of negatives, loss, pairs told apart.
var<workgroup> sums: array<vec4f, LANES>;
var<workgroup> mean_sums: array<f32, LANES>;
var<workgroup> histograms: array<atomic<u32>, 2u * METRIC_BINS>;

fn sigmoid(logit: f32) -> f32 {
    let e = exp(-abs(logit));
    return select(e, 1.0, logit >= 0.0) / (1.0 + e);
}

fn softplus(x: f32) -> f32 {
    return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}

// The bin of g in a histogram over octaves above the threshold.
fn bin(g: f32) -> u32 {
    let octaves = log2(max(g, 1.17549435e-38) / p.threshold);
    let place = (octaves - METRIC_FROM) / (METRIC_TO - METRIC_FROM) * f32(METRIC_BINS);
    return u32(clamp(place, 0.0, f32(METRIC_BINS) - 1.0));
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
    if lane < 2u * METRIC_BINS {
        atomicStore(&histograms[lane], 0u);
    }
    workgroupBarrier();
    let pitch = (p.blocks + 3u) / 4u * 4u;
    let threshold = p.threshold / f32(p.blocks);
    var sum = vec4f();
    for (var i = lane; i < p.batch; i += LANES) {
        var g_positive = 0.0;
        var g_negative = 0.0;
        var loss = 0.0;
        for (var k = 0u; k < p.blocks; k++) {
            let positive = (p.positive + i) * pitch + k;
            let negative = (p.negative + i) * pitch + k;
            let logit_positive = p.sign * (goodness[positive] - threshold) / p.temperature;
            let logit_negative = p.sign * (goodness[negative] - threshold) / p.temperature;
            coefficients[positive] = p.sign * sigmoid(-logit_positive);
            coefficients[negative] = -p.sign * sigmoid(logit_negative);
            g_positive += goodness[positive];
            g_negative += goodness[negative];
            loss += softplus(-logit_positive) + softplus(logit_negative);
        }
        let apart = p.sign * g_positive > p.sign * g_negative;
        sum += vec4f(g_positive, g_negative, loss, select(0.0, 1.0, apart));
        atomicAdd(&histograms[bin(g_positive)], 1u);
        atomicAdd(&histograms[METRIC_BINS + bin(g_negative)], 1u);
    }
    var mean_sum = 0.0;
    for (var j = lane; j < p.units; j += LANES) {
        mean_sum += mean[j];
    }
    sums[lane] = sum;
    mean_sums[lane] = mean_sum;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            sums[lane] += sums[lane + half];
            mean_sums[lane] += mean_sums[lane + half];
        }
    }
    workgroupBarrier();
    let average = mean_sums[0] / f32(p.units);
    for (var j = lane; j < p.units; j += LANES) {
        peer[j] = p.peer * (average - mean[j]);
    }
    if lane < METRIC_BINS {
        metrics[METRIC_POSITIVE_HISTOGRAM + lane] += f32(atomicLoad(&histograms[lane]));
        metrics[METRIC_NEGATIVE_HISTOGRAM + lane] += f32(atomicLoad(&histograms[METRIC_BINS + lane]));
    }
    if lane == 0u {
        metrics[METRIC_ROWS] += f32(p.batch);
        metrics[METRIC_POSITIVE] += sums[0].x;
        metrics[METRIC_NEGATIVE] += sums[0].y;
        metrics[METRIC_LOSS] += sums[0].z;
        metrics[METRIC_SEPARATED] += sums[0].w;
    }
}
