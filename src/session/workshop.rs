//! How the pictures of a batch came about: a hybrid step by step, jitter epoch by epoch.

use super::data::Data;
use super::{Hybrid, Session, Shifted};
use crate::dataset::Shape;
use crate::engine::{MaskKey, Pick};
use crate::error::Result;
use crate::negatives::hybrid as recipe;
use serde_bytes::ByteBuf;

/// The hybrid of `pair` under the mask of `row`; `goodness` is what it reached in each layer.
pub fn hybrid(data: &Data, pair: [Pick; 2], key: &MaskKey, row: u32, goodness: Vec<f32>) -> Result<Hybrid> {
    let [(first, a), (second, b)] = [data.training_picture(pair[0])?, data.training_picture(pair[1])?];
    let mut values = recipe::bits(Shape::MNIST, key, row);
    let mut stages = vec![bytes(&values)];
    for _ in 0..key.blurs {
        values = recipe::blurred(&values, Shape::MNIST);
        stages.push(bytes(&values));
    }
    let mask = recipe::mask(Shape::MNIST, key, row);
    let image = (0..first.len()).map(|i| if mask[i] { first[i] } else { second[i] }).collect();
    Ok(Hybrid {
        labels: [a.value(), b.value()],
        stages,
        mask: mask.into_iter().map(|m| if m { u8::MAX } else { 0 }).collect(),
        image,
        first,
        second,
        goodness,
    })
}

/// 0 to 1 as 0 to 255.
fn bytes(values: &[f32]) -> ByteBuf {
    ByteBuf::from(values.iter().map(|v| (v * 255.0).round() as u8).collect::<Vec<u8>>())
}

impl Session {
    /// A training picture – the first of the newest batch, or of all – as jitter shifts it in this and the following epochs,
    /// `count` of them.
    ///
    /// # Errors
    /// [`crate::Error::Data`] if the data are not ready.
    pub fn shifts(&self, count: usize) -> Result<Vec<Shifted>> {
        let newest = self.trainer.newest_batch();
        let (step, index) = newest.map_or((0, 0), |(step, batch)| (*step, batch.picks[0].index));
        let first = step / self.trainer.steps_per_epoch().max(1);
        (first..first + count as u64)
            .map(|epoch| {
                let pick = self.trainer.shifted(index, epoch);
                let (image, _) = self.data.training_picture(pick)?;
                Ok(Shifted { image, epoch: epoch + 1, dx: pick.dx, dy: pick.dy })
            })
            .collect()
    }
}
