// Included by kernels with a binding `squares`: the sum that a row keeps there in parts, p.parts vectors of them.
fn squares_of(row: u32) -> f32 {
    var sum = vec4f();
    for (var i = row * p.parts; i < (row + 1u) * p.parts; i++) {
        sum += squares[i];
    }
    return sum.x + sum.y + sum.z + sum.w;
}
