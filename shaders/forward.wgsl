// One layer, forwards: twin of cpu/forward.rs. Expanded once for each tiling (tiling.rs), without epilogue for the
// pictures' product that all labels share, and with CONNECT for one of a layer's several inputs.
//
//   h = φ(s·(u·W) + b)     u: [R, D], W: [D, N], b: [1, N] → h: [R, N]
//   CONNECT: z (+)= s·(u·W)
//   sums[r, part] = Σ h² over PART columns, which whoever needs them adds up
//
// An invocation computes ROWS rows of VECTORS vectors of columns, the vectors X apart so that neighbours read neighbours.
// With DEPTH > 0 the workgroup first copies DEPTH vectors of its rows of u, and as many rows of W, to its own memory.
// Without, all invocations of a workgroup share their rows, so that u is read at uniform addresses.
// Rows and columns past the end repeat the last one, and are not stored.

@group(0) @binding(_) var<storage, read> input: array<Stored>;              // u
@group(0) @binding(_) var<storage, read> weight: array<vec4f>;              // W
//# if FORWARD
@group(0) @binding(_) var<storage, read_write> output: array<Stored>;       // h
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;             // Σ u² of each row
@group(0) @binding(_) var<storage, read> bias: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> sums: array<f32>;
//# else
@group(0) @binding(_) var<storage, read_write> output: array<vec4f>;        // z, or u·W
//# end
//# if CONNECT
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;
//# end
//# unless PROJECT
//# include squares_of
//# end

//# if DEPTH
const TILE_ROWS = ${ROWS}u * ${Y}u;
const TILE_VECTORS = ${VECTORS}u * ${X}u;
var<workgroup> input_tile: array<vec4f, TILE_ROWS * ${DEPTH}u>;             // [TILE_ROWS, DEPTH]
// [4·DEPTH, TILE_VECTORS] of W; and at last, for each invocation, Σ h² of four rows over its columns.
var<workgroup> tile: array<vec4f, max(4u * ${DEPTH}u * TILE_VECTORS, ${X}u * ${Y}u)>;
//# else
//# if FORWARD
var<workgroup> tile: array<vec4f, ${X}u * ${Y}u>;
//# end
//# end

@compute @workgroup_size(${X}, ${Y})
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let last_row = p.first_row + p.rows - 1u;
    let last_column = p.columns - 1u;
    let first_column = group.x * ${X}u * ${VECTORS}u;
    let tile_row = p.first_row + group.y * ${ROWS}u * ${Y}u;
    let row = tile_row + local.y * ${ROWS}u;
    //# for c in VECTORS
    let column_${c} = first_column + local.x + ${c}u * ${X}u;
    //# end
    //# for r in ROWS
    //# for c in VECTORS
    var sum_${r}_${c} = vec4f();
    //# end
    //# end

    //# if DEPTH
    for (var begin = 0u; begin < p.inner; begin += ${DEPTH}u) {
        workgroupBarrier();
        for (var i = lane; i < TILE_ROWS * ${DEPTH}u; i += ${X}u * ${Y}u) {
            let k = begin + i % ${DEPTH}u;
            let u = input[min(tile_row + i / ${DEPTH}u, last_row) * p.inner + min(k, p.inner - 1u)];
            input_tile[i] = select(vec4f(), fetch(u), k < p.inner);
        }
        for (var i = lane; i < 4u * ${DEPTH}u * TILE_VECTORS; i += ${X}u * ${Y}u) {
            let k = min(4u * begin + i / TILE_VECTORS, 4u * p.inner - 1u);
            tile[i] = weight[k * p.columns + min(first_column + i % TILE_VECTORS, last_column)];
        }
        workgroupBarrier();
        for (var k = 0u; k < ${DEPTH}u; k++) {
            //# for r in ROWS
            let u_${r} = input_tile[(local.y * ${ROWS}u + ${r}u) * ${DEPTH}u + k];
            //# end
            //# for q in 4
            //# for c in VECTORS
            let w_${q}_${c} = tile[(4u * k + ${q}u) * TILE_VECTORS + local.x + ${c}u * ${X}u];
            //# for r in ROWS
            sum_${r}_${c} += u_${r}[${q}] * w_${q}_${c};
            //# end
            //# end
            //# end
        }
    }
    //# else
    //# for r in ROWS
    let input_${r} = min(row + ${r}u, last_row) * p.inner;
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
    //# if DEPTH
    {
        const at = 0u;
    //# else
    // A loop: written out for each row, software adapters take longer to compile this than the product.
    var all = array<vec4f, ${ROWS} * ${VECTORS}>(
        //# for r in ROWS
        //# for c in VECTORS
        sum_${r}_${c},
        //# end
        //# end
    );
    for (var at = 0u; at < ${ROWS}u; at++) {
        //# for c in VECTORS
        let sum_0_${c} = all[at * ${VECTORS}u + ${c}u];
        //# end
    //# end
    //# for r in WRITTEN
    if row + at + ${r}u <= last_row {
        //# unless PROJECT
        let scale = reading_scale(squares_of(row + at + ${r}u), p.width);
        //# end
        //# for c in VECTORS
        if column_${c} <= last_column {
            //# if FORWARD
            let h = activate(scale * sum_${r}_${c} + bias[column_${c}]);
            goodness[(at + ${r}u) / 4u][(at + ${r}u) % 4u] += dot(h, h);
            output[(row + at + ${r}u) * p.columns + column_${c}] = keep(h);
            //# else
            let place = (row + at + ${r}u) * p.columns + column_${c};
            //# if CONNECT
            let before = select(vec4f(), output[place], p.accumulate == 1u);
            output[place] = before + scale * sum_${r}_${c};
            //# else
            output[place] = sum_${r}_${c};
            //# end
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
    tile[lane] = goodness[${q}];
    workgroupBarrier();
    if local.x < 4u && row + 4u * ${q}u + local.x <= last_row {
        var sum = 0.0;
        for (var x = 0u; x < ${X}u; x++) {
            sum += tile[local.y * ${X}u + x][local.x];
        }
        let at = (row + 4u * ${q}u + local.x) * 4u * p.groups;
        sums[at + part] = sum;
        for (var rest = part + 1u; rest < end; rest++) {
            sums[at + rest] = 0.0;
        }
    }
    //# end
    //# end
}
