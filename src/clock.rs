//! The time, natively and in a page.

/// Milliseconds since some moment.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn now() -> f64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64() * 1e3
}

/// Milliseconds since some moment.
///
/// # Panics
/// Where there is no `performance`, as every page and worker has.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn now() -> f64 {
    use wasm_bindgen::JsCast;
    // Pages and workers both have `performance`, but no type in common that web-sys knows.
    let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into()).expect("a global object");
    performance.unchecked_into::<web_sys::Performance>().now()
}
