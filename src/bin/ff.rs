//! The same core natively.
fn main() {}
