// What every kernel begins with after shared.wgsl: how activities and pixels are stored, as they are, or with HALF in 16 bits,
// rounded to 11 of them. They are read and written in vectors of four (Stored), or one is read out of its Word.

//# if HALF
alias Stored = vec2u;
alias Word = u32;
fn fetch(four: Stored) -> vec4f { return vec4f(unpack2x16float(four.x), unpack2x16float(four.y)); }
fn keep(four: vec4f) -> Stored { return vec2u(pack2x16float(four.xy), pack2x16float(four.zw)); }
fn word_of(i: u32) -> u32 { return i / 2u; }
fn fetch_one(word: Word, i: u32) -> f32 { return unpack2x16float(word)[i % 2u]; }
//# else
alias Stored = vec4f;
alias Word = f32;
fn fetch(four: Stored) -> vec4f { return four; }
fn keep(four: vec4f) -> Stored { return four; }
fn word_of(i: u32) -> u32 { return i; }
fn fetch_one(word: Word, i: u32) -> f32 { return word; }
//# end
