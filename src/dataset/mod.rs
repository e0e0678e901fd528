//! Images and labels as bytes: where pictures come from.

pub mod cifar;
mod description;
pub mod files;
#[cfg(not(target_arch = "wasm32"))]
pub mod folder;
pub mod idx;
pub mod objects;
pub mod registry;
pub mod source;
pub mod strokes;
mod supply;

use std::sync::Arc;

use crate::error::{Error, Result};
pub use description::{Description, MOST_CLASSES};
use serde::{Deserialize, Serialize};
use source::DataSource;

/// The number of a class: a digit, or a place among the names of a data set's classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(u8);

impl Label {
    /// The label of class `value`, or `None` from [`MOST_CLASSES`] on.
    pub const fn new(value: u8) -> Option<Self> {
        if (value as usize) < MOST_CLASSES { Some(Self(value)) } else { None }
    }

    /// The number of the class.
    pub const fn value(self) -> u8 {
        self.0
    }

    /// The label `steps` further on among `classes`, going round after the last.
    #[must_use]
    pub const fn further(self, steps: u8, classes: usize) -> Self {
        Self(((self.0 as usize + steps as usize) % classes) as u8)
    }

    /// The labels of `classes` classes in order.
    pub fn all(classes: usize) -> impl ExactSizeIterator<Item = Self> {
        (0..classes.min(MOST_CLASSES) as u8).map(Self)
    }
}

/// The shape of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
    /// Values a pixel: 1 for grey, 3 for colour.
    pub channels: usize,
}

impl Shape {
    /// MNIST's 28×28 grey pixels, which the drawings and the built-in strokes share.
    pub const MNIST: Self = Self { height: 28, width: 28, channels: 1 };

    /// CIFAR-10's 32×32 coloured pixels, which the built-in objects share.
    pub const CIFAR: Self = Self { height: 32, width: 32, channels: 3 };

    /// The first of the shapes that pictures come in here which `is` what is looked for.
    pub fn find(is: impl Fn(Self) -> bool) -> Option<Self> {
        [Self::MNIST, Self::CIFAR].into_iter().find(|&shape| is(shape))
    }

    /// Bytes an image takes.
    pub const fn pixels(self) -> usize {
        self.height * self.width * self.channels
    }
}

/// Images of one shape as bytes, `[count, height, width, channels]`: 0 for paper and 255 for ink, or red, green and blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    shape: Shape,
    /// Shared, because the CPU engine's copy of a data set is the data set.
    bytes: Arc<Vec<u8>>,
}

impl Images {
    /// Images of `shape` from their bytes.
    ///
    /// # Errors
    /// [`Error::Shape`] if `bytes` is not a whole number of images.
    pub fn new(shape: Shape, bytes: Vec<u8>) -> Result<Self> {
        if shape.pixels() == 0 || !bytes.len().is_multiple_of(shape.pixels()) {
            return Err(Error::Shape {
                operation: "images from bytes",
                left: format!("{} bytes", bytes.len()),
                right: format!("whole images of {} bytes", shape.pixels()),
            });
        }
        Ok(Self { shape, bytes: Arc::new(bytes) })
    }

    /// How many images.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.shape.pixels()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The shape of each.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All bytes, image after image.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of image `index`.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn image(&self, index: usize) -> &[u8] {
        let pixels = self.shape.pixels();
        &self.bytes[index * pixels..(index + 1) * pixels]
    }

    /// The same images with rows and columns exchanged.
    fn transposed(&self) -> Self {
        let Shape { height, width, channels } = self.shape;
        let mut bytes = Vec::with_capacity(self.bytes.len());
        for image in self.bytes.chunks_exact(self.shape.pixels()) {
            for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
                let at = (y * width + x) * channels;
                bytes.extend_from_slice(&image[at..at + channels]);
            }
        }
        Self { shape: Shape { height: width, width: height, channels }, bytes: Arc::new(bytes) }
    }

    /// The bytes of image `index` shifted right by `dx` and down by `dy` pixels; what enters is paper.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn shifted(&self, index: usize, dx: i8, dy: i8) -> Vec<u8> {
        let bytes = self.image(index);
        if dx == 0 && dy == 0 {
            return bytes.to_vec();
        }
        let Shape { width, height, channels } = self.shape;
        let (wide, high, dx, dy) = (width as isize, height as isize, isize::from(dx), isize::from(dy));
        let mut shifted = vec![0; bytes.len()];
        for y in dy.max(0)..high.min(high + dy) {
            for x in dx.max(0)..wide.min(wide + dx) {
                let to = (y * wide + x) as usize * channels;
                let from = ((y - dy) * wide + x - dx) as usize * channels;
                shifted[to..to + channels].copy_from_slice(&bytes[from..from + channels]);
            }
        }
        shifted
    }
}

/// Images with the label of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The pictures.
    pub images: Images,
    /// The label of each picture, in the same order.
    pub labels: Vec<Label>,
}

impl Split {
    /// Images and their labels.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are not as many labels as images.
    pub fn new(images: Images, labels: Vec<Label>) -> Result<Self> {
        if images.len() != labels.len() {
            return Err(Error::Shape {
                operation: "labels for images",
                left: format!("{} labels", labels.len()),
                right: format!("{} images", images.len()),
            });
        }
        Ok(Self { images, labels })
    }

    /// No images of this shape.
    pub fn none(shape: Shape) -> Self {
        Self { images: Images { shape, bytes: Arc::default() }, labels: vec![] }
    }

    /// These images and then those of `other`.
    ///
    /// # Errors
    /// Never for images of one shape.
    pub fn joined(&self, other: &Self) -> Result<Self> {
        let images = Images::new(self.images.shape, [self.images.bytes(), other.images.bytes()].concat())?;
        Self::new(images, [&self.labels[..], &other.labels[..]].concat())
    }

    /// Keeps the first `count` images. Pictures are shared until one of those who have them needs fewer.
    pub fn truncate(&mut self, count: usize) {
        if count >= self.len() {
            return;
        }
        let pixels = self.images.shape.pixels();
        Arc::make_mut(&mut self.images.bytes).truncate(count.saturating_mul(pixels));
        self.labels.truncate(count);
    }

    /// How many labelled images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// A data set: images to learn from and images to be tested on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Where it comes from, how much of it there is, and its description.
    pub source: DataSource,
    /// What is learned from.
    pub train: Split,
    /// What is tested on, never learned from.
    pub test: Split,
}

impl Dataset {
    /// The data set that `source` tells of, with its pictures.
    pub fn new(source: DataSource, train: Split, test: Split) -> Self {
        let source = source.counting(train.len(), test.len());
        Self { source, train, test }
    }

    /// The same pictures under another title and other class names.
    ///
    /// # Errors
    /// [`Error::Data`] if there are not as many names as classes, or they cannot be names of classes.
    pub fn named(self, title: &str, classes: Vec<String>) -> Result<Self> {
        let count = self.source.classes();
        if classes.len() < count {
            let problem = format!("has {count} classes, and label {} is beyond the {} names", count - 1, classes.len());
            return Err(Error::data(title, format!("{problem}; name each class")));
        }
        if let Some(empty) = classes.get(count) {
            let problem =
                format!("has {count} classes, and {} names, so no image is of class \"{empty}\"", classes.len());
            return Err(Error::data(title, format!("{problem}; give one name for each class")));
        }
        Ok(Self { source: self.source.named(title, classes)?, ..self })
    }

    /// The same pictures with rows and columns exchanged; EMNIST's files hold them so.
    #[must_use]
    pub fn transposed(self) -> Self {
        let split = |split: Split| Split { images: split.images.transposed(), ..split };
        Self { source: self.source.transposed(), train: split(self.train), test: split(self.test) }
    }

    /// Keeps the first `train` training images and the first `test` test images.
    pub fn truncate(&mut self, train: usize, test: usize) {
        self.train.truncate(train);
        self.test.truncate(test);
        (self.source.train, self.source.test) = (self.train.len(), self.test.len());
    }
}
