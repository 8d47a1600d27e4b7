//! Where things lie that no command names.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context;
use etcetera::BaseStrategy;
use experiment::RunDir;
use inference::Detector;
use runtime::DeviceName;

use crate::{
    program::{BINARY, is_of_the_sources},
    terminal::time_stamp,
};

/// Where runs go, relative to the current directory.
pub(crate) const RUNS: &str = "runs";

/// The run named on the command line, or else the newest one.
pub(crate) fn run_or_newest(run: Option<&Path>) -> anyhow::Result<RunDir> {
    Ok(match run {
        Some(run) => RunDir::open(run)?,
        None => RunDir::newest(Path::new(RUNS))?,
    })
}

/// The word for the newest run, where a run is named.
const NEWEST: &str = "newest";

/// The detector named on the command line, a run or another folder with one, or `newest` for the newest
/// run's; or else the one that comes with the program.
pub(crate) fn detector(named: Option<&Path>, device: DeviceName) -> anyhow::Result<Detector> {
    let device = device.open()?;
    Ok(match named {
        Some(folder) if folder == Path::new(NEWEST) => {
            Detector::open(RunDir::newest(Path::new(RUNS))?.path(), &device)?
        }
        Some(folder) => Detector::open(folder, &device)?,
        None => Detector::shipped(&device)?,
    })
}

/// Where the pages of a call go: the folder that is named, or else a new one, called after the time, in
/// the detector's folder, or, of the one that comes with the program, among the runs.
pub(crate) fn pages(
    out: Option<&Path>,
    run: Option<&Path>,
    detector: &Detector,
    command: &str,
) -> anyhow::Result<PathBuf> {
    if let Some(out) = out {
        return Ok(out.to_owned());
    }
    let home = run
        .map_or(Path::new(RUNS), |_| &detector.path)
        .join(command);
    fs::create_dir_all(&home).with_context(|| home.display().to_string())?;
    let time = time_stamp(SystemTime::now());
    let mut folder = home.join(&time);
    let mut count = 1;
    // Another call of the same second may have come first.
    while let Err(error) = fs::create_dir(&folder) {
        if error.kind() != ErrorKind::AlreadyExists {
            return Err(error).with_context(|| folder.display().to_string());
        }
        count += 1;
        folder = home.join(format!("{time}-{count}"));
    }
    Ok(folder)
}

/// The folder of the sources that this program was built from.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2);
    root.map_or_else(|| here.clone(), PathBuf::from)
}

/// Where the built-in data are made: of `cargo xtask` among the sources' artefacts, else in the user's
/// folder of what can be made again, and where there is none in the system's of passing files.
pub(crate) fn scratch() -> PathBuf {
    let root = root();
    if is_of_the_sources() && root.is_dir() {
        return root.join("target");
    }
    let cache = etcetera::choose_base_strategy().map(|places| places.cache_dir());
    cache.unwrap_or_else(|_| std::env::temp_dir()).join(BINARY)
}
