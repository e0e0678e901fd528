// Included by the products before what becomes of their sums: WRITTEN rows from `at` on, which are all of them, or one at a time in a
// loop, for software adapters take longer to compile it for every row than the product.
//# if DEPTH
{
    const at = 0u;
//# else
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
