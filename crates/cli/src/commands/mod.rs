//! What users do: one file a command.

use std::path::{Path, PathBuf};

use crate::terminal::Terminal;

pub(crate) mod audit;
mod built_in;
pub(crate) mod detect;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod fixtures;
pub(crate) mod prep;
pub(crate) mod reproduce;
pub(crate) mod robustness;
pub(crate) mod suite;
pub(crate) mod synth;
pub(crate) mod train;

/// Where runs go, relative to the current directory.
pub(crate) const RUNS: &str = "runs";

/// The data named on the command line, or else the built-in ones that the recipe needs.
pub(crate) fn data_or_built_in(
    data: Option<&Path>,
    recipe: &experiment::Recipe,
    terminal: &mut Terminal,
) -> anyhow::Result<PathBuf> {
    match data {
        Some(data) => Ok(data.to_owned()),
        None => built_in::data(recipe, terminal),
    }
}

/// The run named on the command line, or else the newest one.
pub(crate) fn run_or_newest(run: Option<&Path>) -> anyhow::Result<experiment::RunDir> {
    Ok(match run {
        Some(run) => experiment::RunDir::open(run)?,
        None => experiment::RunDir::newest(Path::new(RUNS))?,
    })
}
