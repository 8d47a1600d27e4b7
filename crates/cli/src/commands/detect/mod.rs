//! `cargo xtask detect`

mod call;
pub(super) mod print;

use std::{num::NonZeroUsize, path::PathBuf, process::ExitCode, sync::atomic::Ordering};

use clap::Args;
use inference::{DetectOptions, DetectorConfig, FileName, PredictOptions};
use runtime::DeviceName;

use self::call::Call;
use crate::{
    place,
    program::program,
    terminal::{self, Terminal},
};

/// Say for pictures and videos whether a face is forged, how sure, where, and when.
///
/// PATH is a picture (JPEG, PNG, WebP, BMP, TIFF, GIF; HEIC, AVIF, JPEG XL and others where FFmpeg is
/// installed), a video (all that FFmpeg can open; H.264 in MP4
/// or MOV without it; told by content, not by name), a folder of both, or a manifest with landmarks. What
/// else lies in a folder is counted, with why it was passed over. Faces are found, and followed through
/// videos; each is judged on its own, a video by its whole and by the highest quarter of it. For each face of a picture, and for the worst moments of each face of
/// a video, an overlay PNG with the heat map is written, and for a video the scores of its frames over time
/// as CSV. "No face" and "too compressed" are answers.
///
/// Each call has a folder of its own, with a page of all verdicts and `answers.jsonl`, the answers as
/// --json prints them. Both are written as answers come: Ctrl-C, or whatever ends the program, keeps what
/// is done, and --resume goes on.
///
/// Exit code: 0 when every file was answered, 2 when some could not be read, or a video not as a whole (they
/// are named, the others are done), 130 when it was stopped, 1 when nothing could be done.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask detect party.jpg
  cargo xtask detect speech.mp4 --frames 100
  cargo xtask detect pictures/ --recursive --json > answers.jsonl
  cargo xtask detect --resume runs/detect/2026-11-30-101502")]
pub struct Arguments {
    /// Pictures, videos, folders of both, or manifests.
    #[arg(required_unless_present = "resume", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look into folders in folders too; a link to one is followed, each folder once.
    #[arg(long)]
    recursive: bool,
    /// Go on with a call that was stopped or killed: its folder. Files with an answer are not looked at
    /// again.
    #[arg(long, value_name = "DIR", conflicts_with_all = [
        "paths", "recursive", "run", "out", "whole", "any_compression", "frames",
        "threshold",
    ])]
    resume: Option<PathBuf>,
    /// The detector: a run, `newest` for the newest under runs/, or a folder with weights and
    /// detector.json [default: the one that comes with the program, trained on real faces].
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// Where answers, overlays and the page go; what is there is replaced [default: a new folder, named
    /// after the time, in detect/ of the detector's folder, or in runs/detect].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Pictures are crops of faces: do not look for faces in them.
    #[arg(long)]
    whole: bool,
    /// Judge also what is too compressed: JPEG below a quality of about 8, or video of which the
    /// mean quantisation is above 46 (FaceForensics++'s c40 has below 40).
    #[arg(long)]
    any_compression: bool,
    /// Frames of each video, spread over all of it.
    #[arg(long, default_value = "64", value_name = "N")]
    frames: NonZeroUsize,
    /// Call a face or a video forged from this probability on, 0 to 1 [default: the detector's own, which
    /// keep false alarms at a stated rate].
    #[arg(long, value_name = "P", value_parser = probability)]
    threshold: Option<f64>,
    /// Print one JSON object for each file, and nothing else, to standard output.
    #[arg(long)]
    json: bool,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

fn probability(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let within = (0.0..=1.0).contains(&number);
    within
        .then_some(number)
        .ok_or_else(|| "a probability lies between 0 and 1".to_owned())
}

/// Another threshold; what was measured holds for the detector's own alone.
fn call_forged_from(config: &mut DetectorConfig, threshold: f64) {
    for decision in [&mut config.frame, &mut config.video] {
        decision.threshold = threshold;
        decision.uncertain_from = decision.uncertain_from.map(|from| from.min(threshold));
    }
    config.measured = None;
}

/// What the options ask.
fn asked(arguments: &Arguments) -> anyhow::Result<Call> {
    let name = |path: &PathBuf| FileName::from(path.as_path());
    Ok(Call {
        paths: arguments.paths.iter().map(name).collect(),
        recursive: arguments.recursive,
        run: arguments.run.as_ref().map(name),
        whole: arguments.whole,
        any_compression: arguments.any_compression,
        frames: arguments.frames,
        threshold: arguments.threshold,
        folder: call::here()?,
        detector: None,
    })
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let stop = terminal::stop_on_ctrl_c()?;
    let mut call = match &arguments.resume {
        Some(folder) => Call::read(folder)?,
        None => asked(arguments)?,
    };
    let named = call.run.as_ref().map(FileName::path);
    let named = named.as_deref();
    let mut detector = place::detector(named, arguments.device)?;
    detector.options = PredictOptions {
        cropped: call.whole,
        any_compression: call.any_compression,
        frames: call.frames.get(),
    };
    if let Some(threshold) = call.threshold {
        call_forged_from(&mut detector.config, threshold);
    }
    let out = match &arguments.resume {
        Some(folder) => folder.clone(),
        None => place::pages(arguments.out.as_deref(), named, &detector, "detect")?,
    };
    call.keep(&out, &detector)?;
    let options = DetectOptions {
        paths: call.paths.iter().map(FileName::path).collect(),
        recursive: call.recursive,
        out: out.clone(),
        resume: arguments.resume.is_some(),
        command: terminal::command_line(),
    };
    let stop = || stop.load(Ordering::Relaxed);
    let outcome =
        inference::detect(
            &detector,
            &options,
            &mut terminal,
            &stop,
            |answer| match arguments.json {
                true => outln!("{}", answer.clone().within(&out).to_json()),
                false => print::answer(answer, &out),
            },
        )?;
    terminal.finish();
    match (arguments.json, print::passed_over(&outcome.passed_over)) {
        (true, Some(line)) => errln!("{line}"),
        (false, Some(line)) => outln!("{line}"),
        (_, None) => {}
    }
    match arguments.json {
        true => errln!("page: {}", outcome.page.display()),
        false => print::outcome(&outcome, &detector, named),
    }
    if outcome.stopped() {
        errln!(
            "stopped: {} of {} files are answered; go on with `{} detect --resume {}`",
            outcome.answered,
            outcome.files,
            program(),
            out.display()
        );
        return Ok(ExitCode::from(130));
    }
    Ok(
        match outcome.unreadable + outcome.partial + outcome.unwritten {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::from(2),
        },
    )
}
