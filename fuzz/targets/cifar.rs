//! CIFAR-10 as it comes, through `dataset::files`: its six files, and its archive.
//!
//! Memory bound: 512 KiB, which include 64 KiB for a member's long name or extensions, and 8 bytes for each unpacked byte.
#![no_main]

use flate2::Crc;
use forward_forward::dataset::Dataset;
use forward_forward::dataset::cifar::FILES;
use forward_forward_fuzz::tar::{BLOCK, headers, seal};
use forward_forward_fuzz::{hold, read, unpack};
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
    if let Some(dataset) = read(&[("x.tar.gz", packed)], 97, 1) {
        whole(&dataset);
    }
}

/// Files of one picture each.
fn gathered(file: &[u8]) {
    let files: Vec<(&str, &[u8])> = FILES.into_iter().zip(file.chunks(RECORD)).collect();
    if let Some(dataset) = read(&files, 500, 1) {
        whole(&dataset);
        for (index, (_, record)) in files[..5].iter().enumerate() {
            same(&dataset, index, record);
        }
    }
}

/// Five pictures to learn from, and one to test with.
fn whole(dataset: &Dataset) {
    assert_eq!((dataset.train.len(), dataset.test.len()), (FILES.len() - 1, 1));
}

/// The picture is the file's, plane by plane.
fn same(dataset: &Dataset, index: usize, record: &[u8]) {
    assert_eq!(dataset.train.labels[index].value(), record[0]);
    let image = dataset.train.images.image(index);
    for (at, plane) in [(0, 0), (PLANE - 1, 1), (PLANE / 2, 2)] {
        assert_eq!(image[3 * at + plane], record[1 + plane * PLANE + at]);
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
