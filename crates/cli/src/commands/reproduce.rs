//! `cargo xtask reproduce`

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use protocols::Protocols;
use repeat::Repeat;

use super::RUNS;
use crate::{place, program::program};

mod gaps;
mod repeat;

/// Set our numbers beside a published table's, or repeat a run and compare.
///
/// A table's protocol (docs/protocols) says which recipe is trained on which data and tested where.
/// The command prints the published numbers with those of finished runs below them, says what is
/// missing on this disk, and the commands that fill the gaps. With --run it trains again by a run's
/// own manifest, into a new directory, and compares measures and weights.
/// Exit code of --run: 0 when both are equal, 2 when something differs.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask reproduce --list
  cargo xtask reproduce pcl-table4
  cargo xtask reproduce lisiam-table6 --data-root /data --runs runs /shared/runs
  cargo xtask reproduce --run runs/my-run

Below --data-root lies a folder for each data set, named as the command says. A run counts for a row
when its recipe has the row's name, model, forgeries, crop and augmentation, and its store (--data)
the row's name; whatever else differs is printed.")]
pub struct Arguments {
    /// A table of one of the papers, as pcl-table4.
    #[arg(value_name = "TABLE", required_unless_present_any = ["list", "run"])]
    table: Option<String>,
    /// List the tables.
    #[arg(long, conflicts_with_all = ["table", "run"])]
    list: bool,
    /// Runs, or folders of runs, to take our numbers from.
    #[arg(long, value_name = "DIR", num_args = 1.., default_value = RUNS)]
    runs: Vec<PathBuf>,
    /// Where the published data sets lie.
    #[arg(long, value_name = "DIR")]
    data_root: Option<PathBuf>,
    /// Where the tables are described, if elsewhere: to rehearse them with small networks, say, or to
    /// add a table of one's own [default: docs/protocols of this program's sources].
    #[arg(long, value_name = "DIR")]
    protocols: Option<PathBuf>,
    /// Where the stores of face crops lie, or are to be made.
    #[arg(long, value_name = "DIR", default_value = "stores")]
    stores: PathBuf,
    #[command(flatten)]
    repeat: Repeat,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if let Some(run) = &arguments.repeat.run {
        return repeat::run(run, &arguments.repeat);
    }
    let published = || place::root().join("docs/protocols");
    let folder = arguments.protocols.clone().unwrap_or_else(published);
    let all = Protocols::read(&folder)?;
    let Some(name) = &arguments.table else {
        out!("{}", protocols::list(&all));
        outln!("\nNext:     {} reproduce TABLE", program());
        return Ok(ExitCode::SUCCESS);
    };
    let protocol = all.tables.get(name).with_context(|| {
        let names = all.names().join(", ");
        format!("no table `{name}`; there are {names}")
    })?;
    for folder in &arguments.runs {
        // Nobody needs to have trained yet.
        let there = folder.is_dir() || folder == Path::new(RUNS);
        ensure!(there, "--runs {} is no folder", folder.display());
    }
    let runs = protocols::runs(&arguments.runs)?;
    let ours = protocols::Ours::new(protocol, &runs)?;
    out!("{}", protocols::numbers(protocol, &ours, &all.stores));
    let places = gaps::Places {
        data_root: arguments.data_root.as_deref(),
        stores: &arguments.stores,
        runs: arguments
            .runs
            .first()
            .map_or(Path::new(RUNS), PathBuf::as_path),
    };
    if let Some(root) = places.data_root.filter(|root| !root.is_dir()) {
        bail!("--data-root {} is no folder", root.display());
    }
    gaps::first_look(protocol, &all.stores, &ours, &places)?;
    out!("{}", gaps::gaps(protocol, &all.stores, &ours, &places));
    Ok(ExitCode::SUCCESS)
}
