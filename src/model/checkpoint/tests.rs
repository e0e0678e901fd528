use super::*;
use proptest::prelude::*;
use std::io::Write;

fn small() -> Checkpoint {
    let settings = Settings { layers: vec![12, 10], ..Settings::default() };
    Checkpoint {
        layers: Parameters::random(&settings, Ends { inputs: 20, classes: 10 }),
        settings,
        step: 17,
        data: Some(DataSource::new("strokes", 60, 10, 3).unwrap()),
        frozen: vec![false, true],
    }
}

fn error(bytes: &[u8]) -> String {
    Checkpoint::from_bytes("run.safetensors", bytes).unwrap_err().to_string()
}

#[test]
fn comes_back_to_the_bit() {
    let checkpoint = small();
    assert_eq!(Checkpoint::from_bytes("x", &checkpoint.to_bytes()), Ok(checkpoint));
}

#[test]
fn its_pieces_are_the_file_that_the_library_writes() {
    let checkpoint = small();
    let pieces = checkpoint.pieces();
    let bytes = checkpoint.to_bytes();
    let copied = pieces[1..].iter().filter(|piece| matches!(piece, Cow::Owned(_))).count();
    assert!(copied == 0 || cfg!(target_endian = "big"), "{copied} tensors are copied");
    let read = SafeTensors::deserialize(&bytes).unwrap();
    // The tensors are in the order that the library puts them in, whatever the metadata's is.
    let again = serialize(read.tensors(), Some(checkpoint.metadata(FULL, 17))).unwrap();
    assert_eq!(bytes.len(), again.len());
    let values = bytes.len() - pieces[1..].iter().map(|piece| piece.len()).sum::<usize>();
    assert_eq!(bytes[values..], again[values..]);
    assert_eq!(values % 8, 0);
    assert_eq!(SafeTensors::deserialize(&again).unwrap().names().len(), pieces.len() - 1);
}

#[test]
fn packed_files_are_read_and_bombs_are_not() {
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let bytes = packed(&small().to_bytes());
    assert_eq!(Checkpoint::from_bytes("x", &bytes), Ok(small()));
    assert!(error(&bytes[..bytes.len() / 2]).contains("cut short or damaged"));
    let mut bomb = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    let megabyte = vec![0; 1 << 20];
    for _ in 0..=(MOST_BYTES >> 20) {
        bomb.write_all(&megabyte).unwrap();
    }
    assert!(error(&bomb.finish().unwrap()).contains("more than any network holds"));
}

#[test]
fn weights_alone_come_back_rounded_and_at_rest() {
    let mut checkpoint = small();
    checkpoint.layers[0].bias[2] = -0.3;
    let read = Checkpoint::from_bytes("x", &checkpoint.weights_to_bytes(Fineness(64.0))).unwrap();
    assert_eq!(read.step, 0);
    assert!(read.layers[0].weight_velocity.iter().all(|&v| v == 0.0));
    let weights = &checkpoint.layers[1].weight;
    let step = (weights.iter().map(|w| w * w).sum::<f32>() / weights.len() as f32).sqrt() / 64.0;
    let off: Vec<f32> = read.layers[1].weight.iter().zip(weights).map(|(a, b)| (a - b).abs()).collect();
    assert!(off.iter().all(|&off| off <= 0.5001 * step) && off.iter().any(|&off| off > 0.1 * step), "{off:?}");
    assert!((read.layers[0].bias[2] + 0.3).abs() < 1e-4);
    // Rounding what was rounded changes nothing.
    let again = Checkpoint::from_bytes("x", &read.weights_to_bytes(Fineness(64.0))).unwrap();
    let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 0.5001 * step;
    assert!(again.layers[1].weight.iter().zip(&read.layers[1].weight).all(close));
}

#[test]
fn weights_far_from_the_rest_and_none_but_zeros_come_back() {
    let mut checkpoint = small();
    checkpoint.layers[0].weight.fill(0.0);
    checkpoint.layers[0].weight[7] = -3.0;
    checkpoint.layers[1].weight.fill(0.0);
    let read = Checkpoint::from_bytes("x", &checkpoint.weights_to_bytes(Fineness(1e4))).unwrap();
    assert!((read.layers[0].weight[7] + 3.0).abs() < 1e-3, "{}", read.layers[0].weight[7]);
    assert_eq!(read.layers[1].weight, vec![0.0; 120]);
}

#[test]
fn weights_without_their_scale_are_named() {
    let bytes = small().weights_to_bytes(Fineness::default());
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let metadata = SafeTensors::read_metadata(&bytes).unwrap().1.metadata().clone();
    let with = |scale: Option<(Dtype, &[u8])>| {
        let others = tensors.iter().filter(|(name, _)| *name != "head.1.weight.scale");
        let scale =
            scale.map(|(dtype, bytes)| ("head.1.weight.scale", TensorView::new(dtype, vec![1], bytes).unwrap()));
        error(&serialize(others.chain(scale), metadata.clone()).unwrap())
    };
    assert!(with(None).ends_with("has no tensor head.1.weight.scale"), "{}", with(None));
    let whole = with(Some((Dtype::U8, &[1])));
    assert!(whole.ends_with("holds head.1.weight.scale as U8 [1], expected F32 [1]"), "{whole}");
    let none = with(Some((Dtype::F32, &f32::NAN.to_le_bytes())));
    assert!(none.ends_with("holds NaN in head.1.weight"), "{none}");
}

#[test]
fn what_is_wrong_is_said() {
    let bytes = small().to_bytes();
    assert!(error(b"not a checkpoint at all").starts_with("checkpoint run.safetensors: is not a safetensors file"));
    assert!(error(&bytes[..bytes.len() - 100]).contains("run.safetensors"));
    let other = TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap();
    let foreign = serialize([("x", other)], None).unwrap();
    assert!(error(&foreign).contains("not one of ours"));

    let mut narrower = small();
    narrower.settings.layers[1] = 11;
    assert_eq!(
        error(&narrower.to_bytes()),
        "checkpoint run.safetensors: holds layers.1.weight as [12, 10], but its settings ask for [12, 11]"
    );
    let mut infinite = small();
    infinite.layers[1].bias[3] = f32::INFINITY;
    assert!(error(&infinite.to_bytes()).ends_with("holds inf in layers.1.bias"));
    let mut version = bytes.clone();
    let place = bytes.windows(13).position(|w| w == b"\"version\":\"2\"").unwrap();
    version[place + 11] = b'4';
    assert!(error(&version).contains("is of version 4, and this program reads versions 1 to 3"));
    let mut unknown = bytes.clone();
    let place = bytes.windows(11).position(|w| w == b"temperature").unwrap();
    unknown[place] = b'x';
    assert!(error(&unknown).contains("unknown field `xemperature`"), "{}", error(&unknown));
    let mut endless = small();
    endless.step = u64::MAX;
    assert!(error(&endless.to_bytes()).contains("is at step 18446744073709551615, and no run is that long"));
    let mut huge = small();
    huge.data.as_mut().unwrap().train = 1 << 60;
    assert!(error(&huge.to_bytes()).contains("choose up to 2000000"));
}

proptest! {
    #[test]
    fn damage_never_panics(place in 0_usize..4000, byte: u8, cut in 0_usize..6000) {
        let mut bytes = small().to_bytes();
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes.truncate(bytes.len().saturating_sub(cut));
        // Some damage goes unnoticed (a changed weight is a weight); none may panic.
        drop(Checkpoint::from_bytes("x", &bytes));
    }
}
