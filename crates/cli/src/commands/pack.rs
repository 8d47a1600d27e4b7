//! `cargo xtask pack`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use runtime::DeviceName;

use super::run_or_newest;

/// Write a run's detector as a folder of two files that can be given on.
///
/// `weights.safetensors` holds its best weights in half precision, `detector.json` what the network is,
/// how a face is cut out for it and how its scores are read. `detect --run FOLDER` and the crate
/// `inference` take the folder for a run; the run itself is not needed any more.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask pack --run runs/my-run --out my-detector
  cargo xtask detect party.jpg --run my-detector")]
pub struct Arguments {
    /// The run [default: the newest under runs/].
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// The folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let run = run_or_newest(arguments.run.as_deref())?;
    inference::pack(run.path(), &arguments.out, &DeviceName::Cpu.open()?)?;
    outln!("Detector: {}", arguments.out.display());
    outln!(
        "Next:     cargo xtask detect PICTURE --run {}",
        arguments.out.display()
    );
    Ok(ExitCode::SUCCESS)
}
