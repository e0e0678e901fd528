// How fast the adapter multiplies and adds when nothing else holds it up: what a product's rate is a share of. Eight
// independent sums an invocation, in registers; nothing is read, and too little written to count.
//
//   sum ← sum·factor + sum, ROUNDS times; 64·ROUNDS operations an invocation

@group(0) @binding(1) var<storage, read_write> sums: array<vec4f>;

const ROUNDS = 1024u;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
    // Not known to the compiler, and so small that nothing overflows.
    let factor = vec4f(p.rate);
    //# for i in SUMS
    var sum_${i} = vec4f(f32(lane + ${i}u));
    //# end
    for (var round = 0u; round < ROUNDS; round++) {
        //# for i in SUMS
        sum_${i} = fma(sum_${i}, factor, sum_${i});
        //# end
    }
    var total = vec4f();
    //# for i in SUMS
    total += sum_${i};
    //# end
    if id.x < p.columns {
        sums[id.x] = total;
    }
}
