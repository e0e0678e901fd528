//! Files packed with gzip. The browser unpacks them before the page's core gets them, so the core is built without: that
//! saves 45 KB, of which a third would not compress.

use std::io::Read;

/// The first bytes of such a file.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Whether `bytes` begin like a packed file.
pub fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// What a packed file holds.
#[cfg(not(target_arch = "wasm32"))]
pub fn content(bytes: &[u8]) -> impl Read {
    flate2::read::MultiGzDecoder::new(bytes)
}

/// Refuses to unpack: the page has to do it.
#[cfg(target_arch = "wasm32")]
pub fn content(_: &[u8]) -> impl Read {
    struct Packed;
    impl Read for Packed {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::Unsupported.into())
        }
    }
    Packed
}
