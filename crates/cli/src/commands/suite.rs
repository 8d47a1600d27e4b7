//! `cargo xtask suite`

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::AtomicBool,
};

use clap::Args;
use evaluation::{EvalOptions, Named};
use experiment::Recipe;
use runtime::{DeviceName, Event, Observer};
use trainer::TrainOptions;

use super::{
    RUNS,
    built_in::{self, data_or_built_in},
    eval::print_comparison,
    fixtures::Level,
};
use crate::terminal::{self, Terminal};

/// Train all four detectors on the built-in data, evaluate each on all of them, compare.
///
/// The small recipes train for about ten minutes each on two cores; then each detector judges the
/// test splits of the built-in faces and clips, and one page sets them side by side. With several
/// compressions, each recipe that learns from clips is trained on each, and judges all: the
/// cross-quality matrix. With --protocol generator-disjoint, each recipe that learns from the data's
/// forgeries is trained once for each of their methods, without it, and tested on that one alone. What was trained already is not trained again, and Ctrl-C loses nothing:
/// the same command goes on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask suite
  cargo xtask suite --recipe pcl-cpu --recipe adm-cpu --out runs/two
  cargo xtask suite --recipe adm-cpu --protocol generator-disjoint --data stores/ff --out runs/held-out
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
    /// Hold each method of the forgeries out of a training of its own, and test on it alone.
    #[arg(long, value_name = "NAME", value_parser = ["generator-disjoint"], conflicts_with = "compression")]
    protocol: Option<String>,
    /// With --protocol: a manifest (JSON) or a store [default: the built-in clips].
    #[arg(long, value_name = "PATH", requires = "protocol")]
    data: Option<PathBuf>,
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
    if arguments.protocol.is_some() {
        return held_out(arguments, terminal, stop);
    }
    let mut runs = Vec::new();
    let mut data: Vec<Named<PathBuf>> = Vec::new();
    for name in &arguments.recipe {
        let recipe = Recipe::load(name, &arguments.set)?;
        for its_data in its_data(&recipe, &arguments.compression, &mut terminal)? {
            let name = match recipe.needs_clips() && arguments.compression.len() > 1 {
                true => format!("{}-{}", recipe.name, its_data.name),
                false => recipe.name.clone(),
            };
            terminal.event(Event::Said(&format!("{name}: {}", recipe.description)));
            let mut options = options(arguments, recipe.clone(), &its_data.it);
            options.out.push(&name);
            let it = suites::train_once(options, &mut terminal, stop)?;
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
        disjoint: Vec::new(),
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

/// Each recipe without one method of the forgeries, and tested on that one alone; for each of the methods.
fn held_out(
    arguments: &Arguments,
    mut terminal: Terminal,
    stop: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let mut found = Vec::new();
    for name in &arguments.recipe {
        let recipe = Recipe::load(name, &arguments.set)?;
        let name = recipe.name.clone();
        if !recipe.forgery.learns_from_data() {
            terminal.event(Event::Said(&format!(
                "{name} learns from none of the data's forgeries: `eval` tests it on methods that it has not seen"
            )));
            continue;
        }
        let data = data_or_built_in(arguments.data.as_deref(), &recipe, &mut terminal)?;
        let options = options(arguments, recipe, &data);
        found.push((name, suites::hold_out_each(&options, &mut terminal, stop)?));
    }
    terminal.finish();
    for (recipe, each) in found {
        for held_out in each {
            let (method, told) = (&held_out.method, held_out.evaluation.sentence());
            outln!("{recipe} without {method}: {told}");
            outln!("Report:   {}", held_out.out.join("report.html").display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How a recipe is trained here; its run goes below `out`.
fn options(arguments: &Arguments, recipe: Recipe, data: &Path) -> TrainOptions {
    TrainOptions {
        recipe,
        data: data.to_owned(),
        synthetic: arguments.data.is_none(),
        out: arguments.out.clone(),
        devices: arguments.device.into(),
        workers: terminal::cores(),
        command: terminal::command_line(),
        guide: crate::hints::guide(),
    }
}
