// Included by the products before what becomes of their sums: for WRITTEN rows from `at` on, which are all of them, or one at a time:
// written out for each row, software adapters take longer to compile that than the product.
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
