//! Pictures from files, as a network reads them.

use forward_forward::dataset::{Shape, files};
use forward_forward::drawing;
use forward_forward::{Error, Result};
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Rgb, RgbImage, Rgba};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The picture as a data set of digits or of photographs would hold it: a digit as MNIST's are, or the middle of a photograph,
/// shrunk.
pub fn prepared(path: &Path, shape: Shape) -> Result<Vec<u8>> {
    if shape.channels == 3 {
        return fitted(path, shape);
    }
    let picture = decoded(path)?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let grey = DynamicImage::from(picture).into_luma8();
    drawing::from_picture(grey.as_raw(), width, height).map(|image| image.to_vec()).ok_or_else(|| {
        Error::data(path.display().to_string(), "shows nothing but an even ground; expected one digit on it")
    })
}

/// The picture's middle square, shrunk or enlarged to `shape`: red, green and blue.
pub fn fitted(path: &Path, shape: Shape) -> Result<Vec<u8>> {
    let picture = decoded(path)?;
    let (width, height) = (picture.width(), picture.height());
    let side = width.min(height);
    let middle = imageops::crop_imm(&picture, (width - side) / 2, (height - side) / 2, side, side).to_image();
    Ok(imageops::resize(&middle, shape.width as u32, shape.height as u32, FilterType::Triangle).into_raw())
}

/// The picture as a data set of folders of pictures holds it.
pub fn filed(path: &Path, shape: Shape) -> Result<Vec<u8>> {
    let rgb = fitted(path, shape)?;
    Ok(if shape.channels == 1 { files::grey(&rgb, shape.width) } else { rgb })
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

#[cfg(test)]
mod tests {
    use super::*;
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
}
