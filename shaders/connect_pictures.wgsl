// The pictures' share of a layer's pre-activation, from the product that all rows of a picture share: twin of the same branch
// of connect in cpu/forward.rs, for pictures without a label in them.
//
//   z[r, :] (+)= s·product[picture(r), :]     product: [I, N] → z: [R, N]

@group(0) @binding(_) var<storage, read> product: array<vec4f>;
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;     // of the pictures
@group(0) @binding(_) var<storage, read_write> sum: array<vec4f>;   // z

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.y >= p.rows || id.x >= p.columns {
        return;
    }
    let picture = p.first_picture + id.y % p.pictures;
    let place = (p.first_row + id.y) * p.columns + id.x;
    let before = select(vec4f(), sum[place], p.accumulate == 1u);
    sum[place] = before + row_scale(squares[picture].x, p.width) * product[picture * p.columns + id.x];
}
