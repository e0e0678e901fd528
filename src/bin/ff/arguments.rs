//! The command line.

use crate::data::DataArguments;
use clap::builder::{PossibleValue, PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Parser, Subcommand, ValueEnum};
use forward_forward::Result;
use forward_forward::model::table::{Setting, TABLE, Values};
use forward_forward::model::{Fineness, LayerRule, RECIPES, Settings};
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// The page's settings for the recipe.
    Recommended,
    /// ε = 0.01 and T = 1: Hinton's published code.
    Hinton,
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
pub struct Train {
    #[command(flatten)]
    pub data: DataArguments,
    /// Where to multiply.
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    pub engine: Engine,
    /// What the settings below begin from.
    #[arg(long, value_enum, default_value_t = Preset::Recommended)]
    pub preset: Preset,
    #[command(flatten)]
    pub given: Given,
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
        let mut named = Settings::default();
        self.given.apply(&mut named);
        let mut settings = match self.preset {
            Preset::Recommended => Settings::recommended(named.recipe),
            Preset::Hinton => Settings { recipe: named.recipe, ..Settings::hinton() },
        };
        self.given.apply(&mut settings);
        settings.checked()
    }
}

/// The settings that the command line gives, by name: a flag for each row of the core's table.
#[derive(Debug)]
pub struct Given(Vec<(&'static str, String)>);

impl Given {
    /// Whether it gives the setting `name`.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| *given == name)
    }

    fn apply(&self, settings: &mut Settings) {
        for (name, text) in &self.0 {
            assert!(settings.read(name, text), "{name} was read before");
        }
    }
}

/// The flag of a setting.
fn flag(row: &Setting) -> Arg {
    let arg = Arg::new(row.name);
    if let Some([name, value]) = row.flag {
        let help = format!("{} [sets {} to {value}]", row.help, row.name);
        return arg.long(name).action(ArgAction::SetTrue).help(help);
    }
    let arg = arg.long(row.name.replace('_', "-")).value_name(row.name.to_uppercase());
    let choice = |words: Vec<PossibleValue>| PossibleValuesParser::new(words).into();
    let name = row.name;
    let parser: ValueParser = match row.takes {
        Values::Choice { words } => choice(words.iter().map(|w| PossibleValue::new(w.word).help(w.help)).collect()),
        Values::Recipe => choice(RECIPES.iter().map(|e| PossibleValue::new(e.word()).help(e.help)).collect()),
        Values::Rules => {
            (|text: &str| LayerRule::list(text).map(|_| text.to_owned()).map_err(|error| error.to_string())).into()
        }
        _ => (move |text: &str| {
            let read = Settings::default().read(name, text);
            if read { Ok(text.to_owned()) } else { Err(format!("choose {}", row_of(name).values())) }
        })
        .into(),
    };
    // Choices say their words themselves.
    let range = match row.takes {
        Values::Choice { .. } | Values::Recipe => String::new(),
        _ => format!(" [{}]", row.values()),
    };
    arg.value_parser(parser).help(format!("{}{range}", row.help))
}

fn row_of(name: &str) -> &'static Setting {
    TABLE.iter().find(|row| row.name == name).expect("a setting")
}

impl Args for Given {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(TABLE.iter().map(flag))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let given = TABLE.iter().filter_map(|row| {
            let text = match row.flag {
                Some([_, value]) => matches.get_flag(row.name).then(|| value.to_owned()),
                None => matches.get_one::<String>(row.name).cloned(),
            };
            Some((row.name, text?))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
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
