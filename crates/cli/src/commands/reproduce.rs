//! `cargo xtask reproduce`

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use runtime::DeviceName;
use serde::de::DeserializeOwned;

use super::RUNS;
use crate::place;

#[cfg(test)]
mod checklist;
mod found;
mod gaps;
mod protocol;
mod repeat;
mod table;
#[cfg(test)]
mod tests;

use protocol::Protocols;

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
    /// Where the stores of face crops lie, or are to be made.
    #[arg(long, value_name = "DIR", default_value = "stores")]
    stores: PathBuf,
    /// Repeat this run.
    #[arg(long, value_name = "DIR", conflicts_with = "table")]
    run: Option<PathBuf>,
    /// With --run: where its data are now [default: where they were].
    #[arg(long, value_name = "PATH", requires = "run")]
    data: Option<PathBuf>,
    /// With --run: directory of the new run [default: the run's, with -again].
    #[arg(long, value_name = "DIR", requires = "run")]
    out: Option<PathBuf>,
    /// With --run: cpu, cuda, cuda:N or wgpu [default: the run's].
    #[arg(long, value_name = "DEVICE", requires = "run")]
    device: Option<DeviceName>,
    /// With --run: threads that make training samples [default: all cores].
    #[arg(long, value_name = "N", requires = "run")]
    workers: Option<usize>,
}

/// Reads a file of a run.
fn read_json<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// The folder of the protocols.
fn protocols() -> PathBuf {
    place::root().join("docs/protocols")
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if let Some(run) = &arguments.run {
        return repeat::run(run, arguments);
    }
    let protocols = Protocols::read(&protocols())?;
    let Some(name) = &arguments.table else {
        out!("{}", table::list(&protocols));
        return Ok(ExitCode::SUCCESS);
    };
    let protocol = protocols.tables.get(name).with_context(|| {
        format!(
            "no table `{name}`; there are {}",
            protocols.names().join(", ")
        )
    })?;
    let runs = found::runs(&arguments.runs)?;
    let ours = found::Ours::new(protocol, &runs)?;
    out!("{}", table::numbers(protocol, &ours, &protocols.stores));
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
    gaps::first_look(protocol, &protocols.stores, &ours, &places)?;
    out!(
        "{}",
        gaps::gaps(protocol, &protocols.stores, &ours, &places)
    );
    Ok(ExitCode::SUCCESS)
}
