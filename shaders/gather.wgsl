// Bytes of a data set to the pixels of a batch: twin of cpu/gather.rs. One workgroup a picture.
//
//   values[first_row + i, :] = bytes of picks[i], shifted, / 255, the label's pixels blank      [I, D]
//   squares[first_row + i] = Σ values²                                                           [I, 1]
//   LABELLED: labels[positive + i], labels[negative + i] = the codes that came with the pick, unless NO_CODE
//
// In colour the mean of the picture's values is taken off, before it is shifted.

@group(0) @binding(_) var<storage, read> bytes: array<u32>;       // images, four pixels a word
@group(0) @binding(_) var<storage, read> picks: array<u32>;       // at picks_at: index, then dx, dy and two codes, 8 bits each
@group(0) @binding(_) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> squares: array<vec4f>;
//# if LABELLED
@group(0) @binding(_) var<storage, read_write> labels: array<u32>;
//# end

var<workgroup> partials: array<f32, 64>;

// Byte `at` of the data set.
fn byte(at: u32) -> u32 {
    return (bytes[at / 4u] >> (8u * (at % 4u))) & 0xffu;
}

// Ink of pixel k of the shifted image, 0 to 1; or a colour less the mean.
fn pixel(k: u32, index: u32, shift: vec2i, mean: f32) -> f32 {
    if k < p.label_pixels || k >= p.width {
        return 0.0;
    }
    let place = k / p.channels;
    let source = vec2i(vec2u(place % p.image_width, place / p.image_width)) - shift;
    if any(source < vec2i()) || source.x >= i32(p.image_width) || source.y >= i32(p.image_height) {
        return 0.0;
    }
    let at = index * p.width + (u32(source.y) * p.image_width + u32(source.x)) * p.channels + k % p.channels;
    return f32(byte(at)) / 255.0 - mean;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let index = picks[p.picks_at + 2u * group.x];
    let packed = picks[p.picks_at + 2u * group.x + 1u];
    let shift = vec2i(i32(packed << 24u) >> 24u, i32(packed << 16u) >> 24u);
    let row = p.first_row + group.x;
    var mean = 0.0;
    if p.channels > 1u {
        // Whole numbers, whose sum is exact.
        var total = 0.0;
        for (var k = lane; k < p.width; k += 64u) {
            total += f32(byte(index * p.width + k));
        }
        partials[lane] = total;
        for (var half = 32u; half > 0u; half /= 2u) {
            workgroupBarrier();
            if lane < half {
                partials[lane] += partials[lane + half];
            }
        }
        workgroupBarrier();
        mean = partials[0] / (255.0 * f32(p.width));
        workgroupBarrier();
    }
    var sum = 0.0;
    for (var v = lane; v < p.inner; v += 64u) {
        let k = 4u * v;
        let ink = vec4f(
            pixel(k, index, shift, mean),
            pixel(k + 1u, index, shift, mean),
            pixel(k + 2u, index, shift, mean),
            pixel(k + 3u, index, shift, mean),
        );
        values[row * p.inner + v] = ink;
        sum += dot(ink, ink);
    }
    partials[lane] = sum;
    for (var half = 32u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partials[lane] += partials[lane + half];
        }
    }
    if lane == 0u {
        squares[row] = vec4f(partials[0], 0.0, 0.0, 0.0);
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
