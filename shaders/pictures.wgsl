// Included by kernels that read a data set: bytes, four a word, and picks of 2 words, from p.picks_at on. A pick is an index, then
// dx, dy and two label codes, 8 bits each. In colour the mean of the picture's values is taken off, before it is shifted.

@group(0) @binding(_) var<storage, read> bytes: array<u32>;
@group(0) @binding(_) var<storage, read> picks: array<u32>;
//# include lanes

// Byte `at` of the data set.
fn byte(at: u32) -> u32 {
    return (bytes[at / 4u] >> (8u * (at % 4u))) & 0xffu;
}

// The mean of a picture's values, in colour; called by all lanes.
fn mean_of(index: u32, lane: u32) -> f32 {
    if p.channels == 1u {
        return 0.0;
    }
    // Whole numbers, whose sum is exact.
    var total = 0.0;
    for (var k = lane; k < p.width; k += LANES) {
        total += f32(byte(index * p.width + k));
    }
    return sum_of_lanes(total, lane) / (255.0 * f32(p.width));
}

// Ink of value k of a shifted picture, 0 to 1; or a colour less the mean.
fn ink(k: u32, index: u32, packed: u32, mean: f32) -> f32 {
    let shift = vec2i(i32(packed << 24u) >> 24u, i32(packed << 16u) >> 24u);
    let place = k / p.channels;
    let source = vec2i(vec2u(place % p.image_width, place / p.image_width)) - shift;
    if any(source < vec2i()) || source.x >= i32(p.image_width) || source.y >= i32(p.image_height) {
        return 0.0;
    }
    let at = index * p.width + (u32(source.y) * p.image_width + u32(source.x)) * p.channels + k % p.channels;
    return f32(byte(at)) / 255.0 - mean;
}
