//! A run: its schedule, the order of pictures, what is reported, and how it is tested.

mod evaluation;
mod metrics;
mod order;
mod reports;
mod trainer;

pub use evaluation::{Evaluation, Evaluator};
pub use metrics::LayerReport;
pub use order::{Batch, Order};
pub use reports::REPORTS_UNDER_WAY;
pub use trainer::{NewestNegatives, Trainer, TrainingSet};
