//! The command line.

use crate::data::DataArguments;
use clap::{Args, Parser, Subcommand, ValueEnum};
use forward_forward::Result;
use forward_forward::model::{Fineness, LayerRule, PreviousState, RecipeKind, Settings};
use forward_forward::{engine, negatives};
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
    /// Run one experiment of the paper on MNIST or CIFAR-10 as published, or as far as one has time; or print the table of
    /// results.
    Reproduce(Reproduce),
    /// Read pictures of digits, or photographs: goodness of every label in every layer.
    Classify(Classify),
    /// Write a checkpoint's weights alone, in as small a file as the page's own.
    Weights(Weights),
}

/// Which experiment of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Recipe {
    /// The label in the picture, hard negatives (section 3.3).
    Supervised,
    /// No labels, hybrid negatives (section 3.2).
    Unsupervised,
    /// The picture as a still video, the label on top (section 3.4).
    Recurrent,
    /// Backpropagation through a net of the same shape: the baseline.
    Backprop,
}

/// A box between two layers that nobody can differentiate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Obstacle {
    /// No box.
    None,
    /// 1 above the row's median, 0 elsewhere.
    Median,
    /// sin(1/x).
    Sine,
    /// A table drawn at random.
    Table,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// The page's settings for the recipe.
    Recommended,
    /// ε = 0.01 and T = 1: Hinton's published code.
    Hinton,
    /// Layers of 32×32×3 units with windows of 11×11, for coloured pictures: recurrent or backprop (section 4).
    Local,
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
    /// The same, with activities and pixels stored in half precision: each is off by up to 1 part in 2,048.
    GpuF16,
}

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Train {
    #[command(flatten)]
    pub data: DataArguments,
    /// Where to multiply.
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    pub engine: Engine,
    /// Which experiment of the paper.
    #[arg(long, value_enum, default_value_t = Recipe::Supervised)]
    pub recipe: Recipe,
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
    /// The first hidden layer that votes and that the softmax head reads; 0 leaves it to the recipe.
    #[arg(long)]
    pub reads_from: Option<usize>,
    /// Unsupervised: epochs of the softmax head alone, after all others; 0 has it learn on the way.
    #[arg(long)]
    pub head_epochs: Option<usize>,
    /// Unsupervised: how often a mask's random bits are blurred.
    #[arg(long)]
    pub blurs: Option<usize>,
    /// Recurrent: time steps a picture is shown for.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Recurrent: share of the old state in the new one.
    #[arg(long)]
    pub damping: Option<f32>,
    /// Recurrent: take the direction of the old state, not the state itself.
    #[arg(long)]
    pub normalised_state: bool,
    /// Layers that differ, from the bottom, separated by semicolons; each a list of relu, tanh, squares, sum, maximise,
    /// minimise, threshold=X, temperature=X, blocks=K, regions. For example `;minimise;sum threshold=0.5`.
    #[arg(long)]
    pub rules: Option<String>,
    /// Hand on activities as they are, not brought to length one: the next layer hears how loud the one below was, too.
    #[arg(long)]
    pub no_normalisation: bool,
    /// A box between two layers that nobody can differentiate.
    #[arg(long, value_enum)]
    pub obstacle: Option<Obstacle>,
    /// The layer the box stands behind.
    #[arg(long)]
    pub obstacle_after: Option<usize>,
    /// Layers that do not wait for one another, with random negatives.
    #[arg(long)]
    pub pipelined: bool,
    /// Recurrent and backprop: a unit sees a square of so many positions each way; 0: everything.
    #[arg(long)]
    pub window: Option<usize>,
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
    /// Also write the weights alone at the end, as `ff weights` does.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// The curve: one line an epoch, as CSV.
    #[arg(long, value_name = "FILE")]
    pub curve: Option<PathBuf>,
    /// Measure the test error every so many epochs (and at the end).
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub evaluate_every: u64,
    /// On a GPU: say where the time of the first hundred batches goes, by the device's own timestamps.
    #[arg(long)]
    pub profile: bool,
}

impl Train {
    /// The run's settings.
    ///
    /// # Errors
    /// If one is out of range.
    pub fn settings(&self) -> Result<Settings> {
        let recipe = match self.recipe {
            Recipe::Supervised => RecipeKind::Supervised,
            Recipe::Unsupervised => RecipeKind::Unsupervised,
            Recipe::Recurrent => RecipeKind::Recurrent,
            Recipe::Backprop => RecipeKind::Backprop,
        };
        let base = match self.preset {
            Preset::Recommended => Settings::recommended(recipe),
            Preset::Hinton => Settings { recipe, ..Settings::hinton() },
            Preset::Local => Settings::local(recipe, self.layers.as_ref().map_or(2, Vec::len), engine::Sign::Maximise),
        };
        let obstacle = self.obstacle.map_or(base.obstacle, |obstacle| match obstacle {
            Obstacle::None => engine::Obstacle::None,
            Obstacle::Median => engine::Obstacle::Median,
            Obstacle::Sine => engine::Obstacle::Sine,
            Obstacle::Table => engine::Obstacle::Table,
        });
        let previous = if self.normalised_state { PreviousState::Normalised } else { base.previous };
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
            recipe,
            reads_from: self.reads_from.unwrap_or(base.reads_from),
            head_epochs: self.head_epochs.unwrap_or(base.head_epochs),
            blurs: self.blurs.unwrap_or(base.blurs),
            steps: self.steps.unwrap_or(base.steps),
            damping: self.damping.unwrap_or(base.damping),
            previous,
            settled: base.settled,
            rules: self.rules.as_deref().map_or(Ok(base.rules), LayerRule::list)?,
            normalise: base.normalise && !self.no_normalisation,
            obstacle,
            obstacle_after: self.obstacle_after.unwrap_or(base.obstacle_after),
            pipelined: base.pipelined || self.pipelined,
            window: self.window.unwrap_or(base.window),
        }
        .checked()
    }
}

#[derive(Debug, Args)]
pub struct Reproduce {
    /// Which experiment; without a name, the names are said.
    pub name: Option<String>,
    /// Seeds, a run each.
    #[arg(long, value_delimiter = ',', default_value = "1")]
    pub seeds: Vec<u32>,
    /// Shortens (or lengthens) the epochs by this factor.
    #[arg(long, default_value_t = 1.0)]
    pub scale: f64,
    /// Where to multiply.
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    pub engine: Engine,
    /// The folder with MNIST's four IDX files, plain or gzip, or an archive of them.
    #[arg(long, env = "FF_MNIST_DIR", value_name = "FOLDER|FILE")]
    pub mnist: Option<PathBuf>,
    /// The folder with CIFAR-10's six .bin files, or the .tar.gz they come in.
    #[arg(long, env = "FF_CIFAR", value_name = "FOLDER|FILE")]
    pub cifar: Option<PathBuf>,
    /// What is special about the data, said in the table beside the figure: for example that they are JPEG copies.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Where checkpoints and curves go; an interrupted run goes on from there.
    #[arg(long, value_name = "FOLDER", default_value = "reproduced")]
    pub out: PathBuf,
    /// The results, a line of JSON each; what is in it is not run again.
    #[arg(long, value_name = "FILE", default_value = "docs/experiments.jsonl")]
    pub results: PathBuf,
    /// Print all results as a table in Markdown.
    #[arg(long)]
    pub table: bool,
    /// Draw what hard negatives save, from the results, as SVG.
    #[arg(long, value_name = "FILE")]
    pub chart: Option<PathBuf>,
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
    /// Pictures (PNG, JPEG, WebP, GIF or BMP) of any size: of one digit each, dark on light or light on dark; or, for a network of coloured
    /// pictures, photographs, of which the middle is taken.
    #[arg(required = true)]
    pub pictures: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Weights {
    /// The checkpoint, full or already of weights alone.
    pub checkpoint: PathBuf,
    /// The file to write.
    pub out: PathBuf,
    /// Steps of rounding in the root mean square of each matrix: fewer make a smaller file, which reads some pictures otherwise.
    #[arg(long, default_value_t = Fineness::default().0, value_parser = fineness)]
    pub fineness: f32,
}

fn fineness(text: &str) -> std::result::Result<f32, String> {
    text.parse().ok().filter(|fineness| (1.0..=1000.0).contains(fineness)).ok_or_else(|| "choose 1 to 1000".to_owned())
}
