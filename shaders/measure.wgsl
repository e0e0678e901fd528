// The goodness of blocks of units: twin of measure in cpu/forward.rs. An invocation a row and block.
//
//   goodness[r, k] = Σ h² (or Σ h) over the units of block k     h: [R, N] → [R, K]

@group(0) @binding(1) var<storage, read> values: array<Word>;        // h
@group(0) @binding(2) var<storage, read_write> goodness: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= p.rows {
        return;
    }
    let row = p.first_row + id.x;
    let k = id.y;
    let size = p.units / p.blocks;
    let begin = row * 4u * p.columns + k * size;
    var sum = 0.0;
    for (var n = 0u; n < size; n++) {
        let h = fetch_one(values[word_of(begin + n)], n);
        sum += select(h * h, h, p.sums == 1u);
    }
    goodness[row * ((p.blocks + 3u) / 4u * 4u) + k] = sum;
}
