// The first part of update: what a row's activities and the peer term weigh in the gradient of W.
//
//   factors[i] = (s·coefficient, s on positive rows and 0 on negative ones)     for p.rows rows from `positive` on
//   GIVEN: (s, 0), where δ is there already
//
// s is the row scale of the layer's input: of pictures with their labels (PICTURES), or of the activities below.

@group(0) @binding(1) var<storage, read> squares: array<vec4f>;        // Σ u² of each picture, or of each row
@group(0) @binding(2) var<storage, read_write> factors: array<vec2f>;
@group(0) @binding(3) var<storage, read> coefficients: array<vec4f>;
//# if PICTURES
@group(0) @binding(4) var<storage, read> labels: array<u32>;
//# end

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= p.rows {
        return;
    }
    let row = p.positive + i;
    //# if PICTURES
    let scale = row_scale(squares[p.first_picture + i % p.batch].x + label_squares(labels[row]), p.width);
    //# else
    let scale = reading_scale(squares[row].x, p.width);
    //# end
    //# if GIVEN
    factors[i] = vec2f(scale, 0.0);
    //# else
    factors[i] = vec2f(scale * coefficients[row].x, select(0.0, scale, i < p.batch));
    //# end
}
