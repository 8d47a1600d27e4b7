//! What the server and a worker say to each other: one JSON object a line, tasks in, and out what comes of
//! them.

use std::{num::NonZeroUsize, path::PathBuf};

pub use answers::About;
use answers::Answer;
use provenance::Fact;
use serde::{Deserialize, Serialize};

/// How a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Frames of a film, spread over all of it.
    pub frames: NonZeroUsize,
    /// The picture is a face's crop: no face is looked for in it.
    pub whole: bool,
    /// What is too compressed to be judged is judged all the same.
    pub any_compression: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            frames: NonZeroUsize::MIN.saturating_add(63),
            whole: false,
            any_compression: false,
        }
    }
}

/// What a worker is asked, in a line of its standard input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The file.
    pub file: PathBuf,
    /// The folder, which is there, for all that shows the answer.
    pub out: PathBuf,
    /// How it is looked at.
    pub settings: Settings,
}

/// What a worker says, in a line of its standard output. Lines that are none of these are passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub enum Said {
    /// The detector is opened; said once, first.
    Ready {
        /// What it is.
        detector: About,
    },
    /// Of the frames of a film so many are looked at.
    Progress {
        /// Frames looked at.
        done: u64,
        /// Frames to look at.
        total: u64,
    },
    /// The task is done.
    Answered {
        /// What is said of the file; that it is unreadable is an answer too.
        answer: Box<Answer>,
        /// What the file says of itself.
        facts: Vec<Fact>,
    },
    /// The task cannot be done.
    Failed {
        /// Why.
        why: String,
    },
}
