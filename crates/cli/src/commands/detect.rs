//! `cargo xtask detect`

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::Ordering,
};

use clap::Args;
use inference::{Answer, DetectOptions, DetectorConfig, NotJudged, PredictOptions, Verdict};
use runtime::DeviceName;

use crate::{
    place,
    terminal::{self, Terminal},
};

/// Say for pictures and videos whether a face is forged, how sure, where, and when.
///
/// PATH is a picture (JPEG, PNG, WebP, BMP, TIFF, GIF), a video (all that FFmpeg can open; H.264 in MP4
/// or MOV without it; told by content, not by name), a folder of
/// pictures, or a manifest with landmarks. Faces are found, and followed through videos; each is
/// judged on its own, a video by its whole and by the highest quarter of it. For each face of a picture, and for the worst moments of each face of a
/// video, an overlay PNG with the heat map is written, and for a video all scores over time as
/// CSV. "No face" and "too compressed" are answers. Ctrl-C keeps what is done. Exit code: 0 when every file
/// was answered, 2 when some could not be read, or a video not as a whole (they are named, the others are
/// done), 130 when it was stopped, 1 when nothing could be done.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask detect party.jpg
  cargo xtask detect speech.mp4 --frames 100
  cargo xtask detect pictures/ --json > answers.jsonl")]
pub struct Arguments {
    /// Pictures, videos, folders of pictures, or manifests.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The detector: a run, `newest` for the newest under runs/, or a folder with weights and
    /// detector.json [default: the one that comes with the program, trained on real faces].
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// Where overlays go [default: detect/ in that folder, or runs/detect].
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

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let named = arguments.run.as_deref();
    let stop = terminal::stop_on_ctrl_c()?;
    let mut detector = place::detector(named, arguments.device)?;
    detector.options = PredictOptions {
        cropped: arguments.whole,
        any_compression: arguments.any_compression,
        frames: arguments.frames.get(),
    };
    if let Some(threshold) = arguments.threshold {
        call_forged_from(&mut detector.config, threshold);
    }
    let options = DetectOptions {
        paths: arguments.paths.clone(),
        out: place::pages(arguments.out.as_deref(), named, "detect"),
        command: terminal::command_line(),
    };
    let stop = || stop.load(Ordering::Relaxed);
    let outcome = inference::detect(&detector, &options, &mut terminal, &stop, |answer| {
        if arguments.json {
            outln!("{}", answer.to_json());
            return;
        }
        print(answer);
    })?;
    terminal.finish();
    if !arguments.json {
        let counted = |count: usize, what: &str| match count {
            0 => String::new(),
            count => format!(", {count} {what}"),
        };
        outln!(
            "{} of {} faces called forged{} by {} (pictures from {:.3} on, videos from {:.3}); {} files without a face{}{}{}",
            outcome.forged,
            outcome.faces,
            counted(outcome.uncertain, "uncertain"),
            match named {
                Some(folder) => folder.display().to_string(),
                None => detector.config.name.clone(),
            },
            detector.config.frame.threshold,
            detector.config.video.threshold,
            outcome.without_face,
            counted(outcome.without_motion, "in which nothing moves"),
            counted(outcome.too_compressed, "too compressed"),
            terminal::skipped(outcome.unreadable),
        );
        if let Some(measured) = &detector.config.measured {
            outln!("Measured: {measured}");
        }
        outln!("Page:     {}", outcome.page.display());
        if detector.config.synthetic {
            outln!(
                "This run was trained on synthetic faces: its verdict on photographs means little."
            );
        }
    }
    if outcome.stopped {
        errln!(
            "stopped: what was judged until then is in {}",
            outcome.page.display()
        );
        return Ok(ExitCode::from(130));
    }
    Ok(match outcome.unreadable + outcome.partial {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    })
}

/// One line for each face.
fn print(answer: &Answer) {
    let line = |score: f64, which: &str, overlay: &Path| {
        let word = match answer.call(score) {
            "forged" => "FORGED",
            word => word,
        };
        let file = answer.file.display();
        outln!(
            "{word:<9} score {score:.3}  {file}{which}  overlay {}",
            overlay.display()
        );
    };
    match &answer.verdict {
        Verdict::Faces(faces) => {
            for face in faces {
                let [left, top, right, bottom] = face.region;
                let which = format!("  face at {left:.0},{top:.0}-{right:.0},{bottom:.0}");
                line(face.score, &which, &face.overlay);
            }
        }
        Verdict::Tracks(tracks) => {
            let looked_at = answer.coverage.map(|coverage| format!("; {coverage}"));
            let looked_at = looked_at.unwrap_or_default();
            for track in tracks {
                let (from, to) = match track.frames[..] {
                    [first, .., last] => (first.seconds, last.seconds),
                    [only] => (only.seconds, only.seconds),
                    [] => continue,
                };
                for (worst, overlay) in track.top.iter().take(1) {
                    let highest = track.highest.map_or(String::new(), |stretch| {
                        format!(
                            " ({:.3} over the whole, highest from {:.1} to {:.1} s)",
                            track.whole, stretch.from, stretch.to
                        )
                    });
                    let which = format!(
                        "  face {} from {from:.1} to {to:.1} s{highest}, worst {:.3} at {:.1} s{looked_at}",
                        track.track, worst.score, worst.seconds
                    );
                    line(track.score, &which, overlay);
                }
            }
        }
        // Said on standard error by the observer.
        Verdict::NotJudged(NotJudged::Unreadable(_)) => {}
        Verdict::NotJudged(why) => {
            let hint = match why {
                NotJudged::NoFace { frames: 1 } => {
                    "; where the picture is a face's crop, say --whole"
                }
                NotJudged::TooCompressed(_) => "; --any-compression judges it all the same",
                _ => "",
            };
            let file = answer.file.display();
            outln!("{:<20} {file}  {why}{hint}", why.word());
        }
    }
}
