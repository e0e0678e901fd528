// What the backprop baseline sends down through windows: twin of `back` in cpu/local.rs. An invocation computes one value.
//
//   output[r, d] = φ'(h[r, d])·Σ δ[r, n]·W[n, place of d in n's window]   over the units n that see d
//
// δ: [R, N], W: [N, F], h, output: [R, D]; p.width is N, p.units D.

@group(0) @binding(1) var<storage, read> delta: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;            // W
@group(0) @binding(3) var<storage, read> values: array<Word>;           // h
@group(0) @binding(4) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let d = id.x;
    if d >= p.units || id.y >= p.rows {
        return;
    }
    let row = p.first_row + id.y;
    let each = p.width / (p.image_width * p.image_height);
    let position = d / p.channels;
    let x = position % p.image_width;
    let y = position / p.image_width;
    let reach = p.window / 2u;
    let pitch = (p.window * p.window * p.channels + 3u) / 4u * 4u;
    let to_x = min(x + reach, p.image_width - 1u);
    let to_y = min(y + reach, p.image_height - 1u);
    var sum = 0.0;
    for (var v = max(y, reach) - reach; v <= to_y; v++) {
        for (var u = max(x, reach) - reach; u <= to_x; u++) {
            let place = ((y + reach - v) * p.window + x + reach - u) * p.channels + d % p.channels;
            let first = (v * p.image_width + u) * each;
            for (var n = first; n < first + each; n++) {
                sum += delta[row * 4u * p.inner + n] * weight[n * pitch + place];
            }
        }
    }
    let h = fetch_one(values[word_of(row * 4u * p.columns + d)], d);
    let slope = select(select(0.0, 1.0, h > 0.0), 1.0 - h * h, p.tanh == 1u);
    output[row * 4u * p.columns + d] = sum * slope;
}
