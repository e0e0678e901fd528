// Included by the products: what a workgroup copies of its operands to its own memory, a block at a time, one vector of either from
// each invocation; the next block is loaded while this one is multiplied. A block is BLOCK vectors of the inner dimension (forward), or
// four times as many rows of the batch (update); each of the SLICES of a workgroup multiplies DEPTH vectors, or 4·DEPTH rows, of it.
// All indices but an invocation's own are constants, so that reading takes no arithmetic. X = Y where there are copies.

const BLOCK = ${SLICES}u * ${DEPTH}u;
var<workgroup> copies: array<array<array<array<vec4f, ${X}>, ${Y}>, ${SLICES}>, 2>;
