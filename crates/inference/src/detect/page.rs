//! The page of verdicts.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use answer_page::{Entry, Link, Place, file_address};
use face_preproc::pictures::write_atomically;

use super::{
    journal::Line,
    outcome::{DetectOptions, DetectOutcome},
};
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
    entries: Vec<Entry>,
    due: Instant,
}

impl<'a> Page<'a> {
    pub(super) fn new(detector: &'a Detector, options: &'a DetectOptions) -> Self {
        Self {
            detector,
            options,
            entries: Vec::new(),
            due: Instant::now(),
        }
    }

    /// Adds what is said of a file.
    pub(super) fn push(&mut self, line: &Line) {
        let file = &line.answer.file;
        let place = Place {
            folder: &self.options.out,
            name: &line.name,
            link: Link::At(""),
        };
        self.entries.push(Entry::new(
            self.entries.len() + 1,
            &line.answer,
            &inputs::shown(Path::new(&file.file)),
            place,
            file_address(&file.path()).as_deref(),
            &line.facts,
        ));
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
        let mut page = self.described(outcome);
        page.entries = std::mem::take(&mut self.entries);
        let text = page.written();
        self.entries = page.entries;
        write_atomically(&outcome.page, text.as_bytes()).map_err(Error::io(&outcome.page))
    }

    /// What the page says of all files.
    fn described(&self, outcome: &DetectOutcome) -> answer_page::Page {
        let DetectorConfig {
            name, frame, video, ..
        } = &self.detector.config;
        let mut notes = answer_page::notes(&self.detector.about());
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
        answer_page::Page {
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
            entries: Vec::new(),
            command: self.options.command.join(" "),
        }
    }
}
