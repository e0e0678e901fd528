//! Tar archives (POSIX ustar, with the extensions of GNU and pax for long names) that arrive in pieces.

/// Everything in an archive is a multiple of so many bytes.
pub const BLOCK: usize = 512;

/// The longest name or set of extensions that is believed.
const LONGEST: u64 = 1 << 16;

/// What comes out of an archive.
pub enum Event<'a> {
    /// A file with its path and its size in bytes.
    Begins(&'a str, u64),
    /// The next bytes of it.
    Content(&'a [u8]),
    /// It is complete.
    Ends,
}

/// Why an archive cannot be read on, as the rest of a sentence about it.
pub type Fault = &'static str;

const CUT: Fault = "is cut short: it ends in the middle of a file; download or copy it again";
const DAMAGED: Fault = "is not a tar archive inside, or it is damaged; download or copy it again";
const SPARSE: Fault = "has sparse files in it, which are not read; pack it again without --sparse";

/// What the member under way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    File,
    /// GNU's long name of the next member.
    LongName,
    /// Pax extensions of the next member.
    Extensions,
    /// Folders, links and whatever else is no file.
    Other,
}

/// A tar archive.
#[derive(Debug)]
pub struct Tar {
    /// The bytes so far of a header that has not arrived whole.
    header: Vec<u8>,
    member: Member,
    /// Bytes of the member that are still to come, and zeros behind them.
    left: u64,
    filling: u64,
    /// The content of a long name or of extensions.
    text: Vec<u8>,
    /// What they said of the member that comes next.
    name: Option<String>,
    size: Option<u64>,
    /// Behind the block of zeros that ends it.
    over: bool,
}

impl Tar {
    /// Nothing of an archive yet.
    pub fn new() -> Self {
        Self {
            header: vec![],
            member: Member::Other,
            left: 0,
            filling: 0,
            text: vec![],
            name: None,
            size: None,
            over: false,
        }
    }

    /// Whether a file that begins with these bytes is an archive.
    pub fn begins(head: &[u8]) -> bool {
        head.first_chunk::<BLOCK>().is_some_and(|block| head[0] != 0 && is_sealed(block))
    }

    /// Takes the next piece apart.
    pub fn push(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(Event)) -> Result<(), Fault> {
        while !bytes.is_empty() && !self.over {
            if self.left > 0 {
                let (part, rest) = bytes.split_at(bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX)));
                match self.member {
                    Member::File => tell(Event::Content(part)),
                    Member::LongName | Member::Extensions => self.text.extend_from_slice(part),
                    Member::Other => {}
                }
                self.left -= part.len() as u64;
                bytes = rest;
                if self.left == 0 {
                    self.close(tell)?;
                }
            } else if self.filling > 0 {
                let filled = bytes.len().min(self.filling as usize);
                self.filling -= filled as u64;
                bytes = &bytes[filled..];
            } else {
                let (part, rest) = bytes.split_at(bytes.len().min(BLOCK - self.header.len()));
                self.header.extend_from_slice(part);
                bytes = rest;
                if self.header.len() == BLOCK {
                    let header = std::mem::take(&mut self.header);
                    self.open(header.first_chunk().expect("a whole block"), tell)?;
                }
            }
        }
        Ok(())
    }

    /// Says that no more comes. An archive without the zeros at its end is read, as by other programs.
    pub fn end(&self) -> Result<(), Fault> {
        if self.over || (self.left == 0 && self.header.is_empty()) { Ok(()) } else { Err(CUT) }
    }

    /// Begins the member of this header.
    fn open(&mut self, header: &[u8; BLOCK], tell: &mut dyn FnMut(Event)) -> Result<(), Fault> {
        if header.iter().all(|&byte| byte == 0) {
            self.over = true;
            return Ok(());
        }
        if !is_sealed(header) {
            return Err(DAMAGED);
        }
        self.member = match header[156] {
            // Old archives mark a folder by its name.
            0 | b'0' | b'7' if text(&header[..100]).ends_with('/') => Member::Other,
            0 | b'0' | b'7' => Member::File,
            b'L' => Member::LongName,
            b'x' => Member::Extensions,
            b'S' => return Err(SPARSE),
            _ => Member::Other,
        };
        let own = number(&header[124..136]).ok_or(DAMAGED)?;
        let extended = matches!(self.member, Member::LongName | Member::Extensions);
        if extended && own > LONGEST {
            return Err(DAMAGED);
        }
        let size = if extended { own } else { self.size.take().unwrap_or(own) };
        self.left = size;
        self.filling = size.wrapping_neg() % BLOCK as u64;
        if !extended {
            let name = self.name.take().unwrap_or_else(|| {
                let (prefix, name) = (text(&header[345..500]), text(&header[..100]));
                // Elsewhere GNU keeps times and sizes there.
                if &header[257..263] == b"ustar\0" && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
            });
            if self.member == Member::File {
                tell(Event::Begins(&name, size));
            }
        }
        if size == 0 { self.close(tell) } else { Ok(()) }
    }

    /// Ends the member under way.
    fn close(&mut self, tell: &mut dyn FnMut(Event)) -> Result<(), Fault> {
        let text_of = std::mem::take(&mut self.text);
        match self.member {
            Member::File => tell(Event::Ends),
            Member::LongName => self.name = Some(text(&text_of)),
            Member::Extensions => self.extend(&text_of)?,
            Member::Other => {}
        }
        Ok(())
    }

    /// Takes on what pax says of the next member: lines of `LENGTH KEY=VALUE`.
    fn extend(&mut self, mut lines: &[u8]) -> Result<(), Fault> {
        while !lines.is_empty() {
            let space = lines.iter().position(|&byte| byte == b' ').ok_or(DAMAGED)?;
            let length: usize =
                std::str::from_utf8(&lines[..space]).ok().and_then(|n| n.parse().ok()).ok_or(DAMAGED)?;
            let line = lines.get(space + 1..length).ok_or(DAMAGED)?;
            lines = &lines[length..];
            let line = String::from_utf8_lossy(line);
            match line.trim_end_matches('\n').split_once('=') {
                Some(("path", path)) => self.name = Some(path.to_owned()),
                Some(("size", size)) => self.size = Some(size.parse().map_err(|_| DAMAGED)?),
                Some((key, _)) if key.starts_with("GNU.sparse.") => return Err(SPARSE),
                Some(_) => {}
                None => return Err(DAMAGED),
            }
        }
        Ok(())
    }
}

/// Whether a header's checksum, which counts itself as spaces, is right.
fn is_sealed(header: &[u8; BLOCK]) -> bool {
    let own = 148..156;
    let sum: u64 = (0..BLOCK).map(|i| u64::from(if own.contains(&i) { b' ' } else { header[i] })).sum();
    number(&header[own]) == Some(sum)
}

/// What stands before the first zero.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// An octal number, or a large one in binary, whose first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let (head, tail) = field.split_at(field.len().saturating_sub(8));
        let small = head.iter().enumerate().all(|(i, &byte)| byte == if i == 0 { 0x80 } else { 0 });
        return small.then(|| tail.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)));
    }
    let digits = text(field);
    let digits = digits.trim_matches(' ');
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One member, its header sealed.
    pub fn member(kind: u8, name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o} ", content.len()).as_bytes());
        header[156] = kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        seal(&mut header);
        header.extend(content);
        header.resize(header.len().next_multiple_of(BLOCK), 0);
        header
    }

    fn seal(header: &mut [u8]) {
        header[148..156].fill(b' ');
        let sum: u32 = header[..BLOCK].iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }

    /// The files of an archive that comes in pieces of `step` bytes.
    fn files(archive: &[u8], step: usize) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let mut tar = Tar::new();
        let mut files: Vec<(String, Vec<u8>)> = vec![];
        let mut ended = 0;
        for piece in archive.chunks(step) {
            tar.push(piece, &mut |event| match event {
                Event::Begins(name, _) => files.push((name.to_owned(), vec![])),
                Event::Content(bytes) => files.last_mut().unwrap().1.extend_from_slice(bytes),
                Event::Ends => ended += 1,
            })?;
        }
        tar.end()?;
        assert_eq!(ended, files.len());
        Ok(files)
    }

    fn extension(key: &str, value: &str) -> String {
        let rest = format!(" {key}={value}\n");
        let length = (1..999).find(|n: &usize| n.to_string().len() + rest.len() == *n).unwrap();
        format!("{length}{rest}")
    }

    #[test]
    fn only_files_come_out_under_their_whole_names() {
        let long = format!("{}/data_batch_1.bin", "a".repeat(120));
        let mut prefixed = member(b'0', "data_batch_4.bin", b"four");
        prefixed[345..350].copy_from_slice(b"cifar");
        seal(&mut prefixed);
        let mut large = member(b'0', "large", b"binary size");
        large[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11]);
        seal(&mut large);
        let archive = [
            member(b'5', "folder/", b""),
            member(0, "old/", b""),
            member(b'g', "global", extension("comment", "x").as_bytes()),
            member(b'L', "././@LongLink", format!("{long}\0").as_bytes()),
            member(b'0', &long[..100], b"one"),
            member(
                b'x',
                "PaxHeaders/data_batch_2.bin",
                (extension("mtime", "1.5") + &extension("path", "é/2")).as_bytes(),
            ),
            member(b'0', "data_batch_2.bin", b"two"),
            member(b'x', "PaxHeaders/3", extension("size", "5").as_bytes()),
            member(b'0', "three", b"three"),
            member(b'2', "data_batch_5.bin", b""),
            prefixed,
            large,
            member(b'0', "empty", b""),
            vec![0; 1024],
            b"whatever follows".to_vec(),
        ]
        .concat();
        let expected: [(&str, &[u8]); 6] = [
            (&long, b"one"),
            ("é/2", b"two"),
            ("three", b"three"),
            ("cifar/data_batch_4.bin", b"four"),
            ("large", b"binary size"),
            ("empty", b""),
        ];
        for step in [1, 9, 511, 512, 513, 1 << 20] {
            let found = files(&archive, step).unwrap();
            let found: Vec<(&str, &[u8])> = found.iter().map(|(name, bytes)| (&name[..], &bytes[..])).collect();
            assert_eq!(found, expected, "in pieces of {step}");
        }
        assert!(Tar::begins(&archive) && !Tar::begins(&archive[..511]) && !Tar::begins(&[0; 512]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let whole = member(b'0', "a", &[7; 700]);
        assert_eq!(files(&whole, 100).unwrap()[0].1.len(), 700, "without the zeros at its end");
        assert_eq!(files(&whole[..700], 100), Err(CUT));
        assert_eq!(files(&[&whole[..], b"half a header"].concat(), 100), Err(CUT));
        assert_eq!(files(&[b'w'; 600], 100), Err(DAMAGED));
        assert_eq!(files(&member(b'S', "a", b"map"), 100), Err(SPARSE));
        let pax = |text: &str| files(&[member(b'x', "x", text.as_bytes()), whole.clone()].concat(), 100);
        assert_eq!(pax(&extension("GNU.sparse.major", "1")), Err(SPARSE));
        for wrong in ["no length", "99 path=short\n", "3 a", "0 a=b\n", "11 size=-1\n"] {
            assert_eq!(pax(wrong), Err(DAMAGED), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0_usize..3000, byte: u8, step in 1_usize..600, cut in 0_usize..3000) {
            let text = extension("path", "name");
            let mut archive = [member(b'x', "x", text.as_bytes()), member(b'0', "a", &[7; 700])].concat();
            let at = at % archive.len();
            archive[at] = byte;
            seal(&mut archive[..BLOCK]);
            archive.truncate(cut);
            drop(files(&archive, step));
        }
    }
}
