//! `cargo xtask synth`

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use trainer::{Recipe, SynthOptions};

use super::data_or_built_in;
use crate::terminal::Terminal;

/// Make a gallery of forgeries with masks and targets, to look at.
///
/// Shows what a detector is trained on: for each forgery the target, the source, the forged
/// face, its mask, and the consistency that PCL learns. Writes the pictures and index.html.
#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask synth --method i2g --data faces/faces.json --out gallery -n 40")]
pub(crate) struct Arguments {
    /// The generator.
    #[arg(long, value_enum, default_value = "i2g")]
    method: Method,
    /// A manifest (JSON) with landmarks [default: built-in synthetic faces].
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Where the gallery goes.
    #[arg(long, default_value = "runs/synth", value_name = "DIR")]
    out: PathBuf,
    /// How many forgeries.
    #[arg(short, default_value_t = 24, value_name = "N")]
    n: usize,
    /// The recipe whose generator and crop are shown.
    #[arg(long, default_value = "pcl-cpu", value_name = "NAME|FILE")]
    recipe: String,
    /// Set a key of the recipe; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seed of every random draw [default: the recipe's].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    /// The inconsistency image generator (PCL 3.2).
    I2g,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let mut recipe = Recipe::load(&arguments.recipe, &arguments.set)?;
    if let Some(seed) = arguments.seed {
        recipe.seed = seed;
    }
    let data = data_or_built_in(arguments.data.as_deref(), &recipe, &mut terminal)?;
    let options = SynthOptions {
        recipe,
        data,
        out: arguments.out.clone(),
        count: arguments.n,
    };
    let index = match arguments.method {
        Method::I2g => trainer::synth(&options, &mut terminal)?,
    };
    terminal.finish();
    println!("Gallery:  {}", index.display());
    Ok(ExitCode::SUCCESS)
}
