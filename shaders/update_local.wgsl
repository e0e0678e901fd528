// The local rule on the weights of windows: twin of `learn` in cpu/local.rs. An invocation has one weight.
//
//   G[n, f] = Σ_r u[r, seen(n, f)]·s_r·δ[r, n]     u: [R, D], δ: [R, N], see update.wgsl for δ
//   v ← μ·v + (1 − μ)/batch·G        W ← W + rate·(v − c·W)        v, W: [N, F]
//
// With PICTURES the two rows of one picture share its pixels, and the sum runs over pictures. Places beyond the edges have no
// weight: theirs stays zero.

@group(0) @binding(_) var<storage, read> input: array<Word>;            // u: rows of the batch, or pictures
//# if GIVEN
@group(0) @binding(_) var<storage, read> values: array<f32>;            // δ
//# else
@group(0) @binding(_) var<storage, read> values: array<Word>;           // h
//# end
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;         // Σ u²
//# unless GIVEN
@group(0) @binding(_) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(_) var<storage, read> peer: array<f32>;
//# end
@group(0) @binding(_) var<storage, read_write> velocity: array<f32>;    // v
@group(0) @binding(_) var<storage, read_write> weight: array<f32>;      // W
//# if PICTURES
@group(0) @binding(_) var<storage, read> labels: array<u32>;
//# end
//# include factors

// h, or δ, of unit n on a row.
fn above(row: u32, n: u32) -> f32 {
    //# if GIVEN
    return values[row * 4u * p.columns + n];
    //# else
    return fetch_one(values[word_of(row * 4u * p.columns + n)], n);
    //# end
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
    let places = p.window * p.window * p.channels;
    let f = id.x;
    let n = id.y;
    let position = n / (p.units / (p.image_width * p.image_height));
    let reach = i32(p.window / 2u);
    let step = f / p.channels;
    let x = i32(position % p.image_width) + i32(step % p.window) - reach;
    let y = i32(position / p.image_width) + i32(step / p.window) - reach;
    let exists = f < places && x >= 0 && y >= 0 && x < i32(p.image_width) && y < i32(p.image_height);
    let seen = (u32(y) * p.image_width + u32(x)) * p.channels + f % p.channels;
    var sum = 0.0;
    for (var first = 0u; first < count(); first += CHUNK) {
        let here = weigh(first, lane, 64u);
        for (var i = 0u; i < here && exists; i++) {
            let r = first + i;
            var delta = factors[i].x * above(p.positive + r, n);
            //# if PICTURES
            delta += factors[i].y * above(p.negative + r, n);
            //# end
            //# unless GIVEN
            delta += factors[i].z * peer[n];
            //# end
            sum += fetch_one(input[word_of((first_input() + r) * 4u * p.inner + seen)], seen) * delta;
        }
    }
    if !exists {
        return;
    }
    let place = n * ((places + 3u) / 4u * 4u) + f;
    let v = p.momentum * velocity[place] + (1.0 - p.momentum) / f32(p.batch) * sum;
    let w = weight[place];
    velocity[place] = v;
    weight[place] = w + p.rate * (v - p.weight_cost * w);
}
