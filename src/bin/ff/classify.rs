//! `ff classify`: pictures from files.

use crate::arguments::Classify;
use crate::data;
use crate::output::{self, say};
use forward_forward::dataset::source::DataSource;
use forward_forward::dataset::{Images, Label, Shape};
use forward_forward::drawing;
use forward_forward::engine::{Engine, Pick, cpu::Cpu};
use forward_forward::model::{Checkpoint, Network};
use forward_forward::recipe::{Opinion, Reader};
use forward_forward::{Error, Result};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Rgb, RgbImage, Rgba};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Reads each picture and says why.
pub fn run(arguments: &Classify) -> Result<()> {
    let checkpoint = data::checkpoint(&arguments.checkpoint)?;
    let shape = shape_of(&checkpoint)?;
    let names = checkpoint
        .data
        .as_ref()
        .map_or_else(|| DataSource::usual("strokes"), |source| Ok(source.clone()))?
        .description();
    let engine = Cpu;
    let network = Network::new(&engine, &checkpoint.settings, checkpoint.layers)?;
    let mut reader = Reader::new(&engine, &network, 1)?;
    for path in &arguments.pictures {
        if output::is_over() {
            break;
        }
        let images = engine.dataset(&Images::new(shape, prepared(path, shape)?)?)?;
        let opinions = pollster::block_on(reader.read(&engine, &network, &images, &[Pick::default()]))?;
        print(path, &opinions[0], names.classes());
    }
    Ok(())
}

/// The pictures that a checkpoint's network reads.
fn shape_of(checkpoint: &Checkpoint) -> Result<Shape> {
    let inputs = checkpoint.layers.first().map_or(0, |layer| layer.inputs);
    match Shape::find(|shape| shape.pixels() == inputs) {
        Some(shape) => Ok(shape),
        None => checkpoint.reads(Shape::MNIST.pixels()).map(|()| Shape::MNIST),
    }
}

/// The picture as the network's data set would hold it: a digit as MNIST's are, or the middle of a photograph, shrunk.
fn prepared(path: &Path, shape: Shape) -> Result<Vec<u8>> {
    let file = path.display().to_string();
    let picture = decoded(path)?;
    let (width, height) = (picture.width(), picture.height());
    if shape.channels == 3 {
        let side = width.min(height);
        let middle =
            image::imageops::crop_imm(&picture, (width - side) / 2, (height - side) / 2, side, side).to_image();
        return Ok(
            image::imageops::resize(&middle, shape.width as u32, shape.height as u32, FilterType::Triangle).into_raw()
        );
    }
    let grey = DynamicImage::from(picture).into_luma8();
    drawing::from_picture(grey.as_raw(), width as usize, height as usize)
        .map(|image| image.to_vec())
        .ok_or_else(|| Error::data(&file, "shows nothing but an even ground; expected one digit on it"))
}

/// The picture in a file as a browser shows it: its format and its orientation are the content's, whatever the name says, and
/// what is transparent lies on white.
fn decoded(path: &Path) -> Result<RgbImage> {
    let file = path.display().to_string();
    let io = |error: std::io::Error| Error::Io { file: file.clone(), problem: error.to_string() };
    let unreadable = |error: ImageError| {
        let what = match error {
            ImageError::Unsupported(_) => "is no picture of a format that is read".to_owned(),
            error => format!("is damaged, or no picture of a format that is read ({error})"),
        };
        Error::data(&file, format!("{what}; give a PNG, JPEG, WebP, GIF or BMP file"))
    };
    let reader = ImageReader::new(BufReader::new(File::open(path).map_err(io)?)).with_guessed_format().map_err(io)?;
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    let on_white = |pixel: Rgba<u8>| {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        Rgb([red, green, blue].map(|value| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    };
    let picture = picture.into_rgba8();
    Ok(RgbImage::from_fn(picture.width(), picture.height(), |x, y| on_white(*picture.get_pixel(x, y))))
}

fn print(path: &Path, opinion: &Opinion, names: &[String]) {
    let name = |label: Label| names[usize::from(label.value())].clone();
    let said = |label: Option<Label>| label.map_or_else(|| "nothing".to_owned(), name);
    let (by_goodness, by_softmax) = (said(opinion.by_goodness()), said(opinion.by_softmax()));
    say!("{}: {by_goodness} by goodness, {by_softmax} by softmax", path.display());
    let (Some(totals), Some(winner)) = (opinion.totals(), opinion.by_goodness()) else { return };
    let layers = opinion.goodness[0].len();
    let heads: String = (1..=layers).map(|l| format!("{:>10}", format!("layer {l}"))).collect();
    say!("  {:>10}{heads}{:>10}", "label", "in all");
    for label in Label::all(names.len()) {
        let row = &opinion.goodness[usize::from(label.value())];
        let cells: String = row.iter().map(|g| format!("{g:>10.1}")).collect();
        let mark = if label == winner { "  ◀" } else { "" };
        say!("  {:>10}{cells}{:>10.1}{mark}", name(label), totals[usize::from(label.value())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use forward_forward::model::{Parameters, RecipeKind, Settings};
    use image::ImageFormat;
    use std::path::PathBuf;

    #[test]
    fn a_photograph_is_cut_to_its_middle_and_shrunk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.png");
        // A blue square with red on both sides, which are cut off.
        let colour = |x: u32| if (20..84).contains(&x) { [0, 0, 250] } else { [250, 0, 0] };
        image::RgbImage::from_fn(104, 64, |x, _| image::Rgb(colour(x))).save(&path).unwrap();
        let bytes = prepared(&path, Shape::CIFAR).unwrap();
        assert_eq!(bytes.len(), Shape::CIFAR.pixels());
        assert!(bytes.chunks_exact(3).all(|pixel| pixel == [0, 0, 250]));
        assert_eq!(prepared(&path, Shape::MNIST).map(|bytes| bytes.len()), Ok(784));
    }

    /// A picture among the fixtures.
    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pictures").join(name)
    }

    /// How far apart two pictures are, of 255.
    fn apart(a: &[u8], b: &[u8]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
    }

    #[test]
    fn a_picture_is_read_as_a_browser_shows_it_whatever_its_format_and_its_name() {
        let folder = tempfile::tempdir().unwrap();
        // Black on nothing.
        let seven = fixture("seven-on-nothing.png");
        let expected = prepared(&seven, Shape::MNIST).unwrap();
        assert!(expected.iter().filter(|&&level| level > 200).count() > 20, "there is ink");
        let clear = DynamicImage::ImageRgba8(image::open(&seven).unwrap().into_rgba8());
        let opaque = DynamicImage::ImageRgb8(decoded(&seven).unwrap());
        let files: [(&str, &DynamicImage, ImageFormat); 12] = [
            ("a.png", &clear, ImageFormat::Png),
            ("png-called.jpg", &clear, ImageFormat::Png),
            ("without-ending", &clear, ImageFormat::Png),
            ("16-bit.png", &clear.to_rgba16().into(), ImageFormat::Png),
            ("grey-and-alpha.png", &clear.to_luma_alpha8().into(), ImageFormat::Png),
            ("grey-and-alpha-16-bit.png", &clear.to_luma_alpha16().into(), ImageFormat::Png),
            ("grey.png", &opaque.to_luma8().into(), ImageFormat::Png),
            ("a.gif", &clear, ImageFormat::Gif),
            ("a.webp", &clear, ImageFormat::WebP),
            ("a.bmp", &opaque, ImageFormat::Bmp),
            ("a.jpeg", &opaque, ImageFormat::Jpeg),
            ("jpeg-called.png", &opaque.to_luma8().into(), ImageFormat::Jpeg),
        ];
        let mut paths = vec![fixture("seven-palette.png"), fixture("seven-cmyk.jpg")];
        for (name, picture, format) in files {
            paths.push(folder.path().join(name));
            picture.save_with_format(paths.last().unwrap(), format).unwrap();
        }
        for path in paths {
            let found = prepared(&path, Shape::MNIST).unwrap_or_else(|error| panic!("{error}"));
            let off = apart(&found, &expected);
            assert!(off < 6.0, "{}: {off}", path.display());
        }
    }

    #[test]
    fn a_photograph_is_turned_as_its_camera_was() {
        let folder = tempfile::tempdir().unwrap();
        let turned = fixture("six-turned.jpg");
        let mut plain = std::fs::read(&turned).unwrap();
        // The same without its orientation.
        let exif = plain.windows(6).position(|bytes| bytes == b"Exif\0\0").unwrap();
        plain[exif] = b'_';
        let path = folder.path().join("plain.jpg");
        std::fs::write(&path, plain).unwrap();
        let (upright, stored) = (prepared(&turned, Shape::CIFAR).unwrap(), prepared(&path, Shape::CIFAR).unwrap());
        let half_turn: Vec<u8> = stored.chunks_exact(3).rev().flatten().copied().collect();
        assert!(apart(&upright, &stored) > 10.0, "the turned picture differs from the stored one");
        assert!(apart(&upright, &half_turn) < 2.0, "{}", apart(&upright, &half_turn));
    }

    #[test]
    fn what_is_no_picture_is_told_what_would_be() {
        let folder = tempfile::tempdir().unwrap();
        let says = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            prepared(&path, Shape::MNIST).unwrap_err().to_string()
        };
        let png = std::fs::read(fixture("seven-on-nothing.png")).unwrap();
        for (name, bytes) in [
            ("words.png", &b"no picture at all"[..]),
            ("empty.jpg", b""),
            ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            ("cut.png", &png[..png.len() / 2]),
        ] {
            let said = says(name, bytes);
            assert!(said.contains(name) && said.ends_with("give a PNG, JPEG, WebP, GIF or BMP file"), "{said}");
        }
        let none = prepared(&folder.path().join("none.png"), Shape::MNIST).unwrap_err().to_string();
        assert!(none.contains("none.png: No such file"), "{none}");
    }

    #[test]
    fn a_network_tells_by_its_inputs_what_it_reads() {
        let shape = |pixels| {
            let settings = Settings { layers: vec![10], ..Settings::recommended(RecipeKind::Backprop) };
            shape_of(&Checkpoint::beginning(settings.clone(), Parameters::random(&settings, pixels)))
        };
        assert_eq!((shape(784), shape(3072)), (Ok(Shape::MNIST), Ok(Shape::CIFAR)));
        assert!(shape(100).unwrap_err().to_string().contains("a first layer of 100 inputs"));
    }
}
