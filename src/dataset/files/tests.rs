use super::super::{Dataset, Shape};
use super::gzip::tests::pack;
use super::tar::tests::member;
use super::*;
use proptest::prelude::*;

type File = (String, Vec<u8>);

fn file(name: &str, bytes: &[u8]) -> File {
    (name.to_owned(), bytes.to_vec())
}

fn images(count: u8, first: u8) -> Vec<u8> {
    let header = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28];
    [&header[..], &vec![first; 784 * usize::from(count)]].concat()
}

/// Labels of these values.
fn labelled(values: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let values: Vec<u8> = values.into_iter().collect();
    [&[0, 0, 8, 1, 0, 0, 0, values.len() as u8], &values[..]].concat()
}

fn labels(count: u8) -> Vec<u8> {
    labelled(0..count)
}

/// A whole set in MNIST's format of four and two pictures.
fn four() -> Vec<File> {
    vec![
        file("t10k-images-idx3-ubyte.gz", &pack(&images(2, 9))),
        file("t10k-labels-idx1-ubyte", &labels(2)),
        file("train-images-idx3-ubyte", &images(4, 5)),
        file("train-labels-idx1-ubyte.gz", &pack(&labels(4))),
    ]
}

/// Two pictures of CIFAR-10.
fn batch(first: u8) -> Vec<u8> {
    let mut bytes = vec![7; 2 * 3073];
    bytes[..2].copy_from_slice(&[first, 1]);
    bytes
}

fn six() -> Vec<File> {
    cifar::FILES.iter().zip(0..).map(|(name, i)| file(&format!("cifar-10-batches-bin/{name}"), &batch(i))).collect()
}

/// An archive of these files.
fn archived(files: &[File]) -> Vec<u8> {
    let members: Vec<u8> = files.iter().flat_map(|(name, bytes)| member(b'0', name, bytes)).collect();
    [members, vec![0; 1024]].concat()
}

/// Reads files in pieces of `step` bytes, each of CIFAR-10's of two pictures.
fn read_in(files: &[File], step: usize) -> Result<Given> {
    let mut reader = Reader::expecting(2);
    for (name, bytes) in files {
        if reader.begin(name, bytes.len() as u64) && bytes.chunks(step).all(|piece| reader.push(piece)) {
            reader.end();
        }
    }
    reader.finish("folder")
}

fn read(files: &[File]) -> Result<Given> {
    let whole = read_in(files, 1 << 20);
    assert_eq!(read_in(files, 61), whole, "in small pieces");
    let backwards: Vec<File> = files.iter().rev().cloned().collect();
    assert_eq!(read_in(&backwards, 1 << 20), whole, "in another order");
    whole
}

/// How many pictures of which data set to learn from and to be tested on.
fn sizes(files: &[File]) -> (String, usize, usize) {
    match read(files) {
        Ok(Given::Data { dataset, .. }) => (dataset.source.name().to_owned(), dataset.train.len(), dataset.test.len()),
        other => panic!("{other:?}"),
    }
}

fn says(files: &[File]) -> String {
    read(files).unwrap_err().to_string()
}

/// The files with others among them.
fn with(mut files: Vec<File>, more: &[(&str, &[u8])]) -> Vec<File> {
    files.extend(more.iter().map(|(name, bytes)| file(name, bytes)));
    files
}

/// The files but for those of `name`, in whose place `bytes` stand.
fn but(files: Vec<File>, name: &str, bytes: &[u8]) -> Vec<File> {
    files
        .into_iter()
        .map(|(own, held)| if own.starts_with(name) { (own, bytes.to_vec()) } else { (own, held) })
        .collect()
}

#[test]
fn idx_files_are_read_whatever_lies_beside_them() {
    let mnist = ("idx".to_owned(), 4, 2);
    assert_eq!(sizes(&four()), mnist);
    let litter: [(&str, &[u8]); 6] = [
        ("._train-images-idx3-ubyte", &[0, 5, 0x16, 7]),
        (".DS_Store", b"Bud1"),
        ("readme.html", b"<html>"),
        ("train-images-idx3-ubyte.gz.sha256", b"4404"),
        ("__MACOSX/t10k-labels-idx1-ubyte", b"x"),
        ("paper.pdf.gz", &pack(b"%PDF")),
    ];
    assert_eq!(sizes(&with(four(), &litter)), mnist);
    // Each of them twice, as torchvision leaves them, and renamed.
    let twice: [(&str, &[u8]); 3] = [
        ("train-images-idx3-ubyte.gz", &pack(&images(4, 5))),
        ("MNIST/raw/t10k-images-idx3-ubyte (1)", &images(2, 9)),
        ("T10K-LABELS.IDX1-UBYTE", &labels(2)),
    ];
    assert_eq!(sizes(&with(four(), &twice)), mnist);
    // Packed in every way.
    for packed in [
        archived(&four()),
        pack(&archived(&four())),
        pack(&archived(&[
            file("m.tar", &archived(&four()[1..3])),
            four()[0].clone(),
            file("train-labels", &labels(4)),
        ])),
    ] {
        assert_eq!(sizes(&[file("mnist.tgz", &packed)]), mnist);
    }
}

/// A set in MNIST's format with a picture of each of `classes` labels from `first` on.
fn alphabet(first: u8, classes: u8) -> Vec<File> {
    let labels = labelled(first..first + classes);
    let files = but(four(), "train-images", &images(classes, 5));
    but(but(files, "train-labels", &labels), "t10k-labels", &labelled([first, first + 1]))
}

/// The data set that these files are.
fn dataset(files: &[File]) -> Dataset {
    match read(files) {
        Ok(Given::Data { dataset, .. }) => dataset,
        other => panic!("{other:?}"),
    }
}

#[test]
fn idx_files_say_how_many_classes_there_are() {
    let named = |first, classes| dataset(&alphabet(first, classes)).source.description().classes().concat();
    assert_eq!(named(0, 10), "0123456789");
    assert_eq!(named(1, 26), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    assert_eq!(named(0, 47), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt");
    assert_eq!(named(1, 3), "123");
    let letters = dataset(&alphabet(1, 26));
    assert_eq!((letters.source.name(), letters.source.title(), letters.source.classes()), ("idx", "folder", 26));
    assert_eq!(letters.train.labels.iter().map(|label| label.value()).collect::<Vec<_>>(), (0..26).collect::<Vec<_>>());
    assert!(!letters.source.is_same(&dataset(&alphabet(0, 26)).source), "another digest");
    let says = |first, classes| says(&alphabet(first, classes));
    assert!(says(0, 65).starts_with("folder: has 65 classes; give at most 64"));
    assert!(says(0, 255).starts_with("folder: has 255 classes; give at most 64"));
    assert!(
        says(2, 3).starts_with("train-labels-idx1-ubyte.gz: has no image of class 0, and labels go up to 4; give at")
    );
    let one = but(but(four(), "train-labels", &labelled([0; 4])), "t10k-labels", &labelled([0; 2]));
    assert!(read(&one).unwrap_err().to_string().starts_with("folder: has only one class"));
}

#[test]
fn idx_files_are_named_and_turned_by_the_person() {
    let letters = dataset(&alphabet(1, 26));
    let names = |count: u8| (0..count).map(|i| format!("letter {i}")).collect::<Vec<_>>();
    let named = letters.clone().named("letters", names(26)).unwrap();
    assert_eq!((named.source.title(), named.source.description().classes()[25].as_str()), ("letters", "letter 25"));
    assert!(named.source.is_same(&letters.source));
    let says = |count| letters.clone().named("letters", names(count)).unwrap_err().to_string();
    assert_eq!(says(5), "letters: has 26 classes, and label 25 is beyond the 5 names; name each class");
    assert!(says(27).starts_with("letters: has 26 classes, and 27 names, so no image is of class \"letter 26\""));
    let mut image = images(4, 0);
    image[16 + 28] = 9;
    let upright = dataset(&but(four(), "train-images", &image));
    let turned = upright.clone().transposed();
    assert_eq!((upright.train.images.image(0)[28], turned.train.images.image(0)[1]), (9, 9));
    assert!(!turned.source.is_same(&upright.source));
    assert_eq!(turned.transposed().train, upright.train);
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Five pictures of each of three classes.
fn pets() -> Vec<File> {
    let classes = ["cat", "dog", "bird"];
    let paths = classes.iter().flat_map(|class| (0..5).map(move |i| format!("{class}/{i}.png")));
    paths.map(|path| file(&path, &[PNG, path.as_bytes()].concat())).collect()
}

fn album(files: &[File]) -> Album {
    match read(files) {
        Ok(Given::Pictures(album)) => album,
        other => panic!("{other:?}"),
    }
}

/// The data set of an album whose pictures show one grey each.
fn developed(album: Album, seed: u64) -> Dataset {
    let rgb = vec![9; 3 * 784 * album.paths().count()];
    album.dataset(Shape::MNIST, &rgb, seed).unwrap()
}

#[test]
fn folders_of_pictures_are_classes() {
    let all = with(pets(), &[("readme.txt", b"words"), ("cat/.DS_Store", b"x"), ("cat/notes.txt", b"words")]);
    let pictures = album(&all);
    assert_eq!(pictures.classes(), ["bird", "cat", "dog"]);
    let paths: Vec<String> = pictures.paths().map(str::to_owned).collect();
    let set = developed(pictures, 1);
    assert_eq!((set.source.name(), set.train.len(), set.test.len()), ("pictures", 12, 3));
    let mut tested: Vec<u8> = set.test.labels.iter().map(|label| label.value()).collect();
    tested.sort_unstable();
    assert_eq!(tested, [0, 1, 2], "one in five of each class");
    // Which, the seed decides.
    assert!((2..20).any(|seed| developed(album(&all), seed).test.labels != set.test.labels));
    assert!(!developed(album(&all), 2).source.is_same(&set.source));
    assert!(developed(album(&all), 1).source.is_same(&set.source));
    let first = &set.train.labels[..6];
    assert!(first.iter().any(|label| *label != first[0]), "the first pictures are not all of one class: {paths:?}");
    // Folders of their own for testing.
    let split: Vec<File> = pets().into_iter().map(|(name, bytes)| (format!("train/{name}"), bytes)).collect();
    let split = with(split, &[("test/dog/x.png", PNG)]);
    let set = developed(album(&split), 1);
    assert_eq!((set.train.len(), set.test.labels[0].value(), set.test.len()), (15, 2, 1));
}

#[test]
fn what_is_wrong_with_folders_of_pictures_is_named() {
    let one = says(&pets()[..5]);
    assert!(one.starts_with("folder: has only one class"), "{one}");
    let many: Vec<File> = (0..65).map(|i| file(&format!("{i}/a.png"), PNG)).collect();
    assert_eq!(says(&many), "folder: has 65 classes; give at most 64");
    assert!(says(&with(pets(), &[("stray.png", PNG)])).starts_with("stray.png: is in no folder of a class"));
    assert!(says(&with(pets(), &[("fish/", b"")])).starts_with("fish: holds no pictures; add some"));
    assert!(says(&with(pets(), &[("dog/9.jpg", b"<html>")])).starts_with("dog/9.jpg: is not a PNG, JPEG or WebP"));
    assert!(
        says(&with(pets(), &[("test/dog/9.png", PNG)])).contains("is in no folder train or test, and test/dog/9.png")
    );
    assert!(says(&[file("a/b.txt", b"words")]).starts_with("a/b.txt: is no data; give"));
    let packed = says(&[file("pets.tar", &archived(&pets()))]);
    assert!(packed.ends_with("is a picture in an archive; unpack it, and give its folders"), "{packed}");
    // Beside other data pictures are passed over.
    assert_eq!(sizes(&with(four(), &[("figure.png", PNG), ("broken.png", b"x")])).0, "idx");
    let few = album(&pets()).dataset(Shape::MNIST, &[0; 9], 1).unwrap_err().to_string();
    assert!(few.contains("9 bytes") && few.contains("15 pictures"), "{few}");
}

#[test]
fn grey_pictures_are_ink_on_dark_paper() {
    let dot = |paper: u8, ink: u8| {
        let mut rgb = vec![paper; 27];
        rgb[12..15].fill(ink);
        grey(&rgb, 3)
    };
    assert_eq!(dot(255, 0), [0, 0, 0, 0, 255, 0, 0, 0, 0]);
    assert_eq!(dot(255, 0), dot(0, 255));
}

#[test]
fn a_test_set_is_never_guessed() {
    let differ = says(&with(four(), &[("train-images-idx3-ubyte (1).gz", &pack(&images(4, 6)))]));
    assert_eq!(
        differ,
        "train-images-idx3-ubyte (1).gz: differs from train-images-idx3-ubyte, and by their names both are the training \
         images; give one of them"
    );
    let fewer = says(&with(four(), &[("a/t10k-labels-idx1-ubyte", &labels(1))]));
    assert!(fewer.starts_with("t10k-labels-idx1-ubyte: differs from a/t10k-labels-idx1-ubyte, and"), "{fewer}");
    for name in ["images-idx3-ubyte", "0.idx", "train-or-test-images.idx3-ubyte", "more"] {
        let doubt = says(&with(four(), &[(name, &images(2, 9))]));
        assert!(doubt.starts_with(&format!("{name}: holds images, and its name does not say whether")), "{doubt}");
    }
    let same = says(&but(four(), "t10k-images", &images(4, 5)));
    assert!(same.contains("t10k-images-idx3-ubyte.gz: holds the same images as train-images-idx3-ubyte, so"), "{same}");
    let count = says(&but(four(), "train-labels", &labels(3)));
    assert_eq!(count, "train-labels-idx1-ubyte.gz: holds 3 labels, but train-images-idx3-ubyte holds 4 images");
    let two = says(&with(four(), &[("data_batch_1.bin", &batch(0))]));
    assert!(two.ends_with(
        "-ubyte.gz: is a file of a set in MNIST's format, and data_batch_1.bin one of CIFAR-10; give the files of one data set at a time"
    ));
}

#[test]
fn what_is_wrong_or_missing_is_named() {
    assert_eq!(
        says(&four()[1..3]),
        "MNIST's format: is four files; still missing: train-labels-idx1-ubyte, t10k-images-idx3-ubyte. Give all four together"
    );
    let zip = says(&with(four()[1..].to_vec(), &[("t10k.zip", b"PK\x03\x04")]));
    assert!(
        zip.ends_with("together. t10k.zip is a zip archive; unpack it, and give the files that were in it"),
        "{zip}"
    );
    let cut = says(&but(four(), "train-labels", &pack(&labels(4))[..20]));
    assert!(cut.starts_with("train-labels-idx1-ubyte.gz: is cut short: its gzip data stops in the middle"), "{cut}");
    let page = says(&but(four(), "train-images", b"<!doctype html>"));
    assert!(
        page.starts_with("train-images-idx3-ubyte: begins with 3c21646f; expected an IDX file of images"),
        "{page}"
    );
    assert!(says(&but(four(), "t10k-labels", b"")).starts_with("t10k-labels-idx1-ubyte: is empty; expected an IDX"));
    assert!(
        says(&but(four(), "t10k-labels", &images(2, 9))).contains("t10k-labels-idx1-ubyte: holds images; expected")
    );
    assert_eq!(
        says(&but(four(), "t10k-labels", &labelled([0, 9]))),
        "train-labels-idx1-ubyte.gz: has no image of class 4, and labels go up to 9; give at least one training image of each \
         class"
    );
    assert!(says(&[file("notes.txt", b"words")]).starts_with("notes.txt: is no data; give MNIST's"));
    assert!(says(&[file("mnist.npz", b"PK\x03\x04")]).starts_with("mnist.npz: is a zip archive; unpack it"));
    assert!(
        says(&[file("mnist.pkl.gz", &pack(b"\x80\x03x"))]).starts_with("mnist.pkl.gz: is a pickle of Python; give")
    );
    assert!(says(&[]).starts_with("folder: holds no files; give MNIST's four"));
    assert!(says(&[file(".DS_Store", b"x")]).starts_with("folder: holds no files"));
    let mut reader = Reader::default();
    assert!(reader.begin("t10k-labels-idx1-ubyte", 10));
    reader.unreadable("it is away");
    let away = reader.finish("folder").unwrap_err().to_string();
    assert_eq!(away, "t10k-labels-idx1-ubyte: cannot be read (it is away)");
}

#[test]
fn cifar_is_read_from_its_files_and_from_its_archive() {
    let cifar = ("cifar10".to_owned(), 10, 2);
    assert_eq!(sizes(&six()), cifar);
    let official: [(&str, &[u8]); 3] = [
        ("cifar-10-batches-bin/batches.meta.txt", b"airplane"),
        ("cifar-10-batches-bin/readme.html", b"<html>"),
        ("cifar-10-batches-bin/._data_batch_1.bin", &[0, 5, 0x16, 7]),
    ];
    let folder = with(six(), &official);
    assert_eq!(sizes(&folder), cifar);
    for archive in [archived(&folder), pack(&archived(&folder))] {
        assert_eq!(sizes(&[file("c.tar.gz", &archive)]), cifar);
        // Beside the folder that was unpacked from it.
        assert_eq!(sizes(&with(folder.clone(), &[("c.tar.gz", &archive)])), cifar);
    }
    let Ok(Given::Data { dataset, .. }) = read(&folder) else { panic!("it is read") };
    let labels: Vec<u8> = dataset.train.labels.iter().map(|label| label.value()).collect();
    assert_eq!(labels, [0, 7, 1, 7, 2, 7, 3, 7, 4, 7]);
    assert_eq!(dataset.test.labels[0].value(), 5);
}

#[test]
fn an_archive_s_faults_are_named() {
    let of = |bytes: &[u8]| says(&[file("c.tar.gz", bytes)]);
    let whole = archived(&six());
    assert!(
        of(&pack(&whole[..whole.len() - 2000])).starts_with("c.tar.gz: is cut short: it ends in the middle of a file")
    );
    let packed = pack(&whole);
    assert!(of(&packed[..packed.len() / 2]).starts_with("c.tar.gz: is cut short: its gzip data stops in the middle"));
    assert!(of(&pack(&[b'w'; 600])).starts_with("c.tar.gz: is not a tar archive inside, or it is damaged; give"));
    assert!(of(b"words").starts_with("c.tar.gz: is not packed with gzip; give"));
    assert!(of(b"").starts_with("c.tar.gz: is empty; give"));
    let one = |name: &str, bytes: &[u8]| of(&pack(&archived(&[file(name, bytes)])));
    assert!(
        one("data_batch_1.bin", &batch(1)).starts_with("CIFAR-10: is six files; still missing: data_batch_2.bin, ")
    );
    assert!(
        one("data_batch_1.bin", b"short").starts_with("c.tar.gz: data_batch_1.bin: is cut short: it holds 0 whole")
    );
    assert!(one("data_batch_1.bin", b"").starts_with("c.tar.gz: data_batch_1.bin: is empty; expected 2 pictures"));
    let differ = of(&pack(&archived(&with(six(), &[("again/data_batch_3.bin", &batch(4))]))));
    assert!(differ.contains("data_batch_3.bin: differs from c.tar.gz: data_batch_3.bin"), "{differ}");
}

#[test]
fn other_versions_are_named_for_what_they_are() {
    let archive = |name: &str, bytes: &[u8]| pack(&archived(&[file(name, bytes)]));
    let python = says(&[file("c.tar.gz", &archive("cifar-10-batches-py/data_batch_1", b"\x80\x02"))]);
    assert_eq!(
        python,
        "c.tar.gz: is CIFAR-10's Python version; give CIFAR-10's binary version, cifar-10-binary.tar.gz from \
         www.cs.toronto.edu/~kriz/cifar.html"
    );
    assert!(says(&[file("test_batch", b"\x80\x02")]).starts_with("test_batch: is CIFAR-10's Python version"));
    assert!(says(&[file("test_batch.mat", b"MATLAB")]).starts_with("test_batch.mat: is CIFAR-10's MATLAB version"));
    // Of the archive there is no more than its first header.
    let cut = pack(&archived(&[file("cifar-100-binary/train.bin", &[1; 999])])[..512]);
    assert!(says(&[file("c100.tar.gz", &cut)]).starts_with("c100.tar.gz: is CIFAR-100, which has a hundred classes"));
    // Beside what is read it is passed over, unless it is another data set.
    assert_eq!(sizes(&with(six(), &[("data_batch_1", b"\x80\x02")])).0, "cifar10");
    let two = says(&with(four(), &[("cifar-100-python/train", b"\x80\x02")]));
    assert!(
        two.contains(
            "is a file of a set in MNIST's format, and cifar-100-python/train one of CIFAR-100; give the files of one"
        ),
        "{two}"
    );
}

#[test]
fn a_checkpoint_is_one_where_there_are_no_data() {
    let checkpoint: (&str, &[u8]) = ("run.safetensors", b"\x02\0\0\0\0\0\0\0{}");
    let named = |files: &[File]| match read(files) {
        Ok(Given::Checkpoint(name) | Given::Data { checkpoint: Some(name), .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(named(&with(vec![], &[checkpoint, ("run.csv", b"epoch")])), "run.safetensors");
    assert_eq!(named(&with(four(), &[checkpoint])), "run.safetensors");
    let two = says(&with(vec![], &[checkpoint, ("b", checkpoint.1)]));
    assert_eq!(two, "b: is a checkpoint, and so is run.safetensors; give one of them");
}

#[test]
fn too_much_is_refused() {
    let many: Vec<File> = (0..=MOST_FILES).map(|i| file(&i.to_string(), b"")).collect();
    assert!(read_in(&many, 9).unwrap_err().to_string().starts_with("more than 1000 files: are too many"));
    // Packed ever anew.
    let mut deep = labels(2);
    for _ in 0..6 {
        deep = pack(&deep);
    }
    assert!(says(&[file("a", &deep)]).contains("lies in too many archives"));
    let mut reader = Reader::default();
    reader.findings.unpack(MOST_BYTES as usize);
    assert!(reader.begin("train-labels-idx1-ubyte.gz", 9));
    reader.push(&pack(&labels(200)));
    reader.end();
    let error = reader.finish("folder").unwrap_err().to_string();
    assert!(error.starts_with("train-labels-idx1-ubyte.gz: makes more than 1024 MiB"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn damage_never_panics(which: bool, place in 0_usize..60_000, byte: u8, cut in 0_usize..60_000, step in 1_usize..5000) {
        let mut bytes = archived(&if which { four() } else { six() });
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes.truncate(bytes.len().saturating_sub(cut / 3));
        drop(read_in(&[file("x.tar.gz", &pack(&bytes))], step));
        let mut packed = pack(&bytes);
        let place = place % packed.len();
        packed[place] = byte;
        drop(read_in(&[file("x.tar.gz", &packed)], step));
    }
}
