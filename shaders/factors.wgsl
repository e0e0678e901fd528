// Included by the kernels of an update: what each row weighs in the gradient of W, worked out by the workgroup for CHUNK rows at
// a time, or with PICTURES for both rows of CHUNK pictures.
//
//   factors[i] = (s·coefficient, 0, s on positive rows and 0 on negative ones)                        GIVEN: (s, 0, 0)
//   PICTURES: (s₊·coefficient₊, s₋·coefficient₋, s₊) of the rows that show picture i with its labels  GIVEN: (s₊, s₋, 0)
//
// s is the row scale of the layer's input; where δ is GIVEN it is written out, and there are no coefficients.

const CHUNK = 256u;
var<workgroup> factors: array<vec3f, CHUNK>;
//# include squares_of

// What is worked on: pictures, or rows of the batch; and the first of the inputs that belong to them.
//# if PICTURES
fn count() -> u32 { return p.batch; }
fn first_input() -> u32 { return p.first_picture; }
//# else
fn count() -> u32 { return p.rows; }
fn first_input() -> u32 { return p.positive; }
//# end

fn factor(i: u32) -> vec3f {
    if i >= count() {
        return vec3f();
    }
    let row = p.positive + i;
    //# if PICTURES
    let other = p.negative + i;
    let blank = squares_of(p.first_picture + i);
    let scale = row_scale(blank + label_squares(labels[row]), p.width);
    let other_scale = row_scale(blank + label_squares(labels[other]), p.width);
    //# if GIVEN
    return vec3f(scale, other_scale, 0.0);
    //# else
    return vec3f(scale * coefficients[row].x, other_scale * coefficients[other].x, scale);
    //# end
    //# else
    let scale = reading_scale(squares_of(row), p.width);
    //# if GIVEN
    return vec3f(scale, 0.0, 0.0);
    //# else
    return vec3f(scale * coefficients[row].x, 0.0, select(0.0, scale, i < p.batch));
    //# end
    //# end
}

// Factors of up to CHUNK rows from `first` on, 0 past the end, by `lanes` invocations; returns how many. Begins and ends with
// a barrier.
fn weigh(first: u32, lane: u32, lanes: u32) -> u32 {
    let here = min(CHUNK, count() - first);
    workgroupBarrier();
    for (var i = lane; i < min(CHUNK, here + 3u); i += lanes) {
        factors[i] = factor(first + i);
    }
    workgroupBarrier();
    return here;
}
