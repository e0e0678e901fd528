// Bytes of a data set to the pixels of a batch: twin of cpu/gather.rs. One workgroup a picture.
//
//   values[first_row + i, :] = bytes of picks[i], shifted, / 255, the label's inputs blank      [I, D]
//   squares[first_row + i] = Σ values²                                                           [I, 1]
//   LABELLED: labels[positive + i], labels[negative + i] = the codes that came with the pick, unless NO_CODE
//
// The label's inputs are the picture's first pixels, or p.front inputs of their own before it.

//# include pictures
@group(0) @binding(_) var<storage, read_write> values: array<Stored>;
@group(0) @binding(_) var<storage, read_write> squares: array<vec4f>;
//# if LABELLED
@group(0) @binding(_) var<storage, read_write> labels: array<u32>;
//# end

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = picks[p.picks_at + 2u * group.x];
    let packed = picks[p.picks_at + 2u * group.x + 1u];
    let row = p.first_row + group.x;
    let mean = mean_of(index, lane);
    var sum = 0.0;
    for (var v = lane; v < p.inner; v += LANES) {
        var pixels = vec4f();
        for (var c = 0u; c < 4u; c++) {
            let k = 4u * v + c;
            if k >= p.label_pixels && k < p.width + p.front {
                pixels[c] = ink(k - p.front, index, packed, mean);
            }
        }
        values[row * p.inner + v] = keep(pixels);
        sum += dot(pixels, pixels);
    }
    let total = sum_of_lanes(sum, lane);
    if lane == 0u {
        squares[row] = vec4f(total, 0.0, 0.0, 0.0);
        //# if LABELLED
        let codes = vec2u((packed >> 16u) & 0xffu, packed >> 24u);
        if codes.x != NO_CODE {
            labels[p.positive + group.x] = codes.x;
        }
        if codes.y != NO_CODE {
            labels[p.negative + group.x] = codes.y;
        }
        //# end
    }
}
