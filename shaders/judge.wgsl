// From goodness to what each row asks of its layer, and with BIAS what the biases make of it: twin of cpu/judge.rs and of
// update_bias in cpu/update.rs. One workgroup.
//
//   coefficients = ±(1 − p) on positive rows, ∓p on negative ones; p = σ(±(g − θ/K)/T)    [R, K]
//   m ← (1 − MEAN_SHARE)·m + MEAN_SHARE·mean over the positive rows of h                  h: [R, N] → m: [1, N]
//   peer = λ (mean(m) − m)                                                                [1, N]
//   metrics += sums over the rows, as `metric` in engine/mod.rs lays them out
//   BIAS: v ← μ·v + (1 − μ)/batch·Σ_r δ[r, :], b ← b + rate·v; δ as in delta.wgsl         v, b: [1, N]

@group(0) @binding(_) var<storage, read> values: array<Stored>;                 // h
@group(0) @binding(_) var<storage, read> goodness: array<f32>;                  // [R, K], or sums of squares in parts
@group(0) @binding(_) var<storage, read_write> mean: array<vec4f>;              // m
@group(0) @binding(_) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(_) var<storage, read_write> peer: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> metrics: array<f32>;
//# if BIAS
@group(0) @binding(_) var<storage, read_write> velocity: array<vec4f>;          // v
@group(0) @binding(_) var<storage, read_write> bias: array<vec4f>;              // b
//# end
//# include goodness_of

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
        var g = vec2f();
        var loss = 0.0;
        for (var k = 0u; k < p.blocks; k++) {
            let here = vec2f(goodness_of(p.positive + i, k), goodness_of(p.negative + i, k));
            let logits = p.sign * (here - threshold) / p.temperature;
            coefficients[(p.positive + i) * pitch + k] = p.sign * sigmoid(-logits.x);
            coefficients[(p.negative + i) * pitch + k] = -p.sign * sigmoid(logits.y);
            g += here;
            loss += softplus(-logits.x) + softplus(logits.y);
        }
        sum += vec4f(g, loss, select(0.0, 1.0, p.sign * g.x > p.sign * g.y));
        atomicAdd(&histograms[bin(g.x)], 1u);
        atomicAdd(&histograms[METRIC_BINS + bin(g.y)], 1u);
    }
    // The coefficients are read below by other invocations.
    storageBarrier();
    workgroupBarrier();

    let share = (1.0 - p.momentum) / f32(p.batch);
    var mean_sum = 0.0;
    for (var column = lane; column < p.columns; column += LANES) {
        var total = vec4f();
        //# if BIAS
        var gradient = vec4f();
        let block = 4u * column * p.blocks / p.units;
        //# end
        for (var first = 0u; first < p.batch; first += 8u) {
            // Loaded together: one workgroup has nothing else to do while it waits.
            //# for r in 8
            let i_${r} = min(first + ${r}u, p.batch - 1u);
            let h_${r} = fetch(values[(p.positive + i_${r}) * p.columns + column]);
            //# if BIAS
            let other_${r} = fetch(values[(p.negative + i_${r}) * p.columns + column]);
            let upper_${r} = coefficients[(p.positive + i_${r}) * pitch + block];
            let lower_${r} = coefficients[(p.negative + i_${r}) * pitch + block];
            //# end
            //# end
            //# for r in 8
            let counts_${r} = select(0.0, 1.0, first + ${r}u < p.batch);
            total += counts_${r} * h_${r};
            //# if BIAS
            gradient += counts_${r} * (upper_${r} * slope(h_${r}) + lower_${r} * slope(other_${r}));
            //# end
            //# end
        }
        let m = (1.0 - MEAN_SHARE) * mean[column] + MEAN_SHARE * total / f32(p.batch);
        mean[column] = m;
        mean_sum += m.x + m.y + m.z + m.w;
        //# if BIAS
        // What the peer term adds is known when all means are.
        velocity[column] = inside(column, p.momentum * velocity[column] + share * gradient);
        //# end
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
    for (var column = lane; column < p.columns; column += LANES) {
        let term = inside(column, p.peer * (average - mean[column]));
        peer[column] = term;
        //# if BIAS
        let v = velocity[column] + (1.0 - p.momentum) * term;
        velocity[column] = v;
        bias[column] += p.rate * v;
        //# end
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
