//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use forward_forward::Result;
use forward_forward::model::Settings;
use forward_forward::negatives;
use std::path::PathBuf;

/// Forward-Forward learning on the command line.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a network; write a checkpoint and the curve of its test error.
    Train(Box<Train>),
    /// Measure a checkpoint's test error, both ways of inferring.
    Evaluate(Evaluate),
    /// Read pictures of digits: goodness of every label in every layer.
    Classify(Classify),
}

/// Which pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// The built-in pen strokes: no files needed.
    Strokes,
    /// MNIST's four IDX files, see --mnist.
    Mnist,
    /// MNIST's training images with as many strokes again as --train says; tested on MNIST.
    #[value(name = "mnist+strokes")]
    Both,
}

#[derive(Debug, Args)]
pub struct DataArguments {
    /// Which pictures to learn from and to be tested on.
    #[arg(long, value_enum, default_value_t = Source::Strokes)]
    pub data: Source,
    /// The folder with MNIST's IDX files, plain or gzip.
    #[arg(long, env = "FF_MNIST_DIR", value_name = "FOLDER")]
    pub mnist: Option<PathBuf>,
    /// Training images: how many strokes to write, or how many of MNIST's to use at most.
    #[arg(long, default_value_t = 60_000)]
    pub train: usize,
    /// Test images, likewise.
    #[arg(long, default_value_t = 10_000)]
    pub test: usize,
    /// The seed of the strokes.
    #[arg(long, default_value_t = 1)]
    pub data_seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// ε = 0.02 and T = 20: the page's settings.
    Recommended,
    /// ε = 0.01 and T = 1: Hinton's published code.
    Hinton,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Negatives {
    Random,
    Softmax,
    Goodness,
}

/// Where to multiply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// A hardware GPU if it beats the CPU in a short race, else the CPU.
    Auto,
    /// All cores of the CPU.
    Cpu,
    /// Vulkan, Metal or Direct3D 12, software included.
    Gpu,
}

#[derive(Debug, Args)]
pub struct Train {
    #[command(flatten)]
    pub data: DataArguments,
    /// Where to multiply.
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    pub engine: Engine,
    /// What the settings below begin from.
    #[arg(long, value_enum, default_value_t = Preset::Recommended)]
    pub preset: Preset,
    /// Units of each hidden layer, from the bottom, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub layers: Option<Vec<usize>>,
    /// Pictures a batch.
    #[arg(long)]
    pub batch: Option<usize>,
    /// Epochs; the rate falls to about zero over the second half.
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Every random choice of the run follows from it.
    #[arg(long)]
    pub seed: Option<u32>,
    /// Learning rate ε.
    #[arg(long)]
    pub rate: Option<f32>,
    /// Temperature T.
    #[arg(long)]
    pub temperature: Option<f32>,
    /// Threshold θ as a multiple of the layer's units.
    #[arg(long)]
    pub threshold: Option<f32>,
    /// Momentum.
    #[arg(long)]
    pub momentum: Option<f32>,
    /// Weight cost.
    #[arg(long)]
    pub weight_cost: Option<f32>,
    /// Strength of peer normalisation.
    #[arg(long)]
    pub peer: Option<f32>,
    /// Learning rate of the softmax head.
    #[arg(long)]
    pub head_rate: Option<f32>,
    /// Weight cost of the softmax head.
    #[arg(long)]
    pub head_weight_cost: Option<f32>,
    /// How wrong labels are chosen.
    #[arg(long, value_enum)]
    pub negatives: Option<Negatives>,
    /// Shift each picture by up to this many pixels, anew in every epoch.
    #[arg(long)]
    pub jitter: Option<usize>,
    /// Go on with a checkpoint exactly where it stopped; its settings and data count, not those given here.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub resume: Option<PathBuf>,
    /// Begin a new run from a checkpoint's weights.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Stop after this many epochs without changing the schedule of --epochs; go on later with --resume.
    #[arg(long, value_name = "EPOCHS")]
    pub stop_after: Option<u64>,
    /// The checkpoint to write, after every epoch.
    #[arg(long, value_name = "FILE", default_value = "run.safetensors")]
    pub out: PathBuf,
    /// Also write the weights alone, as f16, at the end.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// The curve: one line an epoch, as CSV.
    #[arg(long, value_name = "FILE")]
    pub curve: Option<PathBuf>,
    /// Measure the test error every so many epochs (and at the end).
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub evaluate_every: u64,
}

impl Train {
    /// The run's settings.
    ///
    /// # Errors
    /// If one is out of range.
    pub fn settings(&self) -> Result<Settings> {
        let base = match self.preset {
            Preset::Recommended => Settings::default(),
            Preset::Hinton => Settings::hinton(),
        };
        Settings {
            layers: self.layers.clone().unwrap_or(base.layers),
            batch: self.batch.unwrap_or(base.batch),
            epochs: self.epochs.unwrap_or(base.epochs),
            seed: self.seed.unwrap_or(base.seed),
            rate: self.rate.unwrap_or(base.rate),
            temperature: self.temperature.unwrap_or(base.temperature),
            threshold: self.threshold.unwrap_or(base.threshold),
            momentum: self.momentum.unwrap_or(base.momentum),
            weight_cost: self.weight_cost.unwrap_or(base.weight_cost),
            peer: self.peer.unwrap_or(base.peer),
            head_rate: self.head_rate.unwrap_or(base.head_rate),
            head_weight_cost: self.head_weight_cost.unwrap_or(base.head_weight_cost),
            negatives: self.negatives.map_or(base.negatives, |n| match n {
                Negatives::Random => negatives::Negatives::Random,
                Negatives::Softmax => negatives::Negatives::Softmax,
                Negatives::Goodness => negatives::Negatives::Goodness,
            }),
            jitter: self.jitter.unwrap_or(base.jitter),
            ..base
        }
        .checked()
    }
}

#[derive(Debug, Args)]
pub struct Evaluate {
    /// The checkpoint.
    pub checkpoint: PathBuf,
    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Args)]
pub struct Classify {
    /// The checkpoint.
    pub checkpoint: PathBuf,
    /// Pictures of one digit each (PNG or JPEG), of any size; dark on light or light on dark.
    #[arg(required = true)]
    pub pictures: Vec<PathBuf>,
}
