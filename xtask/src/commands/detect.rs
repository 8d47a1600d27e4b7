//! `cargo xtask detect`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use trainer::{DetectOptions, DeviceName, Verdict};

use super::run_or_newest;
use crate::terminal::{self, Terminal};

/// Say for pictures whether the face is forged, how sure, and where.
///
/// PATH is a picture of a face (JPEG, PNG, WebP, BMP, TIFF, GIF), a folder of them, or a
/// manifest with landmarks. Without landmarks the whole picture is taken as the face's crop.
/// For each face an overlay PNG with the heat map is written. Exit code: 0 when every file was
/// answered, 2 when some could not be read (they are named, the others are done), 1 when
/// nothing could be done.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask detect face.jpg
  cargo xtask detect pictures/ --json > answers.jsonl")]
pub(crate) struct Arguments {
    /// Pictures, folders of pictures, or manifests.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The run [default: the newest under runs/].
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// Where overlays go [default: detect/ in the run].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object for each file, and nothing else, to standard output.
    #[arg(long)]
    json: bool,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let run = run_or_newest(arguments.run.as_deref())?;
    let options = DetectOptions {
        paths: arguments.paths.clone(),
        out: arguments.out.clone(),
        device: arguments.device,
    };
    let outcome = trainer::detect(&run, &options, &mut terminal, |answer| {
        if arguments.json {
            println!("{}", answer.to_json());
            return;
        }
        match &answer.verdict {
            Verdict::Face {
                score,
                forged,
                overlay,
                ..
            } => println!(
                "{:<7} score {score:.3}  {}  overlay {}",
                if *forged { "FORGED" } else { "real" },
                answer.file.display(),
                overlay.display(),
            ),
            // Said on standard error by the observer.
            Verdict::Unreadable { .. } => {}
        }
    })?;
    terminal.finish();
    if !arguments.json {
        println!(
            "{} of {} faces called forged at threshold {:.3} of {}{}",
            outcome.forged,
            outcome.faces,
            outcome.threshold,
            run.path().display(),
            terminal::skipped(outcome.unreadable),
        );
        if outcome.synthetic {
            println!(
                "This run was trained on synthetic faces: its verdict on photographs means little."
            );
        }
    }
    Ok(match (outcome.faces, outcome.unreadable) {
        (_, 0) => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    })
}
