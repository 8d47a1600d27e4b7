//! `cargo xtask explain`

use std::{fs, num::NonZeroUsize, path::PathBuf, process::ExitCode};

use clap::Args;
use inference::{ExplainOptions, PredictOptions};
use runtime::DeviceName;

use super::detect;
use crate::{
    place,
    terminal::{self, Terminal},
};

/// Show what a detector looks at in pictures and videos.
///
/// Faces are found as `detect` finds them. Each is shown beside the Grad-CAM map of a layer, and
/// beside what the method itself draws: PCL's consistency heat map, LiSiam's segmentation, ADM's
/// boxes. Of a video, the snippet model shows its Intra-SMA maps and its U-T map, a row for each
/// snippet and a column for each frame; other models show some frames. Writes one page and its
/// pictures.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask explain party.jpg
  cargo xtask explain crops/ --whole --layer layer3
  cargo xtask explain party.jpg --layer all
  cargo xtask explain speech.mp4 --run runs/my-snippet-run")]
pub struct Arguments {
    /// Pictures, videos, folders of both, or manifests.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look into folders in folders too; a link to one is followed, each folder once.
    #[arg(long)]
    recursive: bool,
    /// The detector: a run, `newest` for the newest under runs/, or a folder with weights and
    /// detector.json [default: the one that comes with the program, trained on real faces].
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// The layer whose Grad-CAM is shown, or `all`; a name that is not there is answered with those
    /// that are [default: the last, which the classifier reads].
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Where the page and its pictures go [default: a new folder, named after the time, in explain/ of the
    /// detector's folder, or in runs/explain].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Pictures are crops of faces: do not look for faces in them.
    #[arg(long)]
    whole: bool,
    /// Frames of each video, spread over all of it, for models that judge single faces; the snippet
    /// model takes its own number.
    #[arg(long, default_value = "6", value_name = "N")]
    frames: NonZeroUsize,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let named = arguments.run.as_deref();
    let mut detector = place::detector(named, arguments.device)?;
    detector.options = PredictOptions {
        cropped: arguments.whole,
        frames: arguments.frames.get(),
        ..PredictOptions::default()
    };
    let options = ExplainOptions {
        paths: arguments.paths.clone(),
        recursive: arguments.recursive,
        layer: arguments.layer.clone(),
        out: place::pages(arguments.out.as_deref(), named, &detector, "explain")?,
        command: terminal::command_line(),
    };
    let outcome = inference::explain(&detector, &options, &mut terminal);
    terminal.finish();
    let outcome = outcome.inspect_err(|_| {
        // Where nothing was made, no folder stays; one with anything in it does.
        _ = fs::remove_dir(&options.out);
    })?;
    if let Some(line) = detect::print::passed_over(&outcome.passed_over) {
        outln!("{line}");
    }
    outln!(
        "{} faces explained; {} files without a face{}",
        outcome.faces,
        outcome.without_face,
        terminal::skipped(outcome.unreadable),
    );
    outln!("Page:     {}", outcome.page.display());
    Ok(match outcome.unreadable {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    })
}
