//! What is asked of many files, and what came of it.

use std::path::PathBuf;

use answers::Answer;
use inputs::PassedOver;
use runtime::{Event, Observer};

/// What to look at.
#[derive(Debug, Clone)]
pub struct DetectOptions {
    /// Images, videos, folders of both, or manifests (`.json`).
    pub paths: Vec<PathBuf>,
    /// Whether folders in folders are looked into.
    pub recursive: bool,
    /// Where answers, pictures and the page go.
    pub out: PathBuf,
    /// Answers that are there already stay, and their files are not looked at again; else they go.
    pub resume: bool,
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
    /// Files of which the answer is there, and a picture is not: it could not be written.
    pub unwritten: usize,
    /// Files answered, and those that were answered before.
    pub answered: usize,
    /// Files that were answered before it went on.
    pub before: usize,
    /// Files that there are.
    pub files: usize,
    /// What else lies in the folders.
    pub passed_over: PassedOver,
    /// The page of all verdicts, to open in a browser.
    pub page: PathBuf,
}

impl DetectOutcome {
    /// Whether it was stopped before all files were answered.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.answered < self.files
    }

    /// Counts an answer.
    pub(super) fn count(&mut self, answer: &Answer) {
        self.answered += 1;
        self.partial += usize::from(answer.partial.is_some());
        self.unwritten += usize::from(answer.unwritten.is_some());
        for (verdict, _) in answer.verdicts() {
            self.faces += 1;
            self.forged += usize::from(verdict == "forged");
            self.uncertain += usize::from(verdict == "uncertain");
        }
        match answer.verdict.as_str() {
            "no face" | "face too small" | "too short" => self.without_face += 1,
            "needs a video" => self.without_motion += 1,
            "too compressed" => self.too_compressed += 1,
            "unreadable" => self.unreadable += 1,
            _ => {}
        }
    }
}

/// Says what went wrong with a file.
pub(super) fn complain(answer: &Answer, observer: &mut dyn Observer) {
    let file = inputs::shown(&answer.file.path());
    if let Some(partial) = &answer.partial {
        observer.event(Event::Said(&format!("{file}: {partial}")));
    }
    if let Some(why) = &answer.unwritten {
        observer.event(Event::Said(&format!("{file}: not written: {why}")));
    }
    if let ("unreadable", Some(why)) = (answer.verdict.as_str(), &answer.reason) {
        observer.event(Event::Skipped {
            what: "unreadable",
            why,
        });
    }
}
