//! Formats that data sets come in elsewhere, by their first bytes, and what to do with such a file.

/// A format that is not read.
struct Format {
    mark: &'static [u8],
    name: &'static str,
    /// What it holds can be read, once it is unpacked.
    packs: bool,
}

const fn packs(mark: &'static [u8], name: &'static str) -> Format {
    Format { mark, name, packs: true }
}

const fn holds(mark: &'static [u8], name: &'static str) -> Format {
    Format { mark, name, packs: false }
}

const FORMATS: [Format; 15] = [
    packs(b"PK\x03\x04", "a zip archive"),
    packs(b"PK\x05\x06", "an empty zip archive"),
    packs(b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    packs(b"Rar!", "a RAR archive"),
    packs(b"\xfd7zXZ\0", "packed with xz"),
    packs(b"BZh", "packed with bzip2"),
    packs(b"\x28\xb5\x2f\xfd", "packed with zstd"),
    packs(b"\x1f\x9d", "packed with compress"),
    holds(b"MATLAB", "a file of MATLAB"),
    holds(b"\x93NUMPY", "an array of NumPy"),
    holds(b"\x89HDF", "a file of HDF5"),
    holds(b"PAR1", "a table of Parquet"),
    // From the second version on; the byte behind it is the version.
    holds(b"\x80\x02", "a pickle of Python"),
    holds(b"\x80\x03", "a pickle of Python"),
    holds(b"\x80\x04", "a pickle of Python"),
];

/// What a file that begins so is, and what to do, as the rest of a sentence about it.
pub fn foreign(head: &[u8]) -> Option<String> {
    let format = FORMATS.iter().find(|format| head.starts_with(format.mark))?;
    let instead = if format.packs { "unpack it, and give the files that were in it" } else { super::EXPECTED };
    Some(format!("is {}; {instead}", format.name))
}

/// Whether a file that begins so is a picture in PNG, JPEG or WebP.
pub fn is_picture(head: &[u8]) -> bool {
    let is_webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    head.starts_with(b"\x89PNG\r\n\x1a\n") || head.starts_with(b"\xff\xd8\xff") || is_webp
}

/// A safetensors file: the length of a JSON header (8 bytes, little-endian), then the header.
pub fn is_checkpoint(head: &[u8]) -> bool {
    head.len() > 8 && head[8] == b'{' && head[4..8] == [0; 4]
}
