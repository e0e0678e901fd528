//! Gzip (RFC 1952) that arrives in pieces, as `gzip -t` accepts it: several members, and zeros behind the last.

use flate2::write::GzDecoder;
use std::io::Write;

/// The first bytes of a member.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A gzip file.
#[derive(Debug)]
pub struct Gzip(State);

#[derive(Debug)]
enum State {
    /// Behind a member, or before the first.
    Between,
    /// What is unpacked comes to lie in its vector.
    Member(Box<GzDecoder<Vec<u8>>>),
    /// In the zeros that tapes and some programs fill files up with.
    Padding,
}

/// What is wrong with a gzip file, as the rest of a sentence about it.
pub type Fault = String;

impl Gzip {
    /// Nothing of a file yet.
    pub fn new() -> Self {
        Self(State::Between)
    }

    /// Unpacks the next piece, and gives what comes out of it to `take`, in pieces of a few dozen kilobytes.
    pub fn push(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        while let Some(&first) = bytes.first() {
            match &mut self.0 {
                State::Between if first == 0 => self.0 = State::Padding,
                State::Between if first == MAGIC[0] => self.0 = State::Member(Box::new(GzDecoder::new(vec![]))),
                State::Between => return Err(FOLLOWED.to_owned()),
                State::Padding => {
                    return if bytes.iter().all(|&byte| byte == 0) { Ok(()) } else { Err(FOLLOWED.to_owned()) };
                }
                State::Member(decoder) => {
                    let taken = decoder.write(bytes).map_err(|error| damaged(&error));
                    // What came out before the damage tells what the file is.
                    unpacked(decoder, take);
                    bytes = &bytes[taken.clone()?..];
                    if taken? == 0 {
                        checked(decoder, take)?;
                        self.0 = State::Between;
                    }
                }
            }
        }
        Ok(())
    }

    /// Says that no more comes.
    pub fn end(&mut self, take: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let State::Member(decoder) = &mut self.0 else { return Ok(()) };
        // A member that is over takes nothing more.
        let over = matches!(decoder.write(&[0]), Ok(0));
        unpacked(decoder, take);
        if !over {
            return Err("is cut short: its gzip data stops in the middle; download or copy it again".to_owned());
        }
        checked(decoder, take)
    }
}

const FOLLOWED: &str = "its gzip data is damaged (something else follows it); download or copy it again";

fn damaged(error: &std::io::Error) -> Fault {
    format!("its gzip data is damaged ({error}); download or copy it again")
}

/// Hands on what was unpacked so far.
fn unpacked(decoder: &mut GzDecoder<Vec<u8>>, take: &mut dyn FnMut(&[u8])) {
    let bytes = decoder.get_mut();
    if !bytes.is_empty() {
        take(bytes);
        bytes.clear();
    }
}

/// Compares a complete member with its checksum.
fn checked(decoder: &mut GzDecoder<Vec<u8>>, take: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
    let checked = decoder.try_finish().map_err(|error| damaged(&error));
    unpacked(decoder, take);
    checked
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use flate2::{Compression, GzBuilder, write::GzEncoder};

    pub fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(bytes: &[u8], step: usize) -> Result<Vec<u8>, Fault> {
        let mut gzip = Gzip::new();
        let mut content = vec![];
        for piece in bytes.chunks(step) {
            gzip.push(piece, &mut |bytes| content.extend_from_slice(bytes))?;
        }
        gzip.end(&mut |bytes| content.extend_from_slice(bytes))?;
        Ok(content)
    }

    const STEPS: [usize; 5] = [1, 2, 7, 100, 1 << 20];

    #[test]
    fn members_headers_and_padding_are_read_in_any_pieces() {
        let long: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        let mut named = GzBuilder::new()
            .filename("train-images-idx3-ubyte")
            .comment("by hand")
            .extra(vec![7; 300])
            .write(vec![], Compression::best());
        named.write_all(&long).unwrap();
        let named = named.finish().unwrap();
        let two = [pack(&long[..50_000]), pack(&[]), pack(&long[50_000..])].concat();
        let padded = [&two[..], &[0; 700]].concat();
        for step in STEPS {
            for (file, content) in [(&named, &long[..]), (&two, &long), (&padded, &long), (&pack(&[]), &[])] {
                assert!(unpack(file, step).unwrap() == content, "in pieces of {step}");
            }
        }
    }

    #[test]
    fn damage_is_told_from_what_is_cut_short() {
        let packed = pack(&[5; 3000]);
        for step in STEPS {
            let cut = |end: usize| unpack(&packed[..end], step).unwrap_err();
            for end in 1..packed.len() {
                assert!(cut(end).starts_with("is cut short"), "{end}: {}", cut(end));
            }
            let mut wrong = packed.clone();
            *wrong.iter_mut().rev().nth(6).unwrap() ^= 1;
            let damaged = "its gzip data is damaged";
            assert!(unpack(&wrong, step).unwrap_err().starts_with(damaged), "a checksum that is wrong");
            let followed = unpack(&[&packed[..], b"words"].concat(), step).unwrap_err();
            assert!(followed.starts_with(damaged) && followed.contains("something else follows"), "{followed}");
            assert!(unpack(&[&packed[..], &[0, 0, 1]].concat(), step).unwrap_err().contains("something else follows"));
        }
    }
}
