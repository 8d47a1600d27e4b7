//! The page of verdicts.

use std::path::Path;

use report::{FaceVerdict, FileVerdict, Verdicts, write_verdicts};

use super::{Answer, DetectOptions, DetectOutcome, Verdict};
use crate::{Error, detector::Detector};

/// The page's name in the folder of overlays.
pub(super) const PAGE: &str = "index.html";

/// What the page says of a file; pictures are named relative to `folder`.
pub(super) fn of(answer: &Answer, folder: &Path) -> FileVerdict {
    let relative = |path: &Path| {
        let path = path.strip_prefix(folder).unwrap_or(path);
        path.to_string_lossy().into_owned()
    };
    let mut reason = None;
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
                name: format!("Face {}", track.track),
                word: answer.call(track.score),
                score: track.score,
                moments: track.moments.iter().map(|m| (m.seconds, m.score)).collect(),
                pictures: track
                    .worst
                    .iter()
                    .map(|(moment, path)| {
                        let caption = format!("{:.2} s, score {:.3}", moment.seconds, moment.score);
                        (relative(path), caption)
                    })
                    .collect(),
            })
            .collect(),
        Verdict::NoFace { reason: why }
        | Verdict::TooCompressed { reason: why }
        | Verdict::Unreadable { reason: why } => {
            reason = Some(why.clone());
            Vec::new()
        }
    };
    if let Some(partial) = &answer.partial {
        reason.get_or_insert_with(|| partial.to_string());
    }
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
    outcome: &DetectOutcome,
    files: Vec<FileVerdict>,
    options: &DetectOptions,
) -> Result<(), Error> {
    let mut notes = Vec::new();
    if outcome.synthetic {
        notes.push(
            "This run was trained on synthetic faces: its verdict on photographs means little."
                .into(),
        );
    }
    let verdicts = Verdicts {
        title: format!("Verdicts of {}", detector.name),
        answer: format!(
            "{} of {} faces called forged; {} files without a face, {} too compressed to be judged, {} unreadable. Pictures are called forged from a score of {:.3} on, videos from {:.3}.",
            outcome.forged,
            outcome.faces,
            outcome.without_face,
            outcome.too_compressed,
            outcome.unreadable,
            outcome.threshold,
            outcome.video_threshold
        ),
        notes,
        threshold: outcome.threshold,
        files,
        command: options.command.join(" "),
    };
    Ok(write_verdicts(&verdicts, &outcome.page)?)
}
