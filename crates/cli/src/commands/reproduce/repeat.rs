//! A run once more, by its own manifest, and whether the same comes of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use clap::Args;
use experiment::{Recipe, RunDir, RunInfo, differences, read_json};
use runtime::Devices;
use serde_json::Value;
use sha2::{Digest, Sha256};
use trainer::TrainOptions;

use crate::{
    commands::built_in::data_or_built_in,
    program::program,
    terminal::{self, Terminal},
};

/// Which run is repeated, and how.
#[derive(Args)]
pub(super) struct Repeat {
    /// Repeat this run.
    #[arg(long, value_name = "DIR", conflicts_with = "table")]
    pub(super) run: Option<PathBuf>,
    /// With --run: where its data are now [default: where they were].
    #[arg(long, value_name = "PATH", requires = "run")]
    data: Option<PathBuf>,
    /// With --run: directory of the new run [default: the run's, with -again].
    #[arg(long, value_name = "DIR", requires = "run")]
    out: Option<PathBuf>,
    /// With --run: cpu, cuda, cuda:N or wgpu [default: the run's].
    #[arg(long, value_name = "DEVICE", requires = "run")]
    device: Option<Devices>,
    /// With --run: threads that make training samples [default: all cores].
    #[arg(long, value_name = "N", requires = "run")]
    workers: Option<usize>,
}

pub(super) fn run(path: &Path, arguments: &Repeat) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let stop = terminal::stop_on_ctrl_c()?;
    let run = RunDir::open(path)?;
    let recipe = Recipe::read(&run.recipe())?;
    let info: RunInfo = read_json(&run.info())?;
    info.trained_on(&run)?;
    let before = metrics(&run).with_context(|| {
        format!(
            "{} is not finished: {} train --resume {}",
            path.display(),
            program(),
            path.display()
        )
    })?;
    let devices = match &arguments.device {
        Some(devices) => devices.clone(),
        None => info.device.parse()?,
    };
    let data = match &arguments.data {
        Some(data) => data.clone(),
        None if info.data.synthetic => data_or_built_in(None, &recipe, &mut terminal)?,
        None => info.data.path.clone(),
    };
    let digest = face_data::data_digest(&data)?;
    ensure!(
        digest == info.data.digest,
        "{} are other data than the run's (SHA-256 {digest}, not {}): name the run's own with --data",
        data.display(),
        info.data.digest
    );
    let options = TrainOptions {
        recipe,
        data,
        synthetic: info.data.synthetic,
        out: arguments.out.clone().unwrap_or_else(|| again(path)),
        devices,
        workers: arguments.workers.unwrap_or_else(terminal::cores),
        command: terminal::command_line(),
        guide: crate::hints::guide(),
    };
    let repeated = trainer::train(options, &mut terminal, stop)?.run;
    terminal.finish();

    let now: RunInfo = read_json(&repeated.info())?;
    for (what, before, now) in [
        ("version", &info.version, &now.version),
        ("Burn", &info.burn, &now.burn),
        ("device", &info.device, &now.device),
    ] {
        if before != now {
            outln!("{what}: {before} then, {now} now");
        }
    }
    let found = differences(&before, &metrics(&repeated)?);
    let weights = [sha256(&run.weights())?, sha256(&repeated.weights())?];
    match found.len() {
        0 => outln!("Measures: equal, every number of metrics.json"),
        count => outln!("Measures: {count} differ"),
    }
    for difference in &found {
        outln!("  {difference}");
    }
    match weights[0] == weights[1] {
        true => outln!("Weights:  equal, SHA-256 {}", weights[0]),
        false => outln!(
            "Weights:  differ, SHA-256 {} then, {} now",
            weights[0],
            weights[1]
        ),
    }
    outln!("Again:    {}", repeated.path().display());
    Ok(match found.is_empty() && weights[0] == weights[1] {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    })
}

/// The run's directory with `-again`, and a number where that is taken.
fn again(run: &Path) -> PathBuf {
    let name = run
        .canonicalize()
        .ok()
        .and_then(|run| Some(run.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "run".into());
    let parent = run.parent().unwrap_or(Path::new(""));
    let numbered = |count: usize| match count {
        1 => parent.join(format!("{name}-again")),
        count => parent.join(format!("{name}-again-{count}")),
    };
    (1..)
        .map(numbered)
        .find(|path| !path.exists())
        .unwrap_or_default()
}

fn metrics(run: &RunDir) -> anyhow::Result<Value> {
    Ok(read_json(&run.path().join("metrics.json"))?)
}

fn sha256(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let digest = Sha256::digest(bytes);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_run_gets_a_directory_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        fs::create_dir(&run).unwrap();
        assert_eq!(again(&run), folder.path().join("run-again"));
        fs::create_dir(folder.path().join("run-again")).unwrap();
        assert_eq!(again(&run), folder.path().join("run-again-2"));
    }
}
