// One layer, forwards: twin of cpu/forward.rs. Expanded once for each tiling (tiling.rs), and without FORWARD for one of a layer's
// several inputs, or for the pictures' product that all labels share.
//
//   h = φ(s·(u·W) + b)     u: [R, D], W: [D, N], b: [1, N] → h: [R, N]
//   without FORWARD: z (+)= s·(u·W)
//   sums[r, part] = Σ h² over PART columns, which whoever needs them adds up
//
// An invocation computes ROWS rows, Y apart, of VECTORS vectors of columns, X apart so that neighbours read neighbours. With DEPTH > 0
// it multiplies what its workgroup copied before (copies.wgsl). Without, all invocations of a workgroup share their rows, so that u
// is read at uniform addresses. Rows and columns past the end repeat the last one, and are not stored.

@group(0) @binding(_) var<storage, read> input: array<Stored>;              // u
@group(0) @binding(_) var<storage, read> weight: array<vec4f>;              // W
//# if FORWARD
@group(0) @binding(_) var<storage, read_write> output: array<Stored>;       // h
//# else
@group(0) @binding(_) var<storage, read_write> output: array<vec4f>;        // z
//# end
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;             // Σ u² of each row
//# if FORWARD
@group(0) @binding(_) var<storage, read> bias: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> sums: array<f32>;
//# end
//# include squares_of
//# include copies

@compute @workgroup_size(${X}, ${Y}, ${SLICES})
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let last_row = p.first_row + p.rows - 1u;
    let last_column = p.columns - 1u;
    let first_column = group.x * ${X}u * ${VECTORS}u;
    let tile_row = p.first_row + group.y * ${ROWS}u * ${Y}u;
    let row = tile_row + local.y;
    //# for c in VECTORS
    let column_${c} = first_column + local.x + ${c}u * ${X}u;
    //# end
    //# for r in ROWS
    //# for c in VECTORS
    var sum_${r}_${c} = vec4f();
    //# end
    //# end

    //# if DEPTH
    copies[0][local.z][local.y][local.x] = vec4f();
    copies[1][local.z][local.y][local.x] = vec4f();
    workgroupBarrier();
    let u_row = min(tile_row + lane / BLOCK, last_row) * p.inner;
    let u_at = lane / BLOCK + lane % ${DEPTH}u * ${ROWS}u * ${Y}u;
    let w_first = 4u * local.z * ${DEPTH}u + local.y / ${VECTORS}u;
    var w_at = w_first * p.columns + min(first_column + local.y % ${VECTORS}u * ${X}u + local.x, last_column);
    for (var begin = 0u; begin < p.inner + BLOCK; begin += BLOCK) {
        let u_k = begin + lane % BLOCK;
        let u = input[u_row + min(u_k, p.inner - 1u)];
        let w = weight[min(w_at, 4u * p.inner * p.columns - 1u)];
        w_at += 4u * BLOCK * p.columns;
        //# for k in DEPTH
        //# for r in ROWS
        let u_${k}_${r} = copies[0][local.z][${k} * ${ROWS} + ${r}][local.y];
        //# end
        //# for q in 4
        //# for c in VECTORS
        let w_${k}_${q}_${c} = copies[1][local.z][(4 * ${k} + ${q}) * ${VECTORS} + ${c}][local.x];
        //# for r in ROWS
        sum_${r}_${c} += u_${k}_${r}[${q}] * w_${k}_${q}_${c};
        //# end
        //# end
        //# end
        //# end
        workgroupBarrier();
        copies[0][lane % BLOCK / ${DEPTH}u][u_at / ${Y}u][u_at % ${Y}u] = select(vec4f(), fetch(u), u_k < p.inner);
        copies[1][local.z][local.y][local.x] = w;
        workgroupBarrier();
    }
    //# include add_slices
    //# else
    //# for r in ROWS
    let input_${r} = min(row + ${r}u * ${Y}u, last_row) * p.inner;
    //# end
    //# for c in VECTORS
    var weight_${c} = min(column_${c}, last_column);
    //# end
    for (var k = 0u; k < p.inner; k++) {
        //# for r in ROWS
        let u_${r} = fetch(input[input_${r} + k]);
        //# end
        //# for c in VECTORS
        //# for q in 4
        let w_${q}_${c} = weight[weight_${c}];
        weight_${c} += p.columns;
        //# end
        //# for r in ROWS
        sum_${r}_${c} += mat4x4f(w_0_${c}, w_1_${c}, w_2_${c}, w_3_${c}) * u_${r};
        //# end
        //# end
    }
    //# end

    //# if FORWARD
    var goodness = array<vec4f, ${QUADS}>();
    //# end
    //# include each_row
    //# for r in WRITTEN
    let row_${r} = row + (at + ${r}u) * ${Y}u;
    if row_${r} <= last_row && local.z == ${r%SLICES}u {
        let scale = reading_scale(squares_of(row_${r}), p.width);
        //# for c in VECTORS
        if column_${c} <= last_column {
            //# if FORWARD
            let h = activate(scale * sum_${r}_${c} + bias[column_${c}]);
            goodness[(at + ${r}u) / 4u][(at + ${r}u) % 4u] += dot(h, h);
            output[row_${r} * p.columns + column_${c}] = keep(h);
            //# else
            let place = row_${r} * p.columns + column_${c};
            let before = select(vec4f(), output[place], p.accumulate == 1u);
            output[place] = before + scale * sum_${r}_${c};
            //# end
        }
        //# end
    }
    //# end
    }
    //# if FORWARD
    // The last tile has what is left of the row's parts, too.
    let part = group.x * ${PARTS}u;
    let end = select(part + ${PARTS}u, 4u * p.groups, first_column + ${X}u * ${VECTORS}u > last_column);
    //# for q in QUADS
    workgroupBarrier();
    copies[0][local.z][local.y][local.x] = goodness[${q}];
    workgroupBarrier();
    let row_of_${q} = row + (4u * ${q}u + local.x) * ${Y}u;
    if local.z == 0u && local.x < 4u && row_of_${q} <= last_row {
        var sum = 0.0;
        for (var i = 0u; i < ${SLICES}u * ${X}u; i++) {
            sum += copies[0][i / ${X}u][local.y][i % ${X}u][local.x];
        }
        let at = row_of_${q} * 4u * p.groups;
        sums[at + part] = sum;
        for (var rest = part + 1u; rest < end; rest++) {
            sums[at + rest] = 0.0;
        }
    }
    //# end
    //# end
}
