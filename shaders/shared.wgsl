// What every kernel begins with, after the constants that `source.rs` writes out of the Rust ones (LABELS, NEUTRAL, …).
//
// Matrices are row-major arrays of vec4f: a row is padded with zeros to whole vectors, and kernels keep it so. Of a
// column ([R, 1]: goodness, squares, coefficients) the x components are the values.

// What one dispatch is told; `Parameters` in parameters.rs, field by field. A kernel reads those it names in its head.
struct Parameters {
    // Rows worked on, and the first of them.
    rows: u32,
    first_row: u32,
    // Vectors a row of the input, and of the output or the activities.
    inner: u32,
    columns: u32,
    // Values a row of the input (what its rms is taken over), and of the activities.
    width: u32,
    units: u32,
    // Pictures of a batch, and the first rows of its positive and negative blocks.
    batch: u32,
    positive: u32,
    negative: u32,
    // Rows show pictures first_picture … first_picture + pictures − 1 in turn.
    first_picture: u32,
    pictures: u32,
    // Vectors a row of the sums of squares that are written, and of those that are read: each row's sum is kept in parts, for
    // whoever needs it to add up. Parts that nothing was added to are zero.
    groups: u32,
    parts: u32,
    // Of a data set's image; picks_at is where the picks lie, in words.
    image_width: u32,
    image_height: u32,
    channels: u32,
    picks_at: u32,
    seed: u32,
    step: u32,
    // 1: add to what the output holds.
    accumulate: u32,
    rate: f32,
    momentum: f32,
    weight_cost: f32,
    threshold: f32,
    temperature: f32,
    peer: f32,
    // How many of a picture's first pixels carry its label: all classes' or none.
    label_pixels: u32,
    // 1: a row is read by its direction, 0: as it is.
    normalised: u32,
    // Blocks of units with a goodness of their own, the sign of the rule, and 1 where its units are tanh and where its
    // goodness is Σ h.
    blocks: u32,
    sign: f32,
    tanh: u32,
    sums: u32,
    // Recurrent: share of the old state, and what a label on top is.
    damping: f32,
    strength: f32,
    // Which box, see transform.wgsl; how often a mask is blurred.
    kind: u32,
    blurs: u32,
    // Positions of a window each way, where units see windows.
    window: u32,
    // Layers that the softmax head reads, and the first of those that are worked on; 1: wrong labels are drawn, and errors found.
    voters: u32,
    voter: u32,
    proposes: u32,
    blames: u32,
}

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
    let squares = select(1.0, f32(LABELS) * NEUTRAL_STRENGTH * NEUTRAL_STRENGTH, code == NEUTRAL);
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
