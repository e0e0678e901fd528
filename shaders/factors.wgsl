// The first part of update: what a row's activities and the peer term weigh in the gradient of W.
//
//   factors[i] = (s·coefficient, s on positive rows and 0 on negative ones)     for the 2·batch rows from `positive` on
//
// s is the row scale of the layer's input: of pictures with their labels (PICTURES), or of the activities below.

@group(0) @binding(1) var<storage, read> squares: array<vec4f>;        // Σ u² of each picture, or of each row
@group(0) @binding(2) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> factors: array<vec2f>;
//# if PICTURES
@group(0) @binding(4) var<storage, read> labels: array<u32>;
//# end

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= 2u * p.batch {
        return;
    }
    let row = p.positive + i;
    //# if PICTURES
    let sum = squares[p.first_picture + i % p.batch].x + label_squares(labels[row]);
    //# else
    let sum = squares[row].x;
    //# end
    let scale = row_scale(sum, p.width);
    factors[i] = vec2f(scale * coefficients[row].x, select(0.0, scale, i < p.batch));
}
