//! CIFAR-10 as it comes: one of its files through `cifar::batch` and `cifar::Gathering`, its archive through `cifar::archive`.
//!
//! Bound: 512 KiB, of which the archive's reader takes 128 at once for each of a member's long names and extensions, and 8 bytes
//! of memory for each that the file unpacks to.
#![no_main]

use flate2::Crc;
use forward_forward::dataset::cifar::{FILES, Gathering, archive, batch};
use forward_forward::dataset::{Dataset, Split};
use forward_forward_fuzz::tar::{BLOCK, headers, seal};
use forward_forward_fuzz::{hold, unpack};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Bytes of one colour, and of a picture behind its label.
const PLANE: usize = 32 * 32;
const RECORD: usize = 1 + 3 * PLANE;

/// Packed bytes longer than this unpack to megabytes, which is nothing but slow.
const LONGEST_PACKED: usize = 1024;

fuzz_target!(|file: &[u8]| {
    let bound = |content: usize| (512 << 10) + 8 * content;
    if file.starts_with(&[0x1f, 0x8b]) {
        if file.len() <= LONGEST_PACKED {
            hold(bound(unpack(file).len()), || archived(file));
        }
        return;
    }
    if file.len().is_multiple_of(RECORD) {
        hold(bound(file.len()), || gathered(file));
    } else {
        // Packed by us, so that any bytes get past the checksum of gzip.
        let stored = store(file);
        hold(bound(file.len()), || archived(&stored));
        assert!(batch("x", file, file.len().div_ceil(RECORD)).is_err(), "pictures are whole");
    }
});

/// The bytes as gzip data of one stored block (RFC 1951, 3.2.4): an encoder looks at each of them.
fn store(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("inputs are shorter than a block");
    let mut crc = Crc::new();
    crc.update(bytes);
    [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1],
        &length.to_le_bytes()[..],
        &(!length).to_le_bytes(),
        bytes,
        &crc.sum().to_le_bytes(),
        &u32::from(length).to_le_bytes(),
    ]
    .concat()
}

/// An archive whose files hold a picture each, if it is one.
fn archived(packed: &[u8]) {
    if let Ok(dataset) = archive("x", packed, 1) {
        whole(&dataset);
    }
}

/// Files of as many pictures as the bytes hold, and of one each.
fn gathered(file: &[u8]) {
    if let Ok(split) = batch("x", file, (file.len() / RECORD).max(1)) {
        same(&split, file);
    }
    let mut gathering = Gathering::default();
    let mut taken = 0;
    for (record, name) in file.chunks(RECORD).zip(FILES.iter().cycle()) {
        taken += usize::from(gathering.add(name, record, 1).is_ok());
    }
    if let Ok(dataset) = gathering.finish() {
        assert!(taken == FILES.len(), "none is missing, and none there twice");
        whole(&dataset);
    }
}

/// Five pictures to learn from, and one to test with.
fn whole(dataset: &Dataset) {
    assert_eq!((dataset.train.len(), dataset.test.len()), (FILES.len() - 1, 1));
}

/// The pictures are the file's, plane by plane.
fn same(split: &Split, file: &[u8]) {
    assert_eq!(split.len() * RECORD, file.len());
    for (index, record) in file.chunks_exact(RECORD).enumerate() {
        assert_eq!(split.labels[index].value(), record[0]);
        let image = split.images.image(index);
        for (at, plane) in [(0, 0), (PLANE - 1, 1), (PLANE / 2, 2)] {
            assert_eq!(image[3 * at + plane], record[1 + plane * PLANE + at]);
        }
    }
}

// Bytes changed at random would hardly ever keep a file of whole pictures, or a header of an archive that adds up.
fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    let heads = headers(&data[..size]);
    if seed.is_multiple_of(4) || size == 0 {
        fuzzer_mutate(data, size, most)
    } else if size.is_multiple_of(RECORD) {
        let length = fuzzer_mutate(data, size, most);
        data[length.min(size)..size].fill(0);
        size
    } else if let Some(&head) = heads.get(seed as usize / 4 % heads.len().max(1)) {
        let header = &mut data[head..head + BLOCK];
        let length = fuzzer_mutate(header, BLOCK, BLOCK);
        header[length..].fill(0);
        seal(header);
        size
    } else {
        fuzzer_mutate(data, size, most)
    }
});
