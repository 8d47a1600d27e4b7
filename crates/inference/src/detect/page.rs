//! The page of verdicts.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use answers::Answer;
use report::{FaceVerdict, FileVerdict, Verdicts, write_verdicts};

use super::outcome::{DetectOptions, DetectOutcome};
use crate::{Error, config::DetectorConfig, detector::Detector};

/// The page's name in the folder of answers.
pub(super) const NAME: &str = "index.html";

/// The page is written anew no more often than this, nor for more than a tenth of the time.
const LEAST_PAUSE: Duration = Duration::from_secs(3);
const SHARE: u32 = 10;

/// The page while answers come.
pub(super) struct Page<'a> {
    pub detector: &'a Detector,
    pub options: &'a DetectOptions,
    files: Vec<FileVerdict>,
    due: Instant,
}

impl<'a> Page<'a> {
    pub(super) fn new(detector: &'a Detector, options: &'a DetectOptions) -> Self {
        Self {
            detector,
            options,
            files: Vec::new(),
            due: Instant::now(),
        }
    }

    /// Adds what is said of a file.
    pub(super) fn push(&mut self, answer: &Answer) {
        self.files.push(of(answer));
    }

    /// Writes the page if it is time to.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub(super) fn write_now_and_then(&mut self, outcome: &DetectOutcome) -> Result<(), Error> {
        let began = Instant::now();
        if began >= self.due {
            self.write(outcome)?;
            self.due = Instant::now() + LEAST_PAUSE.max(began.elapsed() * SHARE);
        }
        Ok(())
    }

    /// Writes the page of what was answered so far.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn write(&mut self, outcome: &DetectOutcome) -> Result<(), Error> {
        let mut verdicts = self.verdicts(outcome);
        verdicts.files = std::mem::take(&mut self.files);
        let written = write_verdicts(&verdicts, &outcome.page);
        self.files = verdicts.files;
        Ok(written?)
    }

    fn verdicts(&self, outcome: &DetectOutcome) -> Verdicts {
        let DetectorConfig {
            name,
            frame,
            video,
            synthetic,
            origin,
            measured,
            ..
        } = &self.detector.config;
        let mut notes = Vec::new();
        if *synthetic {
            notes.push(
                "This run was trained on synthetic faces: its verdict on photographs means little."
                    .into(),
            );
        }
        notes.extend(origin.iter().map(|origin| format!("{origin}.")));
        if let Some(measured) = measured {
            notes.push(format!(
                "How often it is wrong about real faces: {measured}."
            ));
        }
        if outcome.stopped() {
            let DetectOutcome {
                answered, files, ..
            } = outcome;
            notes.push(format!(
                "Not finished: {answered} of {files} files are answered."
            ));
        }
        if outcome.passed_over.count() > 0 {
            notes.push(format!("Passed over: {}.", outcome.passed_over));
        }
        let motion = match outcome.without_motion {
            0 => String::new(),
            count => format!("{count} images, in which nothing moves, "),
        };
        Verdicts {
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
            files: Vec::new(),
            command: self.options.command.join(" "),
        }
    }
}

/// What the page says of a file.
fn of(answer: &Answer) -> FileVerdict {
    let faces = answer.faces.iter().flatten().map(|face| {
        let [left, top, right, bottom] = face.region;
        let overlay = face.overlay.iter().cloned();
        FaceVerdict {
            name: format!("Face at {left:.0}, {top:.0} to {right:.0}, {bottom:.0}"),
            word: face.verdict.clone(),
            score: face.score,
            moments: Vec::new(),
            pictures: overlay
                .map(|overlay| (overlay, "what the network sees".into()))
                .collect(),
        }
    });
    let tracks = answer.tracks.iter().flatten().map(|track| {
        let moments = track.moments.iter();
        let pictures = track.worst.iter().filter_map(|moment| {
            let caption = format!(
                "{:.2} s, frame score {:.3}",
                moment.seconds, moment.frame_score
            );
            Some((moment.overlay.clone()?, caption))
        });
        FaceVerdict {
            name: match track.highest_stretch {
                None => format!("Face {}", track.track),
                Some(stretch) => format!(
                    "Face {}: {:.3} over the whole, highest from {:.1} to {:.1} s",
                    track.track, track.whole, stretch.from, stretch.to
                ),
            },
            word: track.verdict.clone(),
            score: track.score,
            moments: moments.map(|m| (m.seconds, m.frame_score)).collect(),
            pictures: pictures.collect(),
        }
    });
    let said = [
        answer.reason.clone(),
        answer.partial.as_ref().map(ToString::to_string),
        answer.coverage.map(|coverage| coverage.to_string()),
        answer
            .turned
            .map(|by| format!("turned by {by} degrees, as no face stands upright")),
    ];
    let unwritten = answer.unwritten.as_ref();
    let unwritten = unwritten.map(|why| format!("a picture could not be written: {why}"));
    let reasons: Vec<_> = said
        .into_iter()
        .flatten()
        .take(1)
        .chain(unwritten)
        .collect();
    FileVerdict {
        name: inputs::shown(Path::new(&answer.file.file)),
        word: answer.verdict.clone(),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        faces: faces.chain(tracks).collect(),
    }
}
