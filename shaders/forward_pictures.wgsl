// The first layer, forwards, from the product of the blank pictures: twin of the same branch in cpu/forward.rs.
//
//   h[r, :] = φ(s_r·(product[picture(r), :] + label(r)) + b)     product: [I, N], label: rows of W → h: [R, N]
//   sums[r, part] = Σ h² over every vector of columns as many parts after part as there are

@group(0) @binding(_) var<storage, read> product: array<vec4f>;
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;     // of the blank pictures
@group(0) @binding(_) var<storage, read> labels: array<u32>;
@group(0) @binding(_) var<storage, read> weight: array<vec4f>;      // the rows of the label's inputs
@group(0) @binding(_) var<storage, read> bias: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> output: array<Stored>;
@group(0) @binding(_) var<storage, read_write> sums: array<f32>;

// What a label code adds to u·W in one vector of columns.
fn label_product(code: u32, column: u32) -> vec4f {
    if p.label_pixels == 0u {
        return vec4f();
    }
    if code != NEUTRAL {
        return weight[code * p.columns + column];
    }
    var sum = vec4f();
    for (var label = 0u; label < p.label_pixels; label++) {
        sum += weight[label * p.columns + column];
    }
    return p.neutral * sum;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y;
    let parts = 4u * p.groups;
    if i >= p.rows || id.x >= parts {
        return;
    }
    let row = p.first_row + i;
    let picture = p.first_picture + i % p.pictures;
    let code = labels[row];
    let scale = row_scale(squares[picture].x + label_squares(code), p.width);
    var goodness = 0.0;
    for (var column = id.x; column < p.columns; column += parts) {
        let z = product[picture * p.columns + column] + label_product(code, column);
        let h = activate(scale * z + bias[column]);
        output[row * p.columns + column] = keep(h);
        goodness += dot(h, h);
    }
    sums[row * parts + id.x] = goodness;
}
