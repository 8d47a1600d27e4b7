//! What is asked of many files, and what came of it.

use std::path::PathBuf;

use runtime::{Event, Observer};

use super::answer::{Answer, Verdict};
use crate::NotJudged;

/// What to look at.
#[derive(Debug, Clone)]
pub struct DetectOptions {
    /// Images, videos, folders of images, or manifests (`.json`).
    pub paths: Vec<PathBuf>,
    /// Where pictures and the page go; absent: `detect/` in the detector's folder.
    pub out: Option<PathBuf>,
    /// The command line, for the page of verdicts.
    pub command: Vec<String>,
}

/// What was found in all files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DetectOutcome {
    /// Faces judged; a face of a video counts once.
    pub faces: usize,
    /// Faces called forged.
    pub forged: usize,
    /// Faces called uncertain.
    pub uncertain: usize,
    /// Files without a face that is large enough and seen for long enough.
    pub without_face: usize,
    /// Images, where the network judges motion.
    pub without_motion: usize,
    /// Files that are too compressed to be judged.
    pub too_compressed: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Videos that could not be read as a whole.
    pub partial: usize,
    /// Whether it was stopped before all files were judged.
    pub stopped: bool,
    /// The page of all verdicts, to open in a browser.
    pub page: PathBuf,
}

impl DetectOutcome {
    /// Counts what was said of a file, and says what could not be read.
    pub(super) fn count(&mut self, answer: &Answer, observer: &mut dyn Observer) {
        if let Some(partial) = &answer.partial {
            self.partial += 1;
            let said = format!("{}: {partial}", answer.file.display());
            observer.event(Event::Said(&said));
        }
        let scores = answer.scores();
        self.faces += scores.len();
        let called = |word| {
            scores
                .iter()
                .filter(|score| answer.call(**score) == word)
                .count()
        };
        self.forged += called("forged");
        self.uncertain += called("uncertain");
        let Verdict::NotJudged(why) = &answer.verdict else {
            return;
        };
        match why {
            NotJudged::NoFace { .. }
            | NotJudged::FaceTooSmall { .. }
            | NotJudged::TooShort { .. } => self.without_face += 1,
            NotJudged::NeedsVideo => self.without_motion += 1,
            NotJudged::TooCompressed(_) => self.too_compressed += 1,
            NotJudged::Unreadable(_) => {
                self.unreadable += 1;
                observer.event(Event::Skipped {
                    what: "unreadable",
                    why: &why.to_string(),
                });
            }
            NotJudged::Stopped => {}
        }
    }
}
