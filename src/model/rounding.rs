//! Rounded tensors: how a file of weights stores numbers in a byte or less each.
//!
//! A matrix is a multiple of one step: `value = scale · (256·high + low)`. All high bytes come before the low ones,
//! `I8 [2, rows, columns]`, because nearly all of them are 0; the step is `NAME.scale`, `F32 [1]`. One step for a whole matrix,
//! however small some of its columns are, is the best use of bytes once gzip stores frequent values in fewer bits. Vectors, of
//! which a network has few, are `f16`.

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// How many steps of rounding make up the root mean square of a matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fineness(pub f32);

impl Default for Fineness {
    /// Fine enough that error rates stay what they are: assets/README.md has the figures.
    fn default() -> Self {
        Self(32.0)
    }
}

/// The name, type, shape and bytes of a tensor.
type Stored = (String, Dtype, Vec<usize>, Vec<u8>);

/// The name of the tensor with the step of tensor `name`.
fn scale_name(name: &str) -> String {
    format!("{name}.scale")
}

/// A tensor of `shape` as a file of weights stores it, with its step if it has one.
pub fn round(name: &str, values: &[f32], shape: [usize; 2], Fineness(fineness): Fineness) -> Vec<Stored> {
    if shape[0] == 1 {
        let bytes = values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
        return vec![(name.to_owned(), Dtype::F16, shape.to_vec(), bytes)];
    }
    let squares: f64 = values.iter().map(|&v| f64::from(v).powi(2)).sum();
    let largest = values.iter().fold(0.0_f32, |largest, v| largest.max(v.abs()));
    let step = (squares / values.len() as f64).sqrt() as f32 / fineness;
    // The largest value must fit two bytes.
    let scale = step.max(largest / f32::from(i16::MAX - 128));
    let steps = |&value: &f32| if scale > 0.0 { (value / scale).round() as i16 } else { 0 };
    let low = |steps: i16| steps as i8;
    let high = |steps: i16| ((steps - i16::from(low(steps))) >> 8) as i8;
    let bytes = values.iter().map(|v| high(steps(v)) as u8).chain(values.iter().map(|v| low(steps(v)) as u8)).collect();
    vec![
        (name.to_owned(), Dtype::I8, vec![2, shape[0], shape[1]], bytes),
        (scale_name(name), Dtype::F32, vec![1], scale.to_le_bytes().to_vec()),
    ]
}

/// The values of `tensor`, which is called `name` and should be of `shape`, however it is stored; the error is what is wrong.
pub fn values(tensors: &SafeTensors, name: &str, tensor: &TensorView, shape: [usize; 2]) -> Result<Vec<f32>, String> {
    let bytes = tensor.data();
    let (high, low) = bytes.split_at(bytes.len() / 2);
    let planes = tensor.shape() == [2, shape[0], shape[1]];
    if tensor.shape() != shape && !planes {
        return Err(format!("holds {name} as {:?}, but its settings ask for {shape:?}", tensor.shape()));
    }
    match tensor.dtype() {
        Dtype::I8 if planes => {
            let scale = scale(tensors, name)?;
            let steps = |(&high, &low): (&u8, &u8)| 256.0 * f32::from(high as i8) + f32::from(low as i8);
            Ok(high.iter().zip(low).map(|both| scale * steps(both)).collect())
        }
        // Up to version 2: `f16`, high bytes first.
        Dtype::U8 if planes => {
            Ok(high.iter().zip(low).map(|(&high, &low)| f16::from_le_bytes([low, high]).to_f32()).collect())
        }
        Dtype::F32 if !planes => Ok(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F16 if !planes => Ok(bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect()),
        other => Err(format!("holds {name} as {other:?}, expected F32, F16 or I8 with a scale")),
    }
}

/// The step of tensor `name`.
fn scale(tensors: &SafeTensors, name: &str) -> Result<f32, String> {
    let name = scale_name(name);
    let tensor = tensors.tensor(&name).map_err(|_| format!("has no tensor {name}"))?;
    match (tensor.dtype(), tensor.data().as_array()) {
        (Dtype::F32, Some(bytes)) => Ok(f32::from_le_bytes(*bytes)),
        (dtype, _) => Err(format!("holds {name} as {dtype:?} {:?}, expected F32 [1]", tensor.shape())),
    }
}
