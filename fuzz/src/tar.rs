//! Tar archives (POSIX ustar), as far as making them and changing them takes.

/// Everything in an archive is a multiple of so many bytes.
pub const BLOCK: usize = 512;

/// One member: its header and its content, filled up to whole blocks.
pub fn member(kind: u8, name: &str, content: &[u8]) -> Vec<u8> {
    let mut member = vec![0; BLOCK];
    member[..name.len()].copy_from_slice(name.as_bytes());
    member[124..136].copy_from_slice(format!("{:011o} ", content.len()).as_bytes());
    member[156] = kind;
    // What GNU's extensions are believed with only.
    member[257..265].copy_from_slice(b"ustar  \0");
    seal(&mut member);
    member.extend(content);
    member.resize(member.len().next_multiple_of(BLOCK), 0);
    member
}

/// Where the headers of an archive are, as far as each says where the next one is.
pub fn headers(archive: &[u8]) -> Vec<usize> {
    let mut all = vec![];
    let mut at = 0;
    while let Some(header) = archive.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let digits = header[124..136].iter().skip_while(|&&byte| byte == b' ').take_while(|byte| byte.is_ascii_digit());
        let size = digits.fold(0usize, |size, &digit| size.saturating_mul(8).saturating_add(usize::from(digit - b'0')));
        if header.iter().all(|&byte| byte == 0) || size > archive.len() {
            break;
        }
        all.push(at);
        at += BLOCK + size.next_multiple_of(BLOCK);
    }
    all
}

/// Writes the checksum of a header, which counts itself as spaces.
pub fn seal(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}
