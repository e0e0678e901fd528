// The local rule on W: twin of cpu/update.rs. Gradient, momentum, weight cost and step in one pass over W and v; δ is
// made of activities, coefficients and the peer term where it is needed, and stored nowhere. Expanded once for each tiling.
//
//   G[k, n] = Σ_r u[r, k]·s_r·δ[r, n] = Σ_r u[r, k]·(s_r·coefficient_r·h[r, n] + s_r·peer[n])     u: [R, D], h: [R, N]
//   v ← μ·v + (1 − μ)/batch·G        W ← W + rate·(v − c·W)                                       v, W: [D, N]
//
// With PICTURES the two rows of one picture share its pixels, so their δ are added first and the sum runs over pictures. The label
// pixels are blank there; what they hold, 1 or 0, or NEUTRAL_STRENGTH, is put in their place. With GIVEN h is δ itself.
//
// An invocation computes ROWS (a multiple of 4) rows of W in VECTORS vectors of columns, X apart. With DEPTH > 0 the
// workgroup first copies DEPTH rows of u and δ to its own memory.

@group(0) @binding(_) var<storage, read> input: array<Stored>;          // u: rows of the batch, or pictures
//# if GIVEN
@group(0) @binding(_) var<storage, read> values: array<vec4f>;          // δ
//# else
@group(0) @binding(_) var<storage, read> values: array<Stored>;         // h
//# end
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;         // Σ u²
//# unless GIVEN
@group(0) @binding(_) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(_) var<storage, read> peer: array<vec4f>;
//# end
@group(0) @binding(_) var<storage, read_write> velocity: array<vec4f>;  // v
@group(0) @binding(_) var<storage, read_write> weight: array<vec4f>;    // W
//# if PICTURES
@group(0) @binding(_) var<storage, read> labels: array<u32>;
//# end
//# include factors

//# if DEPTH
const TILE_INPUTS = ${QUADS}u * ${Y}u;
const TILE_VECTORS = ${VECTORS}u * ${X}u;
var<workgroup> input_tile: array<vec4f, ${DEPTH}u * TILE_INPUTS>;
var<workgroup> delta_tile: array<vec4f, ${DEPTH}u * TILE_VECTORS>;
//# end

// h, or δ, of a row in one vector of columns.
fn above(row: u32, column: u32) -> vec4f {
    //# if GIVEN
    return values[row * p.columns + column];
    //# else
    return fetch(values[row * p.columns + column]);
    //# end
}

// s·δ without the peer term in one vector of columns: row i of the batch, or both rows of picture i, of that factor.
fn delta(i: u32, factor: vec3f, column: u32) -> vec4f {
    //# if PICTURES
    return factor.x * above(p.positive + i, column) + factor.y * above(p.negative + i, column);
    //# else
    return factor.x * above(p.positive + i, column);
    //# end
}

//# if PICTURES
// What four pixels from k on of a picture with label `code` hold, of the label alone.
fn label_pixels(code: u32, k: u32) -> vec4f {
    let pixels = k + vec4u(0u, 1u, 2u, 3u);
    if code == NEUTRAL {
        return select(vec4f(), vec4f(NEUTRAL_STRENGTH), pixels < vec4u(LABELS));
    }
    return select(vec4f(), vec4f(1.0), pixels == vec4u(code));
}
//# end

@compute @workgroup_size(${X}, ${Y})
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let last_input = p.inner - 1u;
    let last_column = p.columns - 1u;
    let tile_input = group.y * ${QUADS}u * ${Y}u;
    let tile_column = group.x * ${X}u * ${VECTORS}u;
    let quad = tile_input + local.y * ${QUADS}u;
    //# for c in VECTORS
    let column_${c} = tile_column + local.x + ${c}u * ${X}u;
    let read_${c} = min(column_${c}, last_column);
    //# for k in ROWS
    var sum_${k}_${c} = vec4f();
    //# end
    //# end

    //# unless DEPTH
    //# for q in QUADS
    var peer_${q} = vec4f();
    //# end
    //# end

    for (var first = 0u; first < count(); first += CHUNK) {
        let here = weigh(first, lane, ${X}u * ${Y}u);
        let begin = first_input() + first;
        //# if DEPTH
        for (var done = 0u; done < here; done += ${DEPTH}u) {
            for (var i = lane; i < ${DEPTH}u * TILE_INPUTS; i += ${X}u * ${Y}u) {
                let row = begin + min(done + i / TILE_INPUTS, here - 1u);
                input_tile[i] = fetch(input[row * p.inner + min(tile_input + i % TILE_INPUTS, last_input)]);
            }
            for (var i = lane; i < ${DEPTH}u * TILE_VECTORS; i += ${X}u * ${Y}u) {
                let row = done + i / TILE_VECTORS;
                let column = min(tile_column + i % TILE_VECTORS, last_column);
                delta_tile[i] = vec4f();
                if row < here {
                    delta_tile[i] = delta(first + row, factors[row], column);
                    //# unless GIVEN
                    delta_tile[i] += factors[row].z * peer[column];
                    //# end
                }
            }
            workgroupBarrier();
            for (var r = 0u; r < ${DEPTH}u; r++) {
                //# for c in VECTORS
                let d_${c} = delta_tile[r * TILE_VECTORS + local.x + ${c}u * ${X}u];
                //# end
                //# for q in QUADS
                let u_${q} = input_tile[r * TILE_INPUTS + local.y * ${QUADS}u + ${q}u];
                //# end
                //# for k in ROWS
                //# for c in VECTORS
                sum_${k}_${c} += u_${k/4}[${k%4}] * d_${c};
                //# end
                //# end
            }
            workgroupBarrier();
        }
        //# else
        // Four rows at a time: so many sums do not fit the registers of such an adapter, and are touched once for four products.
        for (var i = 0u; i < here; i += 4u) {
            //# for r in 4
            let factor_${r} = factors[i + ${r}u];
            let row_${r} = min(i + ${r}u, here - 1u);
            //# for q in QUADS
            let u_${r}_${q} = fetch(input[(begin + row_${r}) * p.inner + min(quad + ${q}u, last_input)]);
            //# unless GIVEN
            peer_${q} += factor_${r}.z * u_${r}_${q};
            //# end
            //# end
            //# end
            //# for c in VECTORS
            let d_${c} = mat4x4f(
                //# for r in 4
                delta(first + row_${r}, factor_${r}, read_${c}),
                //# end
            );
            //# for k in ROWS
            sum_${k}_${c} += d_${c} * vec4f(u_0_${k/4}[${k%4}], u_1_${k/4}[${k%4}], u_2_${k/4}[${k%4}], u_3_${k/4}[${k%4}]);
            //# end
            //# end
        }
        //# end
        //# if PICTURES
        if p.label_pixels > 0u && 4u * quad < LABELS {
            for (var i = 0u; i < here; i++) {
                let factor = factors[i];
                //# for q in QUADS
                let true_pixels_${q} = label_pixels(labels[p.positive + first + i], 4u * (quad + ${q}u));
                let wrong_pixels_${q} = label_pixels(labels[p.negative + first + i], 4u * (quad + ${q}u));
                //# end
                //# for c in VECTORS
                var true_${c} = factor.x * above(p.positive + first + i, read_${c});
                let wrong_${c} = factor.y * above(p.negative + first + i, read_${c});
                //# unless GIVEN
                true_${c} += factor.z * peer[read_${c}];
                //# end
                //# for k in ROWS
                sum_${k}_${c} += true_pixels_${k/4}[${k%4}] * true_${c} + wrong_pixels_${k/4}[${k%4}] * wrong_${c};
                //# end
                //# end
            }
        }
        //# end
    }
    //# unless DEPTH
    //# unless GIVEN
    //# for k in ROWS
    //# for c in VECTORS
    sum_${k}_${c} += peer_${k/4}[${k%4}] * peer[read_${c}];
    //# end
    //# end
    //# end
    //# end

    let share = (1.0 - p.momentum) / f32(p.batch);
    //# if DEPTH
    {
        const at = 0u;
    //# else
    // As in `forward`.
    var all = array<vec4f, ${ROWS} * ${VECTORS}>(
        //# for k in ROWS
        //# for c in VECTORS
        sum_${k}_${c},
        //# end
        //# end
    );
    for (var at = 0u; at < ${ROWS}u; at++) {
        //# for c in VECTORS
        let sum_0_${c} = all[at * ${VECTORS}u + ${c}u];
        //# end
    //# end
    //# for k in WRITTEN
    if quad + (at + ${k}u) / 4u <= last_input {
        let row = (4u * quad + at + ${k}u) * p.columns;
        //# for c in VECTORS
        if column_${c} <= last_column {
            let v = p.momentum * velocity[row + column_${c}] + share * sum_${k}_${c};
            let w = weight[row + column_${c}];
            velocity[row + column_${c}] = v;
            weight[row + column_${c}] = w + p.rate * (v - p.weight_cost * w);
        }
        //# end
    }
    //# end
    }
}
