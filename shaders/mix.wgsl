// Hybrids of two pictures: twin of cpu/gather.rs and negatives/hybrid.rs. One workgroup a picture.
//
//   values[first_row + i, :] = m·a + (1 − m)·b of the two pictures picks[i], shifted, / 255     [I, D]
//   squares[first_row + i] = Σ values²                                                          [I, 1]
//
// In colour the mean of each picture's values is taken off first.
//
// m: random bits, blurred p.blurs times by [¼, ½, ¼] along rows and columns with the edges repeated, and cut at ½. At most
// 1,024 places.

@group(0) @binding(_) var<storage, read> bytes: array<u32>;       // images, four values a word
@group(0) @binding(_) var<storage, read> picks: array<u32>;       // at picks_at: for a and b, index, then dx and dy, 8 bits each
@group(0) @binding(_) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> squares: array<vec4f>;

const PLACES = 1024u;
const LANES = 64u;
var<workgroup> mask: array<f32, PLACES>;
var<workgroup> along: array<f32, PLACES>;
var<workgroup> partials: array<f32, LANES>;

// Byte `at` of the data set.
fn byte(at: u32) -> u32 {
    return (bytes[at / 4u] >> (8u * (at % 4u))) & 0xffu;
}

// The mean of a picture's values, in colour; called by all lanes.
fn mean(index: u32, lane: u32) -> f32 {
    if p.channels == 1u {
        return 0.0;
    }
    var total = 0.0;
    for (var k = lane; k < p.width; k += LANES) {
        total += f32(byte(index * p.width + k));
    }
    partials[lane] = total;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partials[lane] += partials[lane + half];
        }
    }
    workgroupBarrier();
    let sum = partials[0];
    workgroupBarrier();
    return sum / (255.0 * f32(p.width));
}

// Ink of value k of a shifted image, 0 to 1; or a colour less the mean.
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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let places = p.image_width * p.image_height;
    for (var i = lane; i < places; i += LANES) {
        let word = hash(p.seed, p.step, ((p.pictures + group.x) << 8u) + i / 16u);
        mask[i] = f32((word >> (16u + i % 16u)) & 1u);
    }
    for (var blur = 0u; blur < p.blurs; blur++) {
        workgroupBarrier();
        for (var i = lane; i < places; i += LANES) {
            let x = i % p.image_width;
            let before = select(i - 1u, i, x == 0u);
            let after = select(i + 1u, i, x + 1u == p.image_width);
            along[i] = 0.25 * mask[before] + 0.5 * mask[i] + 0.25 * mask[after];
        }
        workgroupBarrier();
        for (var i = lane; i < places; i += LANES) {
            let y = i / p.image_width;
            let before = select(i - p.image_width, i, y == 0u);
            let after = select(i + p.image_width, i, y + 1u == p.image_height);
            mask[i] = 0.25 * along[before] + 0.5 * along[i] + 0.25 * along[after];
        }
    }
    workgroupBarrier();
    let at = p.picks_at + 4u * group.x;
    let row = p.first_row + group.x;
    let means = vec2f(mean(picks[at], lane), mean(picks[at + 2u], lane));
    var sum = 0.0;
    for (var v = lane; v < p.inner; v += LANES) {
        var mixed = vec4f();
        for (var c = 0u; c < 4u; c++) {
            let k = 4u * v + c;
            if k < p.width {
                let second = select(1u, 0u, mask[k / p.channels] >= 0.5);
                mixed[c] = ink(k, picks[at + 2u * second], picks[at + 2u * second + 1u], means[second]);
            }
        }
        values[row * p.inner + v] = mixed;
        sum += dot(mixed, mixed);
    }
    partials[lane] = sum;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partials[lane] += partials[lane + half];
        }
    }
    if lane == 0u {
        squares[row] = vec4f(partials[0], 0.0, 0.0, 0.0);
    }
}
