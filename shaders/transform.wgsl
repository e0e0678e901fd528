// The box between two layers that nobody can differentiate: twin of cpu/transform.rs. One workgroup a row.
//
//   kind 1: [h > lower median of the row]     2: sin(1/x), 0 below SINE_FROM     3: table[x]     x = s·h     [R, N] → [R, N]
//   squares = Σ of the output's squares

@group(0) @binding(_) var<storage, read> values: array<Word>;               // h
@group(0) @binding(_) var<storage, read> squares: array<vec4f>;
@group(0) @binding(_) var<storage, read_write> output: array<Stored>;
@group(0) @binding(_) var<storage, read_write> output_squares: array<vec4f>;

//# include squares_of

//# include lanes
// π in two parts, the first with few bits: a small multiple of it is exact.
const HALF_TURN = 3.140625;
const HALF_TURN_REST = 0.000967653589793;
var<workgroup> counts: array<u32, LANES>;
var<workgroup> total: u32;

// Bits in the order of the numbers they stand for.
fn ordered(h: f32) -> u32 {
    // −0 is 0.
    let bits = bitcast<u32>(h + 0.0);
    return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

// WGSL promises sin() to 2⁻¹¹ only, and some adapters take it at its word. Taylor's series to ±π/2 is right to 6e-8.
fn sine(angle: f32) -> f32 {
    let turns = round(angle / (HALF_TURN + HALF_TURN_REST));
    let x = (angle - turns * HALF_TURN) - turns * HALF_TURN_REST;
    let y = x * x;
    let series = x * (1.0 - y / 6.0 * (1.0 - y / 20.0 * (1.0 - y / 42.0 * (1.0 - y / 72.0 * (1.0 - y / 110.0)))));
    return select(series, -series, (i32(turns) & 1) == 1);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = p.first_row + group.x;
    let begin = row * 4u * p.columns;
    let scale = row_scale(squares_of(row), p.units);
    // The least number that half of the row does not exceed, found bit by bit from above.
    var median = 0u;
    if p.kind == 1u {
        let half = (p.units + 1u) / 2u;
        for (var bit = 0u; bit < 32u; bit++) {
            // Everything up to the present guess with this bit 0 and all lower bits 1.
            let guess = median | ((1u << (31u - bit)) - 1u);
            var count = 0u;
            for (var n = lane; n < p.units; n += LANES) {
                count += select(0u, 1u, ordered(fetch_one(values[word_of(begin + n)], n)) <= guess);
            }
            counts[lane] = count;
            workgroupBarrier();
            if lane == 0u {
                var sum = 0u;
                for (var i = 0u; i < LANES; i++) {
                    sum += counts[i];
                }
                total = sum;
            }
            let reached = workgroupUniformLoad(&total);
            if reached < half {
                median |= 1u << (31u - bit);
            }
            workgroupBarrier();
        }
    }
    var sum = 0.0;
    for (var column = lane; column < p.columns; column += LANES) {
        var out = vec4f();
        for (var c = 0u; c < 4u && 4u * column + c < p.units; c++) {
            let n = 4u * column + c;
            let h = fetch_one(values[word_of(begin + n)], n);
            let x = scale * h;
            if p.kind == 1u {
                out[c] = select(0.0, 1.0, ordered(h) > median);
            } else if p.kind == 2u {
                if x >= SINE_FROM {
                    out[c] = sine(1.0 / x);
                }
            } else {
                let place = clamp(x * (f32(TABLE_VALUES) / TABLE_TO), 0.0, f32(TABLE_VALUES) - 1.0);
                out[c] = f32(hash(p.seed, u32(place), 0u) >> 8u) / 16777216.0;
            }
        }
        output[begin / 4u + column] = keep(out);
        sum += dot(out, out);
    }
    let sum_of_row = sum_of_lanes(sum, lane);
    if lane == 0u {
        output_squares[row] = vec4f(sum_of_row, 0.0, 0.0, 0.0);
    }
}
