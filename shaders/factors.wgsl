// Included by the kernels of an update: what each row weighs in the gradient of W, worked out by the workgroup for CHUNK rows at
// a time, or with PICTURES for both rows of CHUNK pictures.
//
//   factors[i] = (s·coefficient, 0, s on positive rows and 0 on negative ones)                        GIVEN: (s, 0, 0)
//   PICTURES: (s₊·coefficient₊, s₋·coefficient₋, s₊) of the rows that show picture i with its labels  GIVEN: (s₊, s₋, 0)
//
// s is the row scale of the layer's input; where δ is GIVEN it is written out, and there are no coefficients.

const CHUNK = 64u;
var<workgroup> factors: array<vec3f, CHUNK>;
//# if PICTURES
// The label codes of both rows.
var<workgroup> codes: array<vec2u, CHUNK>;
//# end
//# include squares_of

// What is worked on: pictures, or rows of the batch; and the first of the inputs that belong to them.
//# if PICTURES
fn count() -> u32 {
    return p.batch;
}

fn first_input() -> u32 {
    return p.first_picture;
}
//# else
fn count() -> u32 {
    return p.rows;
}

fn first_input() -> u32 {
    return p.positive;
}
//# end

// Factors of up to CHUNK rows from `first` on, by `lanes` invocations; returns how many. Begins and ends with a barrier.
fn weigh(first: u32, lane: u32, lanes: u32) -> u32 {
    let here = min(CHUNK, count() - first);
    workgroupBarrier();
    for (var i = lane; i < here; i += lanes) {
        let row = p.positive + first + i;
        //# if PICTURES
        let other = p.negative + first + i;
        let blank = squares_of(p.first_picture + first + i);
        codes[i] = vec2u(labels[row], labels[other]);
        let scale = row_scale(blank + label_squares(codes[i].x), p.width);
        let other_scale = row_scale(blank + label_squares(codes[i].y), p.width);
        //# if GIVEN
        factors[i] = vec3f(scale, other_scale, 0.0);
        //# else
        factors[i] = vec3f(scale * coefficients[row].x, other_scale * coefficients[other].x, scale);
        //# end
        //# else
        let scale = reading_scale(squares_of(row), p.width);
        //# if GIVEN
        factors[i] = vec3f(scale, 0.0, 0.0);
        //# else
        factors[i] = vec3f(scale * coefficients[row].x, 0.0, select(0.0, scale, first + i < p.batch));
        //# end
        //# end
    }
    workgroupBarrier();
    return here;
}
