//! Everything a run needs to go on, in one safetensors file.
//!
//! Tensors: `layers.i.{weight,bias,weight_velocity,bias_velocity,mean_activity}` and, for every layer but the first,
//! `head.i.{weight,velocity}`, `i` from 0; `f32` in a full checkpoint. Under local wiring a weight is `[units, window]`. A file of
//! weights only leaves the velocities out, and rounds the rest (`rounding.rs`). The metadata say format, version, settings,
//! step, data and which layers are frozen. Generators need no tensors: every draw is a function of the seed and the step.
//!
//! Files are read for ever: what a file of an older version does not say has its default, which is what that version did.
//! Version 1 knew the supervised recipe only, and had no head on a net of one layer. Up to version 2 files of weights held `f16`.
//! A setting this program does not know is refused by name, since it would be left out of account.

pub use crate::dataset::source::DataSource;
use crate::dataset::source::MOST_IMAGES;
use crate::dataset::{MOST_CLASSES, Shape};
use crate::engine::Wiring;
use crate::error::{Error, Result};
use crate::model::rounding::{self, Fineness};
use crate::model::{Ends, Parameters, Settings};
use flate2::read::GzDecoder;
use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorInfo, TensorView, serialize};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Read, Write};

/// What a checkpoint calls itself.
const FORMAT: &str = "forward-forward-lab";
/// The newest version of these files. Raised when an older program could no longer read a new file rightly.
const VERSION: u32 = 3;
/// The version of a full checkpoint, which has not changed since.
const FULL: u32 = 2;

/// A run as it stands after `step` batches.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// What was chosen.
    pub settings: Settings,
    /// Batches learned from so far.
    pub step: u64,
    /// What they were drawn from.
    pub data: Option<DataSource>,
    /// The layers, from the bottom.
    pub layers: Vec<Parameters>,
    /// Which of them are kept from learning; those not named are not.
    pub frozen: Vec<bool>,
}

/// The name of a tensor of layer `i`, from its name in [`Parameters::tensors`].
fn tensor_name(i: usize, name: &str) -> String {
    match name.strip_prefix("head_") {
        Some(name) => format!("head.{i}.{name}"),
        None => format!("layers.{i}.{name}"),
    }
}

/// The settings as JSON. Floats are written by the standard library: `serde_json`'s own way would add 10 KB of tables to the
/// page's core.
fn json(settings: &Settings) -> String {
    struct Floats;
    impl serde_json::ser::Formatter for Floats {
        fn write_f32<W: Write + ?Sized>(&mut self, writer: &mut W, value: f32) -> std::io::Result<()> {
            write!(writer, "{value:?}")
        }
    }
    let mut text = vec![];
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Floats);
    settings.serialize(&mut serializer).expect("settings are plain values");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Whether a tensor is only momentum, which a file of weights leaves out.
fn is_velocity(name: &str) -> bool {
    name.ends_with("velocity")
}

/// The bytes of `values`, the lowest of each first.
fn little_endian(values: &[f32]) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        return Cow::Borrowed(bytemuck::cast_slice(values));
    }
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// The first bytes of anything packed with gzip, as the shipped weights are.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// No network within the settings' ranges needs more; a small file could ask for any amount.
const MOST_BYTES: u64 = 1 << 30;

/// What is in a gzip file; the error is what is wrong with it.
fn unpack(bytes: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let mut unpacked = vec![];
    let read = GzDecoder::new(bytes).take(MOST_BYTES + 1).read_to_end(&mut unpacked);
    match read {
        Ok(_) if unpacked.len() as u64 > MOST_BYTES => Err("unpacks to more than any network holds".to_owned()),
        Ok(_) => Ok(unpacked),
        Err(error) => Err(format!("is cut short or damaged ({error})")),
    }
}

/// No run is longer: all epochs that settings may ask for, those of the head too, of one picture a batch.
const MOST_STEPS: u64 = 2_000 * MOST_IMAGES as u64;

impl Checkpoint {
    /// The file's bytes, everything in `f32`.
    ///
    /// # Panics
    /// Never: settings and shapes are valid by construction.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.pieces().concat()
    }

    /// The bytes of [`Self::to_bytes`] in pieces, of which all but the first are the tensors as they lie here: whoever puts
    /// them where they belong needs no room for a second network.
    ///
    /// # Panics
    /// Never: settings and shapes are valid by construction.
    pub fn pieces(&self) -> Vec<Cow<'_, [u8]>> {
        let layers = self.layers.iter().enumerate();
        let tensors = layers
            .flat_map(|(i, layer)| layer.tensors().map(|(name, values, shape)| (tensor_name(i, name), values, shape)));
        let mut tensors: Vec<_> = tensors.filter(|(_, values, _)| !values.is_empty()).collect();
        // As the library orders them.
        tensors.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        let mut end = 0;
        let infos = tensors.iter().map(|(name, values, shape)| {
            let begin = end;
            end += size_of_val(*values);
            (name.clone(), TensorInfo { dtype: Dtype::F32, shape: shape.to_vec(), data_offsets: (begin, end) })
        });
        let header = Metadata::new(Some(self.metadata(FULL, self.step)), infos.collect()).expect("tensors are valid");
        let mut header = serde_json::to_vec(&header).expect("plain values");
        // As the format asks: its size first, and what follows aligned.
        header.resize(header.len().next_multiple_of(8), b' ');
        let first = [&(header.len() as u64).to_le_bytes()[..], &header].concat();
        let tensors = tensors.into_iter().map(|(_, values, _)| little_endian(values));
        std::iter::once(first.into()).chain(tensors).collect()
    }

    /// A small file of weights: rounded to `fineness`, without momentum and at step 0. Made to be packed with gzip.
    ///
    /// # Panics
    /// Never: settings and shapes are valid by construction.
    pub fn weights_to_bytes(&self, fineness: Fineness) -> Vec<u8> {
        let layers = self.layers.iter().enumerate();
        let tensors = layers.flat_map(|(i, layer)| {
            let learned =
                layer.tensors().into_iter().filter(|(name, values, _)| !values.is_empty() && !is_velocity(name));
            learned
                .flat_map(move |(name, values, shape)| rounding::round(&tensor_name(i, name), values, shape, fineness))
        });
        let tensors: Vec<_> = tensors.collect();
        let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
            (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).expect("shape and bytes agree"))
        });
        serialize(views, Some(self.metadata(VERSION, 0))).expect("tensors are valid")
    }

    fn metadata(&self, version: u32, step: u64) -> HashMap<String, String> {
        let mut metadata = HashMap::from([
            ("format".to_owned(), FORMAT.to_owned()),
            ("version".to_owned(), version.to_string()),
            ("settings".to_owned(), json(&self.settings.stored())),
            ("step".to_owned(), step.to_string()),
        ]);
        if self.frozen.contains(&true) {
            metadata.insert("frozen".to_owned(), serde_json::to_string(&self.frozen).expect("plain values"));
        }
        if let Some(data) = &self.data {
            metadata.insert("data".to_owned(), serde_json::to_string(data).expect("plain values"));
        }
        metadata
    }

    /// Reads a checkpoint, packed with gzip or not; `file` is what to call it in errors.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] saying what is wrong: not safetensors, another program's, another version's, a tensor
    /// missing or of another shape or type, settings out of range, or values that are not finite.
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<Self> {
        let wrong = |problem: String| Error::checkpoint(file, problem);
        let unpacked;
        let bytes = if bytes.starts_with(&GZIP) {
            unpacked = unpack(bytes).map_err(wrong)?;
            &unpacked
        } else {
            bytes
        };
        let (_, metadata) =
            SafeTensors::read_metadata(bytes).map_err(|e| wrong(format!("is not a safetensors file ({e})")))?;
        let metadata = metadata.metadata().clone().unwrap_or_default();
        let field = |name: &str| {
            metadata
                .get(name)
                .ok_or_else(|| wrong(format!("has no \"{name}\" in its metadata, so it is not one of ours")))
        };
        if field("format")? != FORMAT {
            return Err(wrong(format!("says its format is \"{}\", expected \"{FORMAT}\"", field("format")?)));
        }
        if !field("version")?.parse().is_ok_and(|version: u32| (1..=VERSION).contains(&version)) {
            return Err(wrong(format!(
                "is of version {}, and this program reads versions 1 to {VERSION}; use the program that wrote it, or a newer \
                 one",
                field("version")?.chars().take(20).collect::<String>()
            )));
        }
        let settings: Settings =
            serde_json::from_str(field("settings")?).map_err(|e| wrong(format!("has unreadable settings ({e})")))?;
        let settings = settings.checked().map_err(|e| wrong(e.to_string()))?;
        let step = field("step")?.parse().map_err(|_| wrong("has an unreadable step".to_owned()))?;
        if step > MOST_STEPS {
            return Err(wrong(format!("says it is at step {step}, and no run is that long")));
        }
        let data = match metadata.get("data") {
            Some(text) => {
                Some(serde_json::from_str(text).map_err(|e| wrong(format!("has an unreadable data entry ({e})")))?)
            }
            None => None,
        };
        let frozen: Vec<bool> = match metadata.get("frozen") {
            Some(text) => serde_json::from_str(text)
                .ok()
                .filter(|frozen: &Vec<bool>| frozen.len() <= settings.layers.len())
                .ok_or_else(|| wrong("has an unreadable list of frozen layers".to_owned()))?,
            None => vec![],
        };
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| wrong(format!("is cut short or damaged ({e})")))?;
        let first =
            tensors.tensor(&tensor_name(0, "weight")).map_err(|_| wrong("has no tensor layers.0.weight".to_owned()))?;
        // Rows and columns come last, behind the planes of a packed file.
        let mut last = first.shape().iter().rev().copied();
        let (columns, rows) = (last.next().unwrap_or(0), last.next().unwrap_or(0));
        let mut inputs = rows;
        if settings.window > 0 {
            // [N, F]: what a window holds tells how many values a pixel has, and that the picture.
            let shape = Shape::find(|shape| columns == settings.window * settings.window * shape.channels);
            let problem =
                || format!("holds windows of {columns} values, which are of no picture that this program reads");
            inputs = shape.ok_or_else(problem).map_err(wrong)?.pixels();
        }
        let classes = class_count(&tensors, settings.layers.len() - 1).map_err(wrong)?;
        let wirings = settings.wirings(inputs).map_err(|e| wrong(e.to_string()))?;
        let mut layers = vec![];
        for (i, (&units, wiring)) in settings.layers.iter().zip(wirings).enumerate() {
            let recurrent = settings.recipe.entry().steps;
            let above = recurrent.then(|| settings.layers.get(i + 1).copied().unwrap_or(classes));
            let head = (i >= settings.first_voter()).then_some(classes);
            layers.push(read_layer(&tensors, i, [inputs, units], wiring, above, head).map_err(wrong)?);
            inputs = units;
        }
        Ok(Self { settings, step, data, layers, frozen })
    }

    /// A run of `settings` at its beginning, with these weights.
    pub fn beginning(settings: Settings, layers: Vec<Parameters>) -> Self {
        Self { settings, step: 0, data: None, layers, frozen: vec![] }
    }

    /// Whole epochs over `pictures` pictures that were learned from.
    pub fn epochs_done(&self, pictures: usize) -> u64 {
        self.step / (pictures / self.settings.batch).max(1) as u64
    }

    /// Checks that its network reads pictures of `shape` in `classes` classes.
    ///
    /// # Errors
    /// [`Error::Shape`] naming what differs.
    pub fn reads(&self, shape: Shape, classes: usize) -> Result<()> {
        let ends = Ends::of(&self.layers);
        let (left, right) = if ends.classes != classes {
            (format!("a network of {} classes", ends.classes), format!("data of {classes} classes"))
        } else if ends != Ends::new(&self.settings, shape, classes) {
            (format!("a first layer of {} inputs", ends.inputs), format!("pictures of {} pixels", shape.pixels()))
        } else {
            return Ok(());
        };
        Err(Error::Shape { operation: "loading a network", left, right })
    }

    /// The shape of the pictures that its network reads, if it is a known one.
    pub fn shape(&self) -> Option<Shape> {
        let ends = Ends::of(&self.layers);
        Shape::find(|shape| Ends::new(&self.settings, shape, ends.classes) == ends)
    }
}

/// How many classes the head tells apart: the columns of its weights for layer `last`.
fn class_count(tensors: &SafeTensors, last: usize) -> std::result::Result<usize, String> {
    let name = tensor_name(last, "head_weight");
    // In version 1 a net of one layer had no head; it knew ten digits.
    let Ok(head) = tensors.tensor(&name) else { return Ok(10) };
    match head.shape().last() {
        Some(classes @ 2..=MOST_CLASSES) => Ok(*classes),
        _ => Err(format!("holds {name} as {:?}, which is not for 2 to {MOST_CLASSES} classes", head.shape())),
    }
}

/// Layer `i` of `[inputs, units]`, where `classes` are those of the head if it reads the layer; the error is what is wrong with
/// the file.
fn read_layer(
    tensors: &SafeTensors,
    i: usize,
    [inputs, units]: [usize; 2],
    wiring: [Wiring; 2],
    above: Option<usize>,
    classes: Option<usize>,
) -> std::result::Result<Parameters, String> {
    let only_layer = classes.is_some() && i == 0;
    let read = |name: &str, shape: [usize; 2]| -> std::result::Result<Option<Vec<f32>>, String> {
        let full = tensor_name(i, name);
        let Ok(tensor) = tensors.tensor(&full) else {
            // In version 1 a net of one layer had no head: it has one now, which has learned nothing yet.
            let may_be_absent = is_velocity(name) || (only_layer && name == "head_weight");
            return if may_be_absent { Ok(None) } else { Err(format!("has no tensor {full}")) };
        };
        let values = rounding::values(tensors, &full, &tensor, shape)?;
        if let Some(value) = values.iter().find(|v| !v.is_finite()) {
            return Err(format!("holds {value} in {full}"));
        }
        Ok(Some(values))
    };
    let zeros = |shape: [usize; 2]| vec![0.0; shape[0] * shape[1]];
    let needed = |name: &str, shape| read(name, shape).map(|values| values.unwrap_or_else(|| zeros(shape)));
    let of_head = |name| classes.map_or(Ok(vec![]), |classes| needed(name, [units, classes]));
    let from_above = |name| above.map_or(Ok(vec![]), |above| needed(name, wiring[1].shape(above, units)));
    let below = wiring[0].shape(inputs, units);
    Ok(Parameters {
        inputs,
        units,
        wiring,
        weight: needed("weight", below)?,
        bias: needed("bias", [1, units])?,
        weight_velocity: needed("weight_velocity", below)?,
        above_weight: from_above("above_weight")?,
        above_velocity: from_above("above_velocity")?,
        bias_velocity: needed("bias_velocity", [1, units])?,
        mean_activity: needed("mean_activity", [1, units])?,
        head_weight: of_head("head_weight")?,
        head_velocity: of_head("head_velocity")?,
    })
}

#[cfg(test)]
mod tests;
