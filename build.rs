//! Copies the shaders without their comments, which are for those who read them and not for those who load the page, and lists
//! them for `source.rs`.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=shaders");
    let out = env::var("OUT_DIR").expect("cargo names it");
    let mut list = "pub static SHADERS: &[(&str, &str)] = &[\n".to_owned();
    for file in fs::read_dir("shaders").expect("the shaders") {
        let file = file.expect("an entry of the folder").path();
        let text = fs::read_to_string(&file).expect("a shader");
        // The directives of `source.rs` begin like comments.
        let lines = text.lines().filter_map(|line| match line.find("//") {
            Some(at) if !line[at..].starts_with("//#") => Some(line[..at].trim_end()).filter(|code| !code.is_empty()),
            _ => Some(line).filter(|line| !line.trim().is_empty()),
        });
        let stripped: Vec<&str> =
            lines.map(|line| if line.trim().starts_with("//#") { line } else { line.trim_start() }).collect();
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
        let copy = Path::new(&out).join(name).with_extension("wgsl");
        fs::write(&copy, stripped.join("\n") + "\n").expect("room");
        writeln!(list, "    ({name:?}, include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.wgsl\"))),")
            .expect("a string has room");
    }
    fs::write(Path::new(&out).join("shaders.rs"), list + "];\n").expect("room");
}
