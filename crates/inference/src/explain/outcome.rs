//! What is to be explained, and what came of it.

use std::path::{Path, PathBuf};

use inputs::PassedOver;
use report::{ExplainedFace, ExplainedFile};
use runtime::{Event, Observer};

use crate::NotJudged;

/// What to explain.
#[derive(Debug, Clone)]
pub struct ExplainOptions {
    /// Images, videos, folders of both, or manifests (`.json`).
    pub paths: Vec<PathBuf>,
    /// Whether folders in folders are looked into.
    pub recursive: bool,
    /// The layer whose Grad-CAM is shown, or `all`; absent: the last.
    pub layer: Option<String>,
    /// Where the page and its pictures go.
    pub out: PathBuf,
    /// The command line, for the page.
    pub command: Vec<String>,
}

/// What was explained.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExplainOutcome {
    /// Faces; a face of a video counts once.
    pub faces: usize,
    /// Files in which there was nothing to explain.
    pub without_face: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// What else lies in the folders.
    pub passed_over: PassedOver,
    /// The page, to open in a browser.
    pub page: PathBuf,
}

/// The faces of a file, or why there are none.
pub(super) type Explained = Result<Vec<ExplainedFace>, NotJudged>;

impl ExplainOutcome {
    /// Counts what was said of a file, and says what could not be read.
    pub(super) fn take(
        &mut self,
        file: &Path,
        explained: Explained,
        observer: &mut dyn Observer,
    ) -> ExplainedFile {
        let reason = explained.as_ref().err().map(ToString::to_string);
        match (&explained, &reason) {
            (Err(NotJudged::Unreadable(_)), Some(why)) => {
                self.unreadable += 1;
                observer.event(Event::Skipped {
                    what: "unreadable",
                    why,
                });
            }
            (Err(_), _) => self.without_face += 1,
            (Ok(faces), _) => self.faces += faces.len(),
        }
        ExplainedFile {
            name: inputs::shown(file),
            reason,
            faces: explained.unwrap_or_default(),
        }
    }
}
