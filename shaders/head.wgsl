// The softmax head: twin of cpu/classify.rs. One workgroup a row; PARTS of the layers it reads at a time.
//
//   logits[i, :] (+)= Σ_l s_l·(h_l[i, :]·V_l)                  h: [R, N], V: [N, 10] → [B, 10]; s: row scale of h, or 1
//   TEACHES, and p.proposes: labels[negative + i] ~ softmax(logits[i, :] without labels[positive + i])
//   TEACHES, and p.blames: errors[i, l, c] = s_l·([c is labels[positive + i]] − softmax(logits[i, :])[c])      [B, voters, 10]
//
// Of several dispatches that add up the logits each leaves its s_l where the last, which blames, finds them. Without PARTS the
// logits are there already, and s is 1.

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
// Values a row of [B, 10], padded.
const PITCH = 12u;
// The logits' shares, and the sum of squares.
const SHARES = PITCH + 1u;
var<workgroup> shares: array<f32, LANES * SHARES>;
var<workgroup> totals: array<f32, SHARES>;
var<workgroup> sums: array<f32, PITCH>;

//# if TEACHES
// e to the power of logit c less `largest`.
fn power(c: u32, largest: f32) -> f32 {
    return exp(sums[c] - largest);
}

// A wrong label for row i.
fn draw(i: u32, truth: u32) -> u32 {
    var largest = -3.4e38;
    for (var c = 0u; c < LABELS; c++) {
        largest = select(max(largest, sums[c]), largest, c == truth);
    }
    var sum = 0.0;
    for (var c = 0u; c < LABELS; c++) {
        sum += select(power(c, largest), 0.0, c == truth);
    }
    let draw = f32(hash(p.seed, p.step, i) >> 8u) / 16777216.0;
    var chosen = (truth + 1u) % LABELS;
    var passed = 0.0;
    for (var c = 0u; c < LABELS; c++) {
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
    for (var c = 1u; c < LABELS; c++) {
        largest = max(largest, sums[c]);
    }
    var sum = 0.0;
    for (var c = 0u; c < LABELS; c++) {
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
            let error = select(0.0, 1.0, c == truth) - power(min(c, LABELS - 1u), largest) / sum;
            errors[at + c] = select(0.0, scale * error, c < LABELS);
        }
    }
}
//# end

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = group.x;
    // Of class `lane`.
    var logit = 0.0;
    if lane < PITCH && p.accumulate == 1u {
        logit = logits[PITCH * i + lane];
    }
    //# for l in PARTS
    let columns_${l} = select(p.columns, p.inner, ${l} > 0);
    let units_${l} = select(p.units, p.width, ${l} > 0);
    var a_${l} = vec4f();
    var b_${l} = vec4f();
    var c_${l} = vec4f();
    var squares_${l} = 0.0;
    for (var first = lane; first < units_${l}; first += 4u * LANES) {
        //# for j in 4
        let n_${j} = min(first + ${j}u * LANES, units_${l} - 1u);
        let read_${j} = fetch_one(values_${l}[word_of(i * 4u * columns_${l} + n_${j})], n_${j});
        let first_${j} = head_${l}[3u * n_${j}];
        let second_${j} = head_${l}[3u * n_${j} + 1u];
        let third_${j} = head_${l}[3u * n_${j} + 2u];
        //# end
        //# for j in 4
        let h_${j} = select(0.0, read_${j}, first + ${j}u * LANES < units_${l});
        a_${l} += h_${j} * first_${j};
        b_${l} += h_${j} * second_${j};
        c_${l} += h_${j} * third_${j};
        squares_${l} += h_${j} * h_${j};
        //# end
    }
    //# for v in 4
    shares[SHARES * lane + ${v}u] = a_${l}[${v}];
    shares[SHARES * lane + 4u + ${v}u] = b_${l}[${v}];
    shares[SHARES * lane + 8u + ${v}u] = c_${l}[${v}];
    //# end
    shares[SHARES * lane + PITCH] = squares_${l};
    workgroupBarrier();
    if lane < SHARES {
        var total = 0.0;
        for (var other = 0u; other < LANES; other++) {
            total += shares[SHARES * other + lane];
        }
        totals[lane] = total;
    }
    workgroupBarrier();
    let scale_${l} = reading_scale(totals[PITCH], units_${l});
    if lane < PITCH {
        logit += scale_${l} * totals[lane];
    }
    //# end
    if lane < PITCH {
        logits[PITCH * i + lane] = logit;
        sums[lane] = logit;
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
