// The local rule on W: twin of cpu/update.rs. Gradient, momentum, weight cost and step in one pass over W and v; δ is
// made of activities, coefficients and the peer term where it is needed, and stored nowhere. Expanded once for each tiling.
//
//   G[k, n] = Σ_r u[r, k]·s_r·δ[r, n] = Σ_r u[r, k]·(s_r·coefficient_r·h[r, n] + s_r·peer[n])     u: [R, D], h: [R, N]
//   v ← μ·v + (1 − μ)/batch·G        W ← W + rate·(v − c·W)                                       v, W: [D, N]
//
// With PICTURES the two rows of one picture share its pixels, so their δ are added first and the sum runs over pictures. The label
// pixels are blank there; what they hold, 1 or 0, or p.neutral, is put in their place. With GIVEN h is δ itself.
//
// An invocation computes ROWS rows of W, Y times four apart, in VECTORS vectors of columns, X apart. With DEPTH > 0 it
// multiplies what its workgroup copied before (copies.wgsl).

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

//# include copies

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
        return select(vec4f(), vec4f(p.neutral), pixels < vec4u(p.label_pixels));
    }
    return select(vec4f(), vec4f(1.0), pixels == vec4u(code));
}
//# end

@compute @workgroup_size(${X}, ${Y}, ${SLICES})
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let last_input = p.inner - 1u;
    let last_column = p.columns - 1u;
    let tile_input = group.y * ${QUADS}u * ${Y}u;
    let tile_column = group.x * ${X}u * ${VECTORS}u;
    let quad = tile_input + local.y;
    //# for c in VECTORS
    let column_${c} = tile_column + local.x + ${c}u * ${X}u;
    let read_${c} = min(column_${c}, last_column);
    //# for k in ROWS
    var sum_${k}_${c} = vec4f();
    //# end
    //# end

    //# if DEPTH
    // Whose vectors this invocation copies.
    let u_first = local.z * 4u * ${DEPTH}u + (local.y * ${X}u + local.x) / (${QUADS}u * ${Y}u);
    let u_column = min(tile_input + (local.y * ${X}u + local.x) % (${QUADS}u * ${Y}u), last_input);
    let d_first = local.z * 4u * ${DEPTH}u + local.y / ${VECTORS}u;
    let d_column = min(tile_column + local.y % ${VECTORS}u * ${X}u + local.x, last_column);
    //# unless GIVEN
    let peer_here = peer[d_column];
    //# end
    //# else
    //# for q in QUADS
    var peer_${q} = vec4f();
    //# end
    //# end

    for (var first = 0u; first < count(); first += CHUNK) {
        let here = weigh(first, lane, ${X}u * ${Y}u * ${SLICES}u);
        let begin = first_input() + first;
        //# if DEPTH
        copies[0][local.z][local.y][local.x] = vec4f();
        copies[1][local.z][local.y][local.x] = vec4f();
        workgroupBarrier();
        for (var done = 0u; done < here + 4u * BLOCK; done += 4u * BLOCK) {
            let u_row = begin + min(done + u_first, here - 1u);
            let u = input[u_row * p.inner + u_column];
            let d_row = min(done + d_first, here - 1u);
            let upper = above(p.positive + first + d_row, d_column);
            //# if PICTURES
            let other = above(p.negative + first + d_row, d_column);
            //# end
            //# for i in DEPTH
            //# for r in 4
            //# for q in QUADS
            let u_${i}_${r}_${q} = copies[0][local.z][(4 * ${i} + ${r}) * ${QUADS} + ${q}][local.y];
            //# end
            //# for c in VECTORS
            let d_${i}_${r}_${c} = copies[1][local.z][(4 * ${i} + ${r}) * ${VECTORS} + ${c}][local.x];
            //# for k in ROWS
            sum_${k}_${c} += u_${i}_${r}_${k/4}[${k%4}] * d_${i}_${r}_${c};
            //# end
            //# end
            //# end
            //# end
            workgroupBarrier();
            copies[0][local.z][local.y][local.x] = fetch(u);
            let factor = select(vec3f(), factors[d_row], done + d_first < here);
            var d = factor.x * upper;
            //# if PICTURES
            d += factor.y * other;
            //# end
            //# unless GIVEN
            d += factor.z * peer_here;
            //# end
            copies[1][local.z][local.y][local.x] = d;
            workgroupBarrier();
        }
        //# else
        // Four rows at a time: so many sums do not fit the registers of such an adapter, and are touched once for four products.
        for (var i = 0u; i < here; i += 4u) {
            //# for r in 4
            let factor_${r} = factors[i + ${r}u];
            let row_${r} = min(i + ${r}u, here - 1u);
            //# for q in QUADS
            let u_${r}_${q} = fetch(input[(begin + row_${r}) * p.inner + min(quad + ${q}u * ${Y}u, last_input)]);
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
        if 4u * quad < p.label_pixels {
            for (var i = local.z; i < here; i += ${SLICES}u) {
                let factor = factors[i];
                //# for q in QUADS
                let true_pixels_${q} = label_pixels(labels[p.positive + first + i], 4u * (quad + ${q}u * ${Y}u));
                let wrong_pixels_${q} = label_pixels(labels[p.negative + first + i], 4u * (quad + ${q}u * ${Y}u));
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
    //# if DEPTH
    //# include add_slices
    //# else
    //# unless GIVEN
    //# for k in ROWS
    //# for c in VECTORS
    sum_${k}_${c} += peer_${k/4}[${k%4}] * peer[read_${c}];
    //# end
    //# end
    //# end
    //# end

    let share = (1.0 - p.momentum) / f32(p.batch);
    //# include each_row
    //# for k in WRITTEN
    let quad_${k} = quad + (at + ${k}u) / 4u * ${Y}u;
    if quad_${k} <= last_input && local.z == ${k%SLICES}u {
        let row = (4u * quad_${k} + (at + ${k}u) % 4u) * p.columns;
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
