// The local rule on W: twin of cpu/update.rs. Gradient, momentum, weight cost and step in one pass over W and v; δ is
// made of activities, factors and the peer term where it is needed, and stored nowhere. Expanded once for each tiling.
//
//   G[k, n] = Σ_r u[r, k]·s_r·δ[r, n] = Σ_r u[r, k]·(factor_r.x·h[r, n] + factor_r.y·peer[n])     u: [R, D], h: [R, N]
//   v ← μ·v + (1 − μ)/batch·G        W ← W + rate·(v − c·W)                                       v, W: [D, N]
//
// With PICTURES the two rows of one picture share its pixels, so their δ are added first and the sum runs over pictures.
// The label pixels are blank there; update_labels.wgsl adds what they learn.
//
// An invocation computes ROWS (a multiple of 4) rows of W in VECTORS vectors of columns, X apart. With DEPTH > 0 the
// workgroup first copies DEPTH rows of u and δ to its own memory.

@group(0) @binding(1) var<storage, read> input: array<vec4f>;           // u: rows of the batch, or pictures
@group(0) @binding(2) var<storage, read> values: array<vec4f>;          // h
@group(0) @binding(3) var<storage, read> factors: array<vec2f>;
@group(0) @binding(4) var<storage, read> peer: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> velocity: array<vec4f>;  // v
@group(0) @binding(6) var<storage, read_write> weight: array<vec4f>;    // W

//# if DEPTH
const TILE_INPUTS = ${QUADS}u * ${Y}u;
const TILE_VECTORS = ${VECTORS}u * ${X}u;
var<workgroup> input_tile: array<vec4f, ${DEPTH}u * TILE_INPUTS>;
var<workgroup> delta_tile: array<vec4f, ${DEPTH}u * TILE_VECTORS>;
//# end

// s·δ without the peer term in one vector of columns: row i of the batch, or both rows of picture i.
fn delta(i: u32, column: u32) -> vec4f {
    //# if PICTURES
    return factors[i].x * values[(p.positive + i) * p.columns + column]
        + factors[p.batch + i].x * values[(p.negative + i) * p.columns + column];
    //# else
    return factors[i].x * values[(p.positive + i) * p.columns + column];
    //# end
}

@compute @workgroup_size(${X}, ${Y})
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    //# if PICTURES
    let rows = p.batch;
    let first_input = p.first_picture;
    //# else
    let rows = p.rows;
    let first_input = p.positive;
    //# end
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

    //# if DEPTH
    for (var begin = 0u; begin < rows; begin += ${DEPTH}u) {
        workgroupBarrier();
        for (var i = lane; i < ${DEPTH}u * TILE_INPUTS; i += ${X}u * ${Y}u) {
            let row = min(begin + i / TILE_INPUTS, rows - 1u);
            input_tile[i] = input[(first_input + row) * p.inner + min(tile_input + i % TILE_INPUTS, last_input)];
        }
        for (var i = lane; i < ${DEPTH}u * TILE_VECTORS; i += ${X}u * ${Y}u) {
            let row = begin + i / TILE_VECTORS;
            let column = min(tile_column + i % TILE_VECTORS, last_column);
            delta_tile[i] = vec4f();
            if row < rows {
                delta_tile[i] = delta(row, column) + factors[row].y * peer[column];
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
    }
    //# else
    //# for q in QUADS
    let input_${q} = first_input * p.inner + min(quad + ${q}u, last_input);
    var peer_${q} = vec4f();
    //# end
    for (var r = 0u; r < rows; r++) {
        let share = factors[r].y;
        //# for c in VECTORS
        let d_${c} = delta(r, read_${c});
        //# end
        //# for q in QUADS
        let u_${q} = input[input_${q} + r * p.inner];
        peer_${q} += share * u_${q};
        //# end
        //# for k in ROWS
        //# for c in VECTORS
        sum_${k}_${c} += u_${k/4}[${k%4}] * d_${c};
        //# end
        //# end
    }
    //# for k in ROWS
    //# for c in VECTORS
    sum_${k}_${c} += peer_${k/4}[${k%4}] * peer[read_${c}];
    //# end
    //# end
    //# end

    let share = (1.0 - p.momentum) / f32(p.batch);
    //# for k in ROWS
    if quad + ${k/4}u <= last_input {
        let row = (4u * quad + ${k}u) * p.columns;
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
