// One ascent step of the softmax head, PARTS of the layers it reads at a time: twin of cpu/classify.rs. An invocation has one unit.
//
//   G[n, :] = Σ_i h[i, n]·errors[i, l, :]     h: [R, N], errors: [B, voters, C], see head.wgsl
//   SCALED: … times the row scale s_i of h, where the errors are without it, or 1
//   v ← μ·v + (1 − μ)/batch·G        V ← V + rate·(v − c·V)          v, V: [N, C]

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
        let columns = select(p.columns, p.inner, ${l} > 0);
        let units = select(p.units, p.width, ${l} > 0);
        if n >= units {
            return;
        }
        var gradient: array<vec4f, ${VECTORS}>;
        // Rows are loaded together: so few workgroups have nothing else to do while they wait.
        for (var first = 0u; first < p.batch; first += ${AHEAD}u) {
            //# for r in AHEAD
            let i_${r} = min(first + ${r}u, p.batch - 1u);
            let read_${r} = fetch_one(values_${l}[word_of(i_${r} * 4u * columns + n)], n);
            let at_${r} = ${VECTORS}u * (i_${r} * p.voters + p.voter + ${l}u);
            //# for c in VECTORS
            let errors_${r}_${c} = errors[at_${r} + ${c}u];
            //# end
            //# end
            //# for r in AHEAD
            var x_${r} = select(0.0, read_${r}, first + ${r}u < p.batch);
            //# if SCALED
            x_${r} *= reading_scale(squares_of(i_${r}), units);
            //# end
            //# for c in VECTORS
            gradient[${c}] += x_${r} * errors_${r}_${c};
            //# end
            //# end
        }
        for (var c = 0u; c < ${VECTORS}u; c++) {
            let v = p.momentum * velocity_${l}[${VECTORS}u * n + c] + share * gradient[c];
            let w = head_${l}[${VECTORS}u * n + c];
            velocity_${l}[${VECTORS}u * n + c] = v;
            head_${l}[${VECTORS}u * n + c] = w + p.rate * (v - p.weight_cost * w);
        }
    }
    //# end
}
