//! `cargo xtask synth`

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use experiment::{Generator, Recipe};
use face_data::SynthOptions;

use super::built_in::data_or_built_in;
use crate::terminal::Terminal;

/// Make a gallery of forgeries with masks and targets, to look at.
///
/// Shows what a detector is trained on: for each forgery the target, the source, the forged
/// face, its mask, and for PCL the consistency that it learns. Writes the pictures and index.html.
#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask synth --method i2g --data faces/faces.json --out gallery -n 40")]
pub struct Arguments {
    /// The generator [default: the recipe's].
    #[arg(long, value_enum)]
    method: Option<Method>,
    /// A manifest (JSON) with landmarks or a store [default: built-in synthetic faces or clips].
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Where the gallery goes.
    #[arg(long, default_value = "runs/synth", value_name = "DIR")]
    out: PathBuf,
    /// How many forgeries.
    #[arg(short, default_value_t = 24, value_name = "N")]
    n: usize,
    /// The recipe whose generator and crop are shown [default: the method's small one].
    #[arg(long, value_name = "NAME|FILE")]
    recipe: Option<String>,
    /// Set a key of the recipe; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seed of every random draw [default: the recipe's].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    /// The inconsistency image generator: two people (PCL 3.2).
    I2g,
    /// The multi-scale facial swap: a real frame and a forgery made from it (ADM 4.2).
    Mfs,
    /// Self-blended images: one real face.
    Sbi,
    /// The blended images of Face X-ray: two people.
    Bi,
}

impl Method {
    fn generator(self) -> Generator {
        match self {
            Self::I2g => Generator::I2g,
            Self::Mfs => Generator::Mfs,
            Self::Sbi => Generator::Sbi,
            Self::Bi => Generator::Bi,
        }
    }

    fn recipe(self) -> &'static str {
        match self {
            Self::I2g => "pcl-cpu",
            Self::Mfs => "adm-cpu",
            Self::Sbi => "sbi-cpu",
            Self::Bi => "face-xray-cpu",
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let name = match (&arguments.recipe, arguments.method) {
        (Some(name), _) => name,
        (None, Some(method)) => method.recipe(),
        (None, None) => Method::I2g.recipe(),
    };
    let mut recipe = Recipe::load(name, &arguments.set)?;
    if let Some(method) = arguments.method {
        recipe.forgery.generator = method.generator();
    }
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
    let index = face_data::synth(&options, &mut terminal)?;
    terminal.finish();
    outln!("Gallery:  {}", index.display());
    Ok(ExitCode::SUCCESS)
}
