//! Learning: the trainer's step, the order of pictures, what is reported, and how pictures are read and tested.

mod evaluation;
mod inference;
mod metrics;
mod order;
mod reports;
mod room;
mod trainer;

pub use evaluation::{Evaluation, Evaluator};
pub use inference::{Opinion, Reader};
pub use metrics::LayerReport;
pub use order::{Batch, Order};
pub use reports::REPORTS_UNDER_WAY;
pub use trainer::{NewestNegatives, Trainer, TrainingSet};
