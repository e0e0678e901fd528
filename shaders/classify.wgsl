// One layer's share of the softmax head's logits: twin of cpu/classify.rs. One workgroup a row.
//
//   logits[i, :] (+)= s_i·(h[i, :]·V)     h: [R, N], V: [N, 10] → [B, 10]; s: row scale of h, or 1

@group(0) @binding(1) var<storage, read> values: array<f32>;            // h
@group(0) @binding(2) var<storage, read> squares: array<vec4f>;
@group(0) @binding(3) var<storage, read> head: array<vec4f>;            // V
@group(0) @binding(4) var<storage, read_write> logits: array<vec4f>;

const LANES = 64u;
var<workgroup> partials: array<vec4f, 3u * LANES>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = group.x;
    var a = vec4f();
    var b = vec4f();
    var c = vec4f();
    for (var n = lane; n < p.units; n += LANES) {
        let h = values[row * 4u * p.columns + n];
        a += h * head[3u * n];
        b += h * head[3u * n + 1u];
        c += h * head[3u * n + 2u];
    }
    partials[lane] = a;
    partials[LANES + lane] = b;
    partials[2u * LANES + lane] = c;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            for (var v = 0u; v < 3u; v++) {
                partials[v * LANES + lane] += partials[v * LANES + lane + half];
            }
        }
    }
    workgroupBarrier();
    if lane < 3u {
        let share = reading_scale(squares[row].x, p.units) * partials[lane * LANES];
        let before = select(vec4f(), logits[3u * row + lane], p.accumulate == 1u);
        logits[3u * row + lane] = before + share;
    }
}
