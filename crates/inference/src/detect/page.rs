//! The page of verdicts.

use std::path::Path;

use report::{FaceVerdict, FileVerdict, Verdicts, write_verdicts};

use super::{
    answer::{Answer, Verdict},
    outcome::{DetectOptions, DetectOutcome},
};
use crate::{Error, config::DetectorConfig, detector::Detector};

/// The page's name in the folder of overlays.
pub(super) const NAME: &str = "index.html";

/// What the page says of a file; pictures are named relative to `folder`.
pub(super) fn of(answer: &Answer, folder: &Path) -> FileVerdict {
    let relative = |path: &Path| {
        let path = path.strip_prefix(folder).unwrap_or(path);
        path.to_string_lossy().into_owned()
    };
    let faces = match &answer.verdict {
        Verdict::Faces(faces) => faces
            .iter()
            .map(|face| {
                let [left, top, right, bottom] = face.region;
                FaceVerdict {
                    name: format!("Face at {left:.0}, {top:.0} to {right:.0}, {bottom:.0}"),
                    word: answer.call(face.score),
                    score: face.score,
                    moments: Vec::new(),
                    pictures: vec![(relative(&face.overlay), "what the network sees".into())],
                }
            })
            .collect(),
        Verdict::Tracks(tracks) => tracks
            .iter()
            .map(|track| FaceVerdict {
                name: match track.highest {
                    None => format!("Face {}", track.track),
                    Some(stretch) => format!(
                        "Face {}: {:.3} over the whole, highest from {:.1} to {:.1} s",
                        track.track, track.whole, stretch.from, stretch.to
                    ),
                },
                word: answer.call(track.score),
                score: track.score,
                moments: track.frames.iter().map(|m| (m.seconds, m.score)).collect(),
                pictures: track
                    .top
                    .iter()
                    .map(|(moment, path)| {
                        let caption = format!("{:.2} s, score {:.3}", moment.seconds, moment.score);
                        (relative(path), caption)
                    })
                    .collect(),
            })
            .collect(),
        Verdict::NotJudged(_) => Vec::new(),
    };
    let partial = answer.partial.as_ref();
    let coverage = answer.coverage.map(|coverage| coverage.to_string());
    let reason = answer
        .reason()
        .or_else(|| partial.map(ToString::to_string))
        .or(coverage);
    FileVerdict {
        name: answer.file.display().to_string(),
        word: answer.word(),
        reason,
        faces,
    }
}

/// Writes the page.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(
    detector: &Detector,
    options: &DetectOptions,
    outcome: &DetectOutcome,
    files: Vec<FileVerdict>,
) -> Result<(), Error> {
    let DetectorConfig {
        name,
        frame,
        video,
        synthetic,
        measured,
        ..
    } = &detector.config;
    let mut notes = Vec::new();
    if *synthetic {
        notes.push(
            "This run was trained on synthetic faces: its verdict on photographs means little."
                .into(),
        );
    }
    if let Some(measured) = measured {
        notes.push(format!(
            "How often it is wrong about real faces: {measured}."
        ));
    }
    if outcome.stopped {
        notes.push("It was stopped before all files were judged.".into());
    }
    let motion = match outcome.without_motion {
        0 => String::new(),
        count => format!("{count} images, in which nothing moves, "),
    };
    let verdicts = Verdicts {
        title: format!("Verdicts of {name}"),
        answer: format!(
            "{} of {} faces called forged, {} uncertain; {} files without a face, {motion}{} too compressed to be judged, {} unreadable. Pictures are called forged from a score of {:.3} on, videos from {:.3}.",
            outcome.forged,
            outcome.faces,
            outcome.uncertain,
            outcome.without_face,
            outcome.too_compressed,
            outcome.unreadable,
            frame.threshold,
            video.threshold
        ),
        notes,
        threshold: frame.threshold,
        files,
        command: options.command.join(" "),
    };
    Ok(write_verdicts(&verdicts, &outcome.page)?)
}
