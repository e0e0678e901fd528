// The softmax head: twin of cpu/classify.rs. One workgroup a row; PARTS of the layers it reads at a time.
//
//   logits[i, :] (+)= Σ_l s_l·(h_l[i, :]·V_l)                  h: [R, N], V: [N, C] → [B, C]; s: row scale of h, or 1
//   TEACHES, and p.proposes: labels[negative + i] ~ softmax(logits[i, :] without labels[positive + i])
//   TEACHES, and p.blames: errors[i, l, c] = s_l·([c is labels[positive + i]] − softmax(logits[i, :])[c])      [B, voters, C]
//
// Of several dispatches that add up the logits each leaves its s_l where the last, which blames, finds them. Without PARTS the
// logits are there already, and s is 1. C, the number of classes, is CLASSES, and VECTORS vectors hold them.
// AHEAD units are loaded together, as many as the registers hold.

@group(0) @binding(_) var<storage, read_write> logits: array<f32>;
//# if TEACHES
@group(0) @binding(_) var<storage, read_write> labels: array<u32>;
@group(0) @binding(_) var<storage, read_write> errors: array<f32>;
//# end
//# for l in PARTS
@group(0) @binding(_) var<storage, read> values_${l}: array<Word>;      // h_l
@group(0) @binding(_) var<storage, read> head_${l}: array<vec4f>;       // V_l
//# end

//# include lanes
const CLASSES = ${CLASSES}u;
// Values a row of [B, C], padded.
const PITCH = 4u * ${VECTORS}u;
// The logits' shares, and the sum of squares.
const SHARES = PITCH + 1u;
var<workgroup> shares: array<f32, LANES * SHARES>;
var<workgroup> totals: array<f32, SHARES>;
// The logits.
var<workgroup> sums: array<f32, PITCH>;

//# if TEACHES
// e to the power of logit c less `largest`.
fn power(c: u32, largest: f32) -> f32 {
    return exp(sums[c] - largest);
}

// A wrong label for row i.
fn draw(i: u32, truth: u32) -> u32 {
    var largest = -3.4e38;
    for (var c = 0u; c < CLASSES; c++) {
        largest = select(max(largest, sums[c]), largest, c == truth);
    }
    var sum = 0.0;
    for (var c = 0u; c < CLASSES; c++) {
        sum += select(power(c, largest), 0.0, c == truth);
    }
    let draw = f32(hash(p.seed, p.step, i) >> 8u) / 16777216.0;
    var chosen = (truth + 1u) % CLASSES;
    var passed = 0.0;
    for (var c = 0u; c < CLASSES; c++) {
        if c == truth {
            continue;
        }
        let probability = power(c, largest) / sum;
        passed += probability;
        if probability > 0.0 {
            chosen = c;
        }
        if draw < passed {
            break;
        }
    }
    return chosen;
}

fn blame(i: u32, truth: u32) {
    var largest = sums[0];
    for (var c = 1u; c < CLASSES; c++) {
        largest = max(largest, sums[c]);
    }
    var sum = 0.0;
    for (var c = 0u; c < CLASSES; c++) {
        sum += power(c, largest);
    }
    for (var l = 0u; l < p.voters; l++) {
        let at = (i * p.voters + l) * PITCH;
        //# if PARTS
        let scale = errors[at + PITCH - 1u];
        //# else
        let scale = 1.0;
        //# end
        for (var c = 0u; c < PITCH; c++) {
            let error = select(0.0, 1.0, c == truth) - power(min(c, CLASSES - 1u), largest) / sum;
            errors[at + c] = select(0.0, scale * error, c < CLASSES);
        }
    }
}
//# end

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = group.x;
    for (var c = lane; c < PITCH; c += LANES) {
        sums[c] = select(0.0, logits[PITCH * i + c], p.accumulate == 1u);
    }
    //# for l in PARTS
    let columns_${l} = select(p.columns, p.inner, ${l} > 0);
    let units_${l} = select(p.units, p.width, ${l} > 0);
    //# for v in VECTORS
    var sum_${v}_${l} = vec4f();
    //# end
    var squares_${l} = 0.0;
    for (var first = lane; first < units_${l}; first += ${AHEAD}u * LANES) {
        //# for j in AHEAD
        let n_${j} = min(first + ${j}u * LANES, units_${l} - 1u);
        let read_${j} = fetch_one(values_${l}[word_of(i * 4u * columns_${l} + n_${j})], n_${j});
        //# for v in VECTORS
        let weights_${v}_${j} = head_${l}[${VECTORS}u * n_${j} + ${v}u];
        //# end
        //# end
        //# for j in AHEAD
        let h_${j} = select(0.0, read_${j}, first + ${j}u * LANES < units_${l});
        //# for v in VECTORS
        sum_${v}_${l} += h_${j} * weights_${v}_${j};
        //# end
        squares_${l} += h_${j} * h_${j};
        //# end
    }
    //# for v in VECTORS
    //# for c in 4
    shares[SHARES * lane + 4u * ${v}u + ${c}u] = sum_${v}_${l}[${c}];
    //# end
    //# end
    shares[SHARES * lane + PITCH] = squares_${l};
    workgroupBarrier();
    for (var c = lane; c < SHARES; c += LANES) {
        var total = 0.0;
        for (var other = 0u; other < LANES; other++) {
            total += shares[SHARES * other + c];
        }
        totals[c] = total;
    }
    workgroupBarrier();
    let scale_${l} = reading_scale(totals[PITCH], units_${l});
    for (var c = lane; c < PITCH; c += LANES) {
        sums[c] += scale_${l} * totals[c];
    }
    //# end
    for (var c = lane; c < PITCH; c += LANES) {
        logits[PITCH * i + c] = sums[c];
    }
    //# if TEACHES
    workgroupBarrier();
    if lane > 0u {
        return;
    }
    //# for l in PARTS
    errors[(i * p.voters + p.voter + ${l}u) * PITCH + PITCH - 1u] = scale_${l};
    //# end
    let truth = labels[p.positive + i];
    if p.proposes == 1u {
        labels[p.negative + i] = draw(i, truth);
    }
    if p.blames == 1u {
        blame(i, truth);
    }
    //# end
}
