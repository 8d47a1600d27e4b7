//! `cargo xtask suite`

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::AtomicBool,
};

use clap::Args;
use evaluation::{EvalOptions, Named};
use experiment::{Recipe, RunDir};
use runtime::{DeviceName, Event, Observer};
use trainer::{Means, TrainOptions};

use super::{RUNS, built_in, eval::print_comparison, fixtures::Level};
use crate::terminal::{self, Terminal};

/// Train all four detectors on the built-in data, evaluate each on all of them, compare.
///
/// The small recipes train for about ten minutes each on two cores; then each detector judges the
/// test splits of the built-in faces and clips, and one page sets them side by side. With several
/// compressions, each recipe that learns from clips is trained on each, and judges all: the
/// cross-quality matrix. What was trained already is not trained again, and Ctrl-C loses nothing:
/// the same command goes on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask suite
  cargo xtask suite --recipe pcl-cpu --recipe adm-cpu --out runs/two
  cargo xtask suite --recipe lisiam-cpu --compression raw,c23,c40 --out runs/qualities")]
pub struct Arguments {
    /// A recipe to train; may be repeated.
    #[arg(long, default_values_t = ["pcl-cpu", "adm-cpu", "lisiam-cpu", "snippet-cpu"].map(String::from), value_name = "NAME|FILE")]
    recipe: Vec<String>,
    /// Compressions of the built-in clips: any of raw, c23, c40.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "c23",
        value_name = "NAMES"
    )]
    compression: Vec<Level>,
    /// Where runs and comparison go.
    #[arg(long, default_value_os_t = Path::new(RUNS).join("suite"), value_name = "DIR")]
    out: PathBuf,
    /// Set a key of every recipe, as schedule.steps=20; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let stop = terminal::stop_on_ctrl_c()?;
    let mut runs = Vec::new();
    let mut data: Vec<Named<PathBuf>> = Vec::new();
    for name in &arguments.recipe {
        let recipe = Recipe::load(name, &arguments.set)?;
        for its_data in its_data(&recipe, &arguments.compression, &mut terminal)? {
            let name = match recipe.needs_clips() && arguments.compression.len() > 1 {
                true => format!("{}-{}", recipe.name, its_data.name),
                false => recipe.name.clone(),
            };
            let out = arguments.out.join(&name);
            terminal.event(Event::Said(&format!("{name}: {}", recipe.description)));
            let it = trained(
                recipe.clone(),
                &its_data.it,
                &out,
                arguments.device,
                stop,
                &mut terminal,
            )?;
            runs.push(Named { name, it });
            if !data.contains(&its_data) {
                data.push(its_data);
            }
        }
    }
    let options = EvalOptions {
        data: None,
        selection: None,
        forge: None,
        out: None,
        synthetic: true,
        device: arguments.device,
        command: terminal::command_line(),
        guide: crate::hints::guide(),
    };
    let out = arguments.out.join("comparison");
    let comparison = evaluation::compare(&runs, &data, &options, &out, &mut terminal)?;
    terminal.finish();
    print_comparison(&comparison);
    Ok(ExitCode::SUCCESS)
}

/// The built-in data that a recipe is trained on: clips of each compression, or the faces.
fn its_data(
    recipe: &Recipe,
    compressions: &[Level],
    terminal: &mut Terminal,
) -> anyhow::Result<Vec<Named<PathBuf>>> {
    if !recipe.needs_clips() {
        let it = built_in::data(recipe, terminal)?;
        let name = "faces".into();
        return Ok(vec![Named { name, it }]);
    }
    let of = |&level: &Level| {
        Ok(Named {
            it: built_in::clips(level.into(), terminal)?,
            name: format!("clips-{}", level.name()),
        })
    };
    compressions.iter().map(of).collect()
}

/// The run of a recipe: the finished one, the one that was stopped gone on with, or a new one.
fn trained(
    recipe: Recipe,
    data: &Path,
    out: &Path,
    device: DeviceName,
    stop: &'static AtomicBool,
    terminal: &mut Terminal,
) -> anyhow::Result<RunDir> {
    let workers = terminal::cores();
    let there = RunDir::open(out);
    if let Ok(run) = &there
        && Recipe::load(&run.recipe().to_string_lossy(), &[])? != recipe
    {
        anyhow::bail!(
            "{} holds a run of {} with other settings: give another --out, or remove it",
            out.display(),
            recipe.name
        );
    }
    let trained = match there {
        Ok(run) if run.report().is_file() => return Ok(run),
        Ok(run) => {
            let mut means = Means {
                devices: device.into(),
                workers,
                observer: terminal,
                stop,
                guide: crate::hints::guide(),
            };
            trainer::resume(&run, None, &mut means)?
        }
        Err(_) => {
            let options = TrainOptions {
                recipe,
                data: data.to_owned(),
                synthetic: true,
                out: out.to_owned(),
                devices: device.into(),
                workers,
                command: terminal::command_line(),
                guide: crate::hints::guide(),
            };
            trainer::train(options, terminal, stop)?
        }
    };
    Ok(trained.run)
}
