//! The answers of a folder, line by line as they come: what is there was answered, whatever happened then.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use answers::Answer;
use inputs::Names;
use provenance::Fact;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The file's name in the folder.
const NAME: &str = "answers.jsonl";

/// The file of answers, to write to.
pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

/// An answer, what the names of its pictures begin with, and what is told of the file beside it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    pub name: String,
    #[serde(default)]
    pub facts: Vec<Fact>,
    #[serde(flatten)]
    pub answer: Answer,
}

/// What an earlier call has answered.
#[derive(Default)]
pub(super) struct Before {
    /// In order.
    pub lines: Vec<Line>,
    /// Names that are given.
    pub names: Names,
}

impl Before {
    /// By file, how many answers there are of it: one may be named several times.
    pub(super) fn counts(&self) -> BTreeMap<PathBuf, usize> {
        let mut counts = BTreeMap::new();
        for line in &self.lines {
            *counts.entry(line.answer.file.path()).or_insert(0) += 1;
        }
        counts
    }
}

impl Journal {
    /// Opens the file of a folder: empty, or where `resume` behind the answers that it holds. A line that
    /// was not written to its end is taken away.
    pub(super) fn open(folder: &Path, resume: bool) -> Result<(Self, Before), Error> {
        let path = folder.join(NAME);
        let mut before = Before::default();
        let mut length = 0;
        if resume && path.is_file() {
            let text = fs::read(&path).map_err(Error::io(&path))?;
            for line in text.split_inclusive(|byte| *byte == b'\n') {
                if line.last() != Some(&b'\n') {
                    break;
                }
                let line_read = serde_json::from_slice(line);
                let read: Line = line_read.map_err(|error| Error::Damaged {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
                before.names.take(&read.name);
                before.lines.push(read);
                length += line.len();
            }
        }
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(&path);
        let file = file.map_err(Error::io(&path))?;
        file.set_len(length as u64).map_err(Error::io(&path))?;
        Ok((Self { file, path }, before))
    }

    /// Adds an answer.
    pub(super) fn push(&mut self, line: &Line) -> Result<(), Error> {
        let line = serde_json::to_string(line).map_err(|error| Error::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(Error::io(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use metrics::Decision;

    use super::*;
    use crate::{NotJudged, detect::answer::Question};

    fn line(file: &str) -> Line {
        let question = Question {
            file: Path::new(file),
            kind: None,
            size: None,
            whole: None,
            decision: Decision::default(),
            frames: None,
            synthetic: false,
            origin: None,
        };
        Line {
            name: "n".into(),
            facts: vec![Fact::new("Kind", "PNG")],
            answer: question.not_judged(&NotJudged::NeedsVideo),
        }
    }

    #[test]
    fn what_was_written_to_its_end_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), false).unwrap();
        for file in ["a.png", "b.png", "a.png"] {
            journal.push(&line(file)).unwrap();
        }
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        // Killed within the last line.
        fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let (mut journal, before) = Journal::open(folder.path(), true).unwrap();
        assert_eq!(before.lines, ["a.png", "b.png"].map(line));
        journal.push(&line("a.png")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
        let (_, mut before) = Journal::open(folder.path(), true).unwrap();
        assert_eq!(before.counts()[Path::new("a.png")], 2);
        assert_eq!(before.names.of(Path::new("n.jpg")), "n-2");
        // A line in the middle that says nothing is no end.
        fs::write(&path, [b"{}\n", &whole[..]].concat()).unwrap();
        assert!(Journal::open(folder.path(), true).is_err());
        Journal::open(folder.path(), false).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }
}
