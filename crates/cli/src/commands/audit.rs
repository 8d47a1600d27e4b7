//! `cargo xtask audit`

use std::{path::PathBuf, process::ExitCode};

use audits::{AuditOptions, ScalarScore};
use clap::{Args, Subcommand, ValueEnum};
use runtime::DeviceName;

use super::run_or_newest;
use crate::terminal::{self, Terminal};

/// Ask what a detector has learnt that it should not have.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Identity(Identity),
}

/// How much does a detector look at who it is?
///
/// Three answers: how well a linear layer names the person from the frozen features, beside the same
/// network before any training and guessing; how much of the verdict lies in the face as a whole,
/// `I([N])`, and whether that alone tells forged from real; and the features on a plane by t-SNE,
/// coloured by person and by class. Writes index.html and audit.json. For detectors that judge
/// single faces (PCL, ADM, LiSiam), not for the snippet model.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask audit identity
  cargo xtask audit identity --run runs/my-run --data celeb-df/manifest.json
  cargo xtask audit identity --frames 200

Each face of --frames takes 258 forward passes: on two cores and the cpu recipes about a second.")]
struct Identity {
    /// The run [default: the newest under runs/].
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// A manifest (JSON), a folder of pictures or a store [default: the test split of the run's
    /// data].
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Faces whose interaction `I([N])` is computed, half of them forged.
    #[arg(long, default_value_t = 40, value_name = "N")]
    frames: usize,
    /// The scalar score that the interaction is of, the same for every face.
    #[arg(long, value_enum, default_value = "forged-logit")]
    score: Score,
    /// Where the page goes [default: audit-identity/ in the run].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

#[derive(Clone, Copy, ValueEnum)]
enum Score {
    /// The logit of forged.
    ForgedLogit,
    /// The logit of forged minus that of real.
    LogOdds,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let What::Identity(arguments) = &arguments.what;
    let mut terminal = Terminal::new();
    let run = run_or_newest(arguments.run.as_deref())?;
    let options = AuditOptions {
        data: arguments.data.clone(),
        frames: arguments.frames,
        score: match arguments.score {
            Score::ForgedLogit => ScalarScore::ForgedLogit,
            Score::LogOdds => ScalarScore::LogOdds,
        },
        out: arguments.out.clone(),
        device: arguments.device,
        command: terminal::command_line(),
    };
    let (audit, out) = audits::audit_identity(&run, &options, &mut terminal)?;
    terminal.finish();
    for sentence in audit.sentences() {
        outln!("{sentence}");
    }
    outln!();
    outln!("Page:     {}", out.join("index.html").display());
    outln!("Numbers:  {}", out.join("audit.json").display());
    Ok(terminal.exit_code())
}
