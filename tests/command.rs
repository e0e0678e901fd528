//! `ff` as people use it: pictures as they have them, and output that goes nowhere – the reader of a pipe that went away, a full
//! disk, folders that are not there. No work is lost, in any command.
#![cfg(all(target_os = "linux", feature = "cli"))]

use forward_forward::dataset::files;
use forward_forward::model::Checkpoint;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const TRAIN: &str =
    "train --train 200 --test 50 --layers 20,20 --epochs 3 --batch 20 --engine cpu --out r --curve r.csv";
const STEPS: u64 = 30;

fn ff(folder: &Path, words: &str) -> Command {
    let own = folder.join("ff");
    let mut command = Command::new(if own.exists() { own } else { env!("CARGO_BIN_EXE_ff").into() });
    command.args(words.split(' ')).current_dir(folder).env("RAYON_NUM_THREADS", "1").stdin(Stdio::null());
    command
}

/// Runs `ff` for a reader that goes away after the first line of standard output, as `head -1` does; with `both`, standard
/// error goes into the same pipe.
fn head(folder: &Path, words: &str, both: bool) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = ff(folder, words);
    if both {
        command.stderr(writer.try_clone().unwrap());
    } else {
        command.stderr(Stdio::piped());
    }
    let child = command.stdout(writer).spawn().unwrap();
    // What holds the writing end must be gone, or nothing would notice that nobody reads.
    drop(command);
    let mut line = String::new();
    BufReader::with_capacity(1, reader).read_line(&mut line).unwrap();
    assert!(!line.is_empty());
    child.wait_with_output().unwrap()
}

fn full(folder: &Path, words: &str) -> Output {
    let disk = File::options().write(true).open("/dev/full").unwrap();
    ff(folder, words).stdout(disk).output().unwrap()
}

/// It ended well, without a word.
fn quiet(done: &Output) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.is_empty(), "{said}");
    assert_eq!(done.status.code(), Some(0));
}

/// It said that standard output failed.
fn complained(done: &Output) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.starts_with("ff: standard output: No space left on device") && said.lines().count() == 1, "{said}");
    assert_eq!(done.status.code(), Some(1));
}

/// The whole run was saved.
fn saved(folder: &Path) {
    let checkpoint = Checkpoint::from_bytes("r", &fs::read(folder.join("r")).unwrap()).unwrap();
    assert_eq!(checkpoint.step, STEPS);
    assert_eq!(fs::read_to_string(folder.join("r.csv")).unwrap().lines().count(), 4);
}

#[test]
fn a_run_is_saved_whatever_becomes_of_its_output() {
    for both in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        quiet(&head(folder.path(), TRAIN, both));
        saved(folder.path());
    }
    let folder = tempfile::tempdir().unwrap();
    complained(&full(folder.path(), TRAIN));
    saved(folder.path());
    // Neither a reader of standard output nor one of standard error from the beginning.
    let folder = tempfile::tempdir().unwrap();
    let gone = || std::io::pipe().unwrap().1;
    let done = ff(folder.path(), &format!("{TRAIN} --profile")).stdout(gone()).stderr(gone()).status().unwrap();
    assert_eq!(done.code(), Some(0));
    saved(folder.path());
}

#[test]
fn every_command_ends_quietly_when_nobody_reads_it_and_tells_of_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(ff(folder, TRAIN).output().unwrap().status.success());
    let seven = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures/seven-on-nothing.png");
    mnist(folder);
    for words in [
        "help",
        "help train",
        "--version",
        "evaluate r --train 20 --test 20",
        &format!("classify r {seven} {seven} {seven}"),
        "reproduce --table",
        "reproduce backprop --scale 0.05 --engine cpu --mnist mnist --out a --results a.jsonl",
    ] {
        quiet(&head(folder, words, false));
        complained(&full(folder, &words.replace(" a", " b")));
    }
    // What was reproduced is in the results, though nobody heard of it.
    for results in ["a.jsonl", "b.jsonl"] {
        assert!(fs::read_to_string(folder.join(results)).unwrap().contains("\"backprop\""), "{results}");
    }
}

/// A small MNIST in a folder of that name, and a copy of `ff` that takes it for the real one: it holds the SHA-256 of these
/// files in the place of MNIST's.
fn mnist(folder: &Path) {
    fs::create_dir(folder.join("mnist")).unwrap();
    let mut program = fs::read(env!("CARGO_BIN_EXE_ff")).unwrap();
    let mut replace = |from: &str, file: &[u8]| {
        let to: String = Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect();
        let places = places_of(&program, from.as_bytes());
        assert!(!places.is_empty(), "{from}");
        for &at in &places {
            program[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    };
    let mut digests = files::MNIST.into_iter();
    for (name, count, shift) in [("train", 200_u32, 1), ("t10k", 50, 2)] {
        let mut images = [0, 0, 8, 3].to_vec();
        images.extend([count, 28, 28].iter().flat_map(|size| size.to_be_bytes()));
        images.extend((0..count * 784).map(|i| ((i * 7) >> shift) as u8));
        let mut labels = [&[0, 0, 8, 1][..], &count.to_be_bytes()].concat();
        labels.extend((0..count).map(|i| (i % 10) as u8));
        for (kind, bytes) in [("images-idx3", images), ("labels-idx1", labels)] {
            replace(digests.next().unwrap(), &bytes);
            fs::write(folder.join(format!("mnist/{name}-{kind}-ubyte")), bytes).unwrap();
        }
    }
    fs::write(folder.join("ff"), program).unwrap();
    fs::set_permissions(folder.join("ff"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// The places in `bytes` where `wanted` begins.
fn places_of(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    bytes.windows(wanted.len()).enumerate().filter(|(_, window)| *window == wanted).map(|(at, _)| at).collect()
}

#[test]
fn what_cannot_be_written_is_named_before_anything_is_learned() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mnist(folder);
    fs::create_dir(folder.join("a")).unwrap();
    for (words, said) in [
        ("train --out none/r", "none/r: there is no folder none; make it, or name another file"),
        ("train --weights none/w", "none/w: there is no folder none; make it"),
        ("train --curve none/c.csv", "none/c.csv: there is no folder none; make it"),
        ("train --out a", "a: is a folder; name a file"),
        ("train --curve /dev/full", "/dev/full: No space left on device"),
        ("reproduce backprop --mnist mnist --out b --results none/r.jsonl", "none/r.jsonl: there is no folder none"),
    ] {
        let words = format!("{words} --engine cpu");
        let words =
            if words.contains("reproduce") { words } else { format!("{words} --train 200 --layers 20 --epochs 1") };
        let done = ff(folder, &words).output().unwrap();
        let error = String::from_utf8_lossy(&done.stderr);
        assert!(error.starts_with(&format!("ff: {said}")), "{words}: {error}");
        assert!(done.stdout.is_empty(), "{words}: {}", String::from_utf8_lossy(&done.stdout));
        assert_eq!(done.status.code(), Some(1));
    }
    assert!(!folder.join("a.part").exists());
}

#[test]
fn pictures_are_read_as_a_browser_shows_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pictures = ["six-turned.jpg", "seven-on-nothing.png", "seven-palette.png", "seven-cmyk.jpg"];
    let words = pictures.map(|name| format!("tests/fixtures/pictures/{name}")).join(" ");
    let done = ff(root, &format!("classify assets/pretrained.safetensors {words}")).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let read: Vec<&str> = said.lines().filter_map(|line| Some(line.split_once(": ")?.1)).collect();
    let expected = ["6", "7", "7", "7"].map(|label| format!("{label} by goodness, {label} by softmax"));
    assert_eq!(read, expected, "{}", String::from_utf8_lossy(&done.stderr));
}

/// The images of 47 classes, as their number in binary digits that are bars, in MNIST's format.
fn alphabet(folder: &Path) {
    fs::create_dir(folder.join("alphabet")).unwrap();
    for (name, count) in [("train", 470_u32), ("test", 94)] {
        let mut images = [0, 0, 8, 3].to_vec();
        images.extend([count, 28, 28].iter().flat_map(|size| size.to_be_bytes()));
        let ink = |i: u32| u8::from((i % 784 / 28) < 24 && (i / 784 % 47) >> (i % 784 / 28 / 4) & 1 == 1) * 255;
        images.extend((0..count * 784).map(ink));
        let mut labels = [&[0, 0, 8, 1][..], &count.to_be_bytes()].concat();
        labels.extend((0..count).map(|i| (i % 47) as u8));
        for (kind, bytes) in [("images-idx3", images), ("labels-idx1", labels)] {
            fs::write(folder.join(format!("alphabet/{name}-{kind}-ubyte")), bytes).unwrap();
        }
    }
}

/// Ten pictures of each of three classes and of several sizes: a dark square on the left, in the middle, on the right.
fn squares(folder: &Path) {
    for (class, from) in [("left", 1), ("middle", 9), ("right", 19)] {
        fs::create_dir_all(folder.join("squares").join(class)).unwrap();
        for i in 0..10 {
            let picture = image::RgbImage::from_fn(28 * (1 + i % 3), 28 * (1 + i % 2), |x, y| {
                let [x, y] = [x / (1 + i % 3), y / (1 + i % 2)];
                image::Rgb([if (from..from + 8).contains(&x) && (8..20).contains(&y) { 10 } else { 240 }; 3])
            });
            let ending = ["png", "jpg", "webp"][i as usize % 3];
            picture.save(folder.join(format!("squares/{class}/{i}.{ending}"))).unwrap();
        }
    }
}

#[test]
fn data_of_any_number_of_classes_are_learned_and_read_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    alphabet(folder);
    squares(folder);
    let names: Vec<String> = (0..47).map(|i| format!("sign {i}")).collect();
    fs::write(folder.join("names.txt"), names.join("\n")).unwrap();
    let said = |words: &str| {
        let done = ff(folder, words).output().unwrap();
        assert!(done.status.success(), "{words}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let net = "--layers 60,60 --epochs 40 --batch 8 --engine cpu";
    said(&format!("train --data idx --idx alphabet --classes names.txt {net} --out a"));
    let measured = said("evaluate a --data idx --idx alphabet --classes names.txt");
    assert!(measured.contains("94 test images of alphabet") && measured.contains("sign 46"), "{measured}");
    said(&format!("train --data pictures --pictures squares {net} --out s"));
    let checkpoint = Checkpoint::from_bytes("s", &fs::read(folder.join("s")).unwrap()).unwrap();
    let source = checkpoint.data.unwrap();
    assert_eq!((source.train, source.test, source.title()), (24, 6, "squares"));
    assert_eq!(source.description().classes(), ["left", "middle", "right"]);
    let read = said("classify s squares/left/0.png squares/right/1.jpg");
    assert!(read.contains("0.png: left by goodness") && read.contains("1.jpg: right by goodness"), "{read}");
    let resumed = "train --data pictures --pictures squares --resume s --engine cpu --out s";
    said(resumed);
    fs::remove_file(folder.join("squares/left/9.png")).unwrap();
    for (words, problem) in [
        (resumed, "learned from pictures (24 training images, seed 1), and --data gives pictures (24"),
        ("train --data mnist --mnist alphabet", "not the files of MNIST, by their SHA-256, and --data asks for MNIST"),
        (
            "train --data idx --idx squares",
            "is folders of pictures, and --data asks for IDX files; give the other folder",
        ),
        ("train --data pictures", "folders of pictures: say where its files are with --pictures FOLDER"),
        ("train --data pictures --pictures squares/left", "is in no folder of a class"),
    ] {
        let done = ff(folder, words).output().unwrap();
        let error = String::from_utf8_lossy(&done.stderr);
        assert!(error.contains(problem), "{words}: {error}");
        assert_eq!(done.status.code(), Some(1), "{words}");
    }
}
