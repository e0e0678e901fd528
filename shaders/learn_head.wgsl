// One ascent step of the softmax head, PARTS of the layers it reads at a time: twin of cpu/classify.rs. An invocation has one unit.
//
//   G[n, :] = Σ_i h[i, n]·errors[i, l, :]     h: [R, N], errors: [B, voters, 10], see head.wgsl
//   SCALED: … times the row scale s_i of h, where the errors are without it, or 1
//   v ← μ·v + (1 − μ)/batch·G        V ← V + rate·(v − c·V)          v, V: [N, 10]

@group(0) @binding(_) var<storage, read> errors: array<vec4f>;
//# for l in PARTS
@group(0) @binding(_) var<storage, read> values_${l}: array<Word>;              // h
@group(0) @binding(_) var<storage, read_write> velocity_${l}: array<vec4f>;     // v
@group(0) @binding(_) var<storage, read_write> head_${l}: array<vec4f>;         // V
//# end
//# if SCALED
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;
//# include squares_of
//# end

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let n = id.x;
    let share = (1.0 - p.momentum) / f32(p.batch);
    //# for l in PARTS
    if id.y == ${l}u {
        //# if l
        let columns = p.inner;
        let units = p.width;
        //# else
        let columns = p.columns;
        let units = p.units;
        //# end
        if n >= units {
            return;
        }
        var gradient: array<vec4f, 3>;
        for (var i = 0u; i < p.batch; i++) {
            var x = fetch_one(values_${l}[word_of(i * 4u * columns + n)], n);
            //# if SCALED
            x *= reading_scale(squares_of(i), units);
            //# end
            let at = 3u * (i * p.voters + p.voter + ${l}u);
            gradient[0] += x * errors[at];
            gradient[1] += x * errors[at + 1u];
            gradient[2] += x * errors[at + 2u];
        }
        for (var c = 0u; c < 3u; c++) {
            let v = p.momentum * velocity_${l}[3u * n + c] + share * gradient[c];
            let w = head_${l}[3u * n + c];
            velocity_${l}[3u * n + c] = v;
            head_${l}[3u * n + c] = w + p.rate * (v - p.weight_cost * w);
        }
    }
    //# end
}
