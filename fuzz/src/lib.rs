//! What every target holds its input against: an answer, in bounded memory, within a second.

// libFuzzer counts in every program that is built with its counters, `seeds` too.
extern crate libfuzzer_sys as _;

pub mod tar;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use forward_forward::dataset::Dataset;
use forward_forward::dataset::files::{Given, Reader};

/// No answer may take longer.
const PATIENCE: Duration = Duration::from_secs(1);

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting bytes: libFuzzer's own limit sees whole megabytes of the process only.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn grown(bytes: usize) {
    let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(live, Relaxed);
}

// SAFETY: every call is handed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new lie beside each other while one is copied to the other.
        grown(size);
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Does `work`, and panics if it took more than `most` bytes of memory at once or longer than a second.
///
/// A machine that is busy with something else makes anything slow: only what is slow three times is.
pub fn hold(most: usize, work: impl Fn()) {
    let once = || {
        let before = LIVE.load(Relaxed);
        PEAK.store(before, Relaxed);
        let began = Instant::now();
        work();
        let took = began.elapsed();
        let memory = PEAK.load(Relaxed).saturating_sub(before);
        assert!(memory <= most, "took {memory} bytes at once, and {most} are the bound");
        took
    };
    if once() > PATIENCE && once() > PATIENCE {
        let took = once();
        assert!(took <= PATIENCE, "took {took:?}, three times in a row");
    }
}

/// What comes of images and labels to learn from, beside a picture to be tested on, in pieces of `step` bytes.
pub fn given(images: &[u8], labels: &[u8], step: usize) -> Option<Dataset> {
    let test = [&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28][..], &[9; 784]].concat();
    let files = [
        ("train-images-idx3-ubyte", images),
        ("train-labels-idx1-ubyte", labels),
        ("t10k-images-idx3-ubyte", &test),
        ("t10k-labels-idx1-ubyte", &[0, 0, 8, 1, 0, 0, 0, 1, 7]),
    ];
    read(&files, step, 1).inspect(|dataset| assert_eq!((dataset.source.name(), dataset.test.len()), ("idx", 1)))
}

/// The data set that files are, each in pieces of `step` bytes; of CIFAR-10, each must hold so many pictures.
pub fn read(files: &[(&str, &[u8])], step: usize, pictures: usize) -> Option<Dataset> {
    let mut reader = Reader::expecting(pictures);
    for (name, bytes) in files {
        if reader.begin(name, bytes.len() as u64) {
            let _ = bytes.chunks(step).all(|piece| reader.push(piece));
            reader.end();
        }
    }
    match reader.finish("folder") {
        Ok(Given::Data { dataset, .. }) => Some(dataset),
        Ok(Given::Pictures(_) | Given::Checkpoint(_)) => None,
        Err(error) => {
            assert!(error.to_string().contains(": "), "it names the file: {error}");
            None
        }
    }
}

/// The bytes packed with gzip.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes what is written")
}

/// What is packed in gzip bytes, as far as it can be had; the bytes themselves if they are not packed.
pub fn unpack(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes.to_vec();
    }
    let mut unpacked = vec![];
    // What came before the damage is kept.
    let _ = MultiGzDecoder::new(bytes).read_to_end(&mut unpacked);
    unpacked
}

/// libFuzzer's mutation of the first `size` bytes of `data`, or, every other time, of what is packed in them.
///
/// A checksum stands at the end of gzip data: bytes changed at random would never get past it.
pub fn mutate_packed(
    data: &mut [u8],
    size: usize,
    most: usize,
    seed: u32,
    mutate: impl Fn(&mut [u8], usize) -> usize,
) -> usize {
    if seed.is_multiple_of(2) || !data[..size].starts_with(&[0x1f, 0x8b]) {
        return mutate(data, size);
    }
    let mut content = unpack(&data[..size]);
    let length = content.len();
    content.resize(length.max(most), 0);
    let length = mutate(&mut content, length);
    let packed = pack(&content[..length]);
    if packed.len() > most {
        return mutate(data, size);
    }
    data[..packed.len()].copy_from_slice(&packed);
    packed.len()
}
