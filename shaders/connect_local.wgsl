// One of a layer's inputs through windows: twin of `multiply` in cpu/local.rs. An invocation computes ROWS rows of one unit.
//
//   z[r, n] (+)= s·Σ_f u[r, seen(n, f)]·W[n, f]     u: [R, D], W: [N, F] → z: [R, N]
//
// f goes over the window of n's position, [window, window, channels]; what lies beyond the edges is left out.

@group(0) @binding(_) var<storage, read> input: array<Word>;            // u
@group(0) @binding(_) var<storage, read> weight: array<f32>;            // W
@group(0) @binding(_) var<storage, read_write> output: array<f32>;      // z
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;         // Σ u² of each row
//# include squares_of

const ROWS = 4u;

fn one(i: u32) -> f32 {
    return fetch_one(input[word_of(i)], i);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let n = id.x;
    if n >= p.units {
        return;
    }
    let last = p.first_row + p.rows - 1u;
    let first = p.first_row + ROWS * id.y;
    let position = n / (p.units / (p.image_width * p.image_height));
    let x = position % p.image_width;
    let y = position / p.image_width;
    let reach = p.window / 2u;
    let from_x = max(x, reach) - reach;
    let to_x = min(x + reach, p.image_width - 1u);
    let to_y = min(y + reach, p.image_height - 1u);
    let pitch = (p.window * p.window * p.channels + 3u) / 4u * 4u;
    let rows = 4u * p.inner * min(vec4u(first) + vec4u(0u, 1u, 2u, 3u), vec4u(last));
    var sum = vec4f();
    for (var v = max(y, reach) - reach; v <= to_y; v++) {
        var at = (v * p.image_width + from_x) * p.channels;
        var place = n * pitch + ((v + reach - y) * p.window + from_x + reach - x) * p.channels;
        for (var i = (to_x + 1u - from_x) * p.channels; i > 0u; i--) {
            let u = rows + vec4u(at);
            sum += weight[place] * vec4f(one(u.x), one(u.y), one(u.z), one(u.w));
            at++;
            place++;
        }
    }
    for (var i = 0u; i < ROWS; i++) {
        let row = first + i;
        if row <= last {
            let to = row * 4u * p.columns + n;
            let before = select(0.0, output[to], p.accumulate == 1u);
            output[to] = before + reading_scale(squares_of(row), p.width) * sum[i];
        }
    }
}
