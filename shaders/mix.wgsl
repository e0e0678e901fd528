// Hybrids of two pictures: twin of cpu/gather.rs and negatives/hybrid.rs. One workgroup a picture.
//
//   values[first_row + i, :] = m·a + (1 − m)·b of the two pictures picks[i], shifted, / 255     [I, D]
//   squares[first_row + i] = Σ values²                                                          [I, 1]
//
// m: random bits, blurred p.blurs times by [¼, ½, ¼] along rows and columns with the edges repeated, and cut at ½. At most
// 1,024 places.

//# include pictures
@group(0) @binding(_) var<storage, read_write> values: array<Stored>;
@group(0) @binding(_) var<storage, read_write> squares: array<vec4f>;

const PLACES = 1024u;
var<workgroup> mask: array<f32, PLACES>;
var<workgroup> along: array<f32, PLACES>;

@compute @workgroup_size(LANES)
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
    let means = vec2f(mean_of(picks[at], lane), mean_of(picks[at + 2u], lane));
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
        values[row * p.inner + v] = keep(mixed);
        sum += dot(mixed, mixed);
    }
    let total = sum_of_lanes(sum, lane);
    if lane == 0u {
        squares[row] = vec4f(total, 0.0, 0.0, 0.0);
    }
}
