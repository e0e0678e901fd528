// Included by the products behind their loops over blocks: adds up what the slices of a workgroup summed up, for each of them.
//# if SLICED
//# for c in VECTORS
//# for r in ROWS
copies[${r%2}][local.z][local.y][local.x] = sum_${r}_${c};
workgroupBarrier();
sum_${r}_${c} = copies[${r%2}][0][local.y][local.x];
//# for s in SLICED
sum_${r}_${c} += copies[${r%2}][${s} + 1][local.y][local.x];
//# end
//# end
//# end
//# end
