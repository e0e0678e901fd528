// How far the softmax is from the truth: twin of cpu/classify.rs.
//
//   error[i, c] = [c is the label of row positive + i] − softmax(logits[i, :])[c]     [B, 10] → [B, 10]

@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> error: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= p.batch {
        return;
    }
    let at = 12u * i;
    var largest = logits[at];
    for (var c = 1u; c < LABELS; c++) {
        largest = max(largest, logits[at + c]);
    }
    var sum = 0.0;
    for (var c = 0u; c < LABELS; c++) {
        sum += exp(logits[at + c] - largest);
    }
    let truth = labels[p.positive + i];
    for (var c = 0u; c < 12u; c++) {
        let probability = exp(logits[at + c] - largest) / sum;
        error[at + c] = select(0.0, select(0.0, 1.0, c == truth) - probability, c < LABELS);
    }
}
