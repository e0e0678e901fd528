// Draws a wrong label a row from the softmax of scores, the true label excluded: twin of cpu/classify.rs.
//
//   labels[negative + i] ~ softmax(scores[i, :] without labels[positive + i])     scores: [B, 10]

@group(0) @binding(1) var<storage, read> scores: array<f32>;
@group(0) @binding(2) var<storage, read_write> labels: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= p.batch {
        return;
    }
    let truth = labels[p.positive + i];
    let at = 12u * i;
    var largest = -3.4e38;
    for (var c = 0u; c < LABELS; c++) {
        if c != truth {
            largest = max(largest, scores[at + c]);
        }
    }
    var sum = 0.0;
    for (var c = 0u; c < LABELS; c++) {
        if c != truth {
            sum += exp(scores[at + c] - largest);
        }
    }
    let draw = f32(hash(p.seed, p.step, i) >> 8u) / 16777216.0;
    var chosen = (truth + 1u) % LABELS;
    var passed = 0.0;
    for (var c = 0u; c < LABELS; c++) {
        if c == truth {
            continue;
        }
        let probability = exp(scores[at + c] - largest) / sum;
        passed += probability;
        if probability > 0.0 {
            chosen = c;
        }
        if draw < passed {
            break;
        }
    }
    labels[p.negative + i] = chosen;
}
