// Keeps connections that do not exist away: twin of mask in cpu/update.rs.
//
//   W ← W ⊙ mask     v ← v ⊙ mask     [D, N]

@group(0) @binding(1) var<storage, read> mask: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> velocity: array<vec4f>;

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.y >= p.rows || id.x >= p.columns {
        return;
    }
    let place = id.y * p.columns + id.x;
    weight[place] *= mask[place];
    velocity[place] *= mask[place];
}
