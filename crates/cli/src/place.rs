//! Where things lie that no command names.

use std::path::{Path, PathBuf};

use experiment::RunDir;

/// Where runs go, relative to the current directory.
pub(crate) const RUNS: &str = "runs";

/// The run named on the command line, or else the newest one.
pub(crate) fn run_or_newest(run: Option<&Path>) -> anyhow::Result<RunDir> {
    Ok(match run {
        Some(run) => RunDir::open(run)?,
        None => RunDir::newest(Path::new(RUNS))?,
    })
}

/// The folder of the detector named on the command line, a run or not, or else of the newest run.
pub(crate) fn detector_or_newest(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    Ok(match named {
        Some(folder) => folder.to_owned(),
        None => RunDir::newest(Path::new(RUNS))?.path().to_owned(),
    })
}

/// The folder of the sources that this program was built from.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2);
    root.map_or_else(|| here.clone(), PathBuf::from)
}

/// Where the built-in data are made: among the sources' artefacts, or, where there are no sources, in
/// the system's folder of passing files.
pub(crate) fn scratch() -> PathBuf {
    let root = root();
    match root.is_dir() {
        true => root.join("target"),
        false => std::env::temp_dir().join("forged-faces"),
    }
}
