//! `cargo xtask train`

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::SystemTime,
};

use clap::Args;
use experiment::{Recipe, RunInfo, read_json};
use runtime::{Devices, Event, Observer};
use trainer::{Means, TrainOptions};

use super::{RUNS, built_in::data_or_built_in};
use crate::terminal::{self, Terminal};

/// Train a detector and evaluate it on identities it has never seen.
///
/// Without --data it trains on built-in synthetic faces or clips. The run's directory then holds the
/// weights, a report to open in a browser, the scores, and what is needed to repeat the run.
/// Ctrl-C loses nothing: go on with --resume.
#[derive(Args)]
#[command(after_help = "\
Recipes (NAME-smoke: seconds, to see that everything works; NAME-paper: as published, for a GPU):
  pcl-cpu, pcl-smoke, pcl-paper              PCL + I2G, on faces; the default
  adm-cpu, adm-smoke, adm-paper              ADM with multi-scale facial swaps, on pairs
  sbi-cpu, adm-sbi-paper                     self-blended images: real faces are enough
  lisiam-cpu, lisiam-smoke, lisiam-paper     LiSiam, on forgeries with masks
  snippet-cpu, snippet-smoke, snippet-paper  the snippet model, on clips

Examples:
  cargo xtask train
  cargo xtask train --recipe snippet-cpu
  cargo xtask train --data faces/faces.json --set schedule.steps=4000
  cargo xtask train --recipe my.toml --seed 3 --out runs/my-third
  cargo xtask train --resume runs/my-third")]
pub struct Arguments {
    /// A recipe that comes with the program, or a TOML file.
    #[arg(long, default_value = "pcl-cpu", value_name = "NAME|FILE")]
    recipe: String,
    /// A manifest (JSON), a folder of pictures, or a store made by `cargo xtask prep` [default:
    /// built-in synthetic faces, or clips where the recipe needs them].
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Directory of the run [default: runs/TIME-RECIPE].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// cpu, cuda, cuda:N or wgpu (GPUs must be built in: docs/devices.md); several, as cuda:0,1, divide
    /// every batch among them [default: cpu; with --resume the run's].
    #[arg(long, value_name = "DEVICE")]
    device: Option<Devices>,
    /// f32, or bf16: faster on a GPU, and half the memory [default: the recipe's].
    #[arg(long, value_parser = ["f32", "bf16"])]
    precision: Option<String>,
    /// Seed of every random draw [default: the recipe's].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Go on with a run that was stopped or killed.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["recipe", "out", "seed", "set", "precision"])]
    resume: Option<PathBuf>,
    /// Set a key of the recipe, as schedule.steps=200, or take it out, as augmentation.crop=; may be
    /// repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Threads that make training samples [default: all cores].
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let stop = terminal::stop_on_ctrl_c()?;
    let workers = arguments.workers.unwrap_or_else(terminal::cores);
    let trained = match &arguments.resume {
        Some(run) => {
            let run = experiment::RunDir::open(run)?;
            let mut means = Means {
                devices: match &arguments.device {
                    Some(devices) => devices.clone(),
                    None => read_json::<RunInfo>(&run.info())?.device.parse()?,
                },
                workers,
                observer: &mut terminal,
                stop,
                guide: crate::hints::guide(),
            };
            trainer::resume(&run, arguments.data.as_deref(), &mut means)?
        }
        None => {
            let mut set = arguments.set.clone();
            let precision = arguments.precision.iter();
            set.extend(precision.map(|precision| format!("schedule.precision={precision}")));
            let mut recipe = Recipe::load(&arguments.recipe, &set)?;
            if let Some(seed) = arguments.seed {
                recipe.seed = seed;
            }
            if let Some(warning) = recipe.random_start() {
                terminal.event(Event::Said(&warning));
            }
            let data = data_or_built_in(arguments.data.as_deref(), &recipe, &mut terminal)?;
            let out = arguments
                .out
                .clone()
                .unwrap_or_else(|| default_out(&recipe.name));
            let options = TrainOptions {
                recipe,
                data,
                synthetic: arguments.data.is_none(),
                out,
                devices: arguments.device.clone().unwrap_or_default(),
                workers,
                command: terminal::command_line(),
                guide: crate::hints::guide(),
            };
            trainer::train(options, &mut terminal, stop)?
        }
    };
    terminal.finish();
    outln!("{}", trained.evaluation.table());
    outln!("{}", trained.evaluation.sentence());
    for place in trained.evaluation.places() {
        outln!("{place}");
    }
    outln!();
    outln!("Report:   {}", trained.run.report().display());
    outln!("Weights:  {}", trained.run.weights().display());
    outln!("Next:     open the report in a browser; ask about a picture with");
    outln!(
        "          {} detect PICTURE --run {}",
        crate::program::program(),
        trained.run.path().display()
    );
    Ok(ExitCode::SUCCESS)
}

/// A directory under `runs/` that is not there yet.
fn default_out(recipe: &str) -> PathBuf {
    let stamp = terminal::time_stamp(SystemTime::now());
    let name = Path::new(recipe)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut out = Path::new(RUNS).join(format!("{stamp}-{name}"));
    let mut count = 1;
    while out.exists() {
        count += 1;
        out = Path::new(RUNS).join(format!("{stamp}-{name}-{count}"));
    }
    out
}
