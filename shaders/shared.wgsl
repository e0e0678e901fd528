// What every kernel begins with, after the constants that `source.rs` writes out of the Rust ones (NEUTRAL, NORM_FLOOR, …) and
// what a dispatch is told (`Parameters` in parameters.rs): a kernel reads the fields that it names.
//
// Matrices are row-major arrays of vec4f: a row is padded with zeros to whole vectors, and kernels keep it so. Of a
// column ([R, 1]: goodness, squares, coefficients) the x components are the values.

@group(0) @binding(0) var<uniform> p: Parameters;

// 1 / (rms + floor) of a row of `width` values whose squares sum to `squares`.
fn row_scale(squares: f32, width: u32) -> f32 {
    return 1.0 / (sqrt(squares / f32(width)) + NORM_FLOOR);
}

// The factor a row is read with: its scale, or 1 where it is read as it is.
fn reading_scale(squares: f32, width: u32) -> f32 {
    return select(1.0, row_scale(squares, width), p.normalised == 1u);
}

// The sum of squares a label code adds to a picture's, if the label is in the picture.
fn label_squares(code: u32) -> f32 {
    let squares = select(1.0, f32(p.label_pixels) * p.neutral * p.neutral, code == NEUTRAL);
    return select(squares, 0.0, p.label_pixels == 0u);
}

// pcg3d, as `random::hash`; only the first word is used.
fn hash(x: u32, y: u32, z: u32) -> u32 {
    var v = vec3u(x, y, z) * 1664525u + 1013904223u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v ^= v >> vec3u(16u);
    v.x += v.y * v.z;
    return v.x;
}

// Unlike max(z, 0), keeps NaN, so that a run that left the finite numbers is noticed.
fn relu(z: vec4f) -> vec4f {
    return select(z, vec4f(), z < vec4f());
}

// The values of one vector of units, without those beyond the last unit.
fn inside(column: u32, values: vec4f) -> vec4f {
    return select(vec4f(), values, 4u * column + vec4u(0u, 1u, 2u, 3u) < vec4u(p.units));
}

// The slope of goodness over the pre-activation, as `Rule::slope`.
fn slope(h: vec4f) -> vec4f {
    let through = select(vec4f(1.0), 1.0 - h * h, p.tanh == 1u);
    let on = select(select(vec4f(), vec4f(1.0), h > vec4f()), vec4f(1.0), p.tanh == 1u);
    return through * select(h, on, p.sums == 1u);
}

// φ of the layer's rule. Of large arguments some implementations' tanh is not a number.
fn activate(z: vec4f) -> vec4f {
    if p.tanh == 1u {
        return select(tanh(clamp(z, vec4f(-20.0), vec4f(20.0))), z, z != z);
    }
    return relu(z);
}
