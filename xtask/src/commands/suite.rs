//! `cargo xtask suite`

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use trainer::{DeviceName, EvalOptions, Event, Means, Observer, Recipe, RunDir, TrainOptions};

use super::{RUNS, built_in, eval::print_comparison};
use crate::terminal::{self, Terminal};

/// Train all four detectors on the built-in data, evaluate each on all of them, compare.
///
/// The small recipes train for about ten minutes each on two cores; then each detector judges the
/// test splits of the built-in faces and clips, and one page sets them side by side. What was
/// trained already is not trained again, and Ctrl-C loses nothing: the same command goes on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask suite
  cargo xtask suite --recipe pcl-cpu --recipe adm-cpu --out runs/two")]
pub(crate) struct Arguments {
    /// A recipe to train; may be repeated.
    #[arg(long, default_values_t = ["pcl-cpu", "adm-cpu", "lisiam-cpu", "snippet-cpu"].map(String::from), value_name = "NAME|FILE")]
    recipe: Vec<String>,
    /// Where runs and comparison go.
    #[arg(long, default_value_os_t = Path::new(RUNS).join("suite"), value_name = "DIR")]
    out: PathBuf,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let mut runs = Vec::new();
    let mut data = Vec::new();
    for name in &arguments.recipe {
        let recipe = Recipe::load(name, &[])?;
        let its_data = built_in::data(&recipe, &mut terminal)?;
        runs.push(trained(recipe, &its_data, arguments, &mut terminal)?);
        if !data.contains(&its_data) {
            data.push(its_data);
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
    };
    let out = arguments.out.join("comparison");
    let comparison = trainer::compare(&runs, &data, &options, &out, &mut terminal)?;
    terminal.finish();
    print_comparison(&comparison);
    Ok(ExitCode::SUCCESS)
}

/// The run of a recipe: the finished one, the one that was stopped gone on with, or a new one.
fn trained(
    recipe: Recipe,
    data: &Path,
    arguments: &Arguments,
    terminal: &mut Terminal,
) -> anyhow::Result<RunDir> {
    let out = arguments.out.join(&recipe.name);
    let stop = terminal::stop_on_ctrl_c()?;
    let workers = terminal::cores();
    terminal.event(Event::Said(&format!(
        "{}: {}",
        recipe.name, recipe.description
    )));
    let trained = match RunDir::open(&out) {
        Ok(run) if run.report().is_file() => return Ok(run),
        Ok(run) => {
            let mut means = Means {
                device: arguments.device,
                workers,
                observer: terminal,
                stop,
            };
            trainer::resume(&run, None, &mut means)?
        }
        Err(_) => {
            let options = TrainOptions {
                recipe,
                data: data.to_owned(),
                synthetic: true,
                out,
                device: arguments.device,
                workers,
                command: terminal::command_line(),
            };
            trainer::train(options, terminal, stop)?
        }
    };
    Ok(trained.run)
}
