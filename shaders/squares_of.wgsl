// Included by kernels with a binding `squares`: the sum that a row keeps there in parts, p.parts vectors of them.
fn squares_of(row: u32) -> f32 {
    var sum = vec4f();
    let end = (row + 1u) * p.parts;
    for (var i = row * p.parts; i < end; i += 4u) {
        //# for k in 4
        sum += select(vec4f(), squares[min(i + ${k}u, end - 1u)], i + ${k}u < end);
        //# end
    }
    return sum.x + sum.y + sum.z + sum.w;
}
