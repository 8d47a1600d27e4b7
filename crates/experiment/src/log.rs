//! A run's log: lines of one JSON object each.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{Error, json::write_atomically};

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LogLine {
    /// Training steps, up to `step`.
    Train {
        /// Steps taken.
        step: usize,
        /// Mean loss since the last line.
        loss: f64,
        /// Means of its parts by name, before their weights.
        parts: Vec<(String, f64)>,
        /// The learning rate.
        learning_rate: f64,
        /// Samples a second since the start or the last resumption.
        samples_per_second: f64,
        /// Share of the time since then that was spent waiting for data, 0..1.
        waiting_share: f64,
    },
    /// A validation after `step`.
    Validation {
        /// Steps taken.
        step: usize,
        /// AUC on the validation split, of frames or of clips.
        auc: f64,
        /// Cross entropy there; absent in logs of earlier versions.
        #[serde(default)]
        loss: Option<f64>,
        /// The threshold chosen there.
        threshold: f64,
        /// Whether it is the best so far.
        best: bool,
    },
}

impl LogLine {
    /// Steps taken when it was written.
    #[must_use]
    pub fn step(&self) -> usize {
        match self {
            Self::Train { step, .. } | Self::Validation { step, .. } => *step,
        }
    }
}

/// The lines of a log; none where there is no log. A last line that a kill cut short is left out.
///
/// # Errors
/// Where the file cannot be read.
pub fn read_log(path: &Path) -> Result<Vec<LogLine>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text
            .lines()
            .map_while(|line| serde_json::from_str(line).ok())
            .collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::io(path)(error)),
    }
}

/// The log, open for more lines.
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log, without the lines after `step`: a resumed run writes them again.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn open(path: &Path, step: usize) -> Result<Self, Error> {
        let mut kept = String::new();
        for line in read_log(path)?.iter().filter(|line| line.step() <= step) {
            kept += &to_json(line, path)?;
        }
        write_atomically(path, kept.as_bytes())?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(Error::io(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, line: &LogLine) -> Result<(), Error> {
        let text = to_json(line, &self.path)?;
        let written = self.file.write_all(text.as_bytes());
        written.map_err(Error::io(&self.path))
    }
}

fn to_json(line: &LogLine, path: &Path) -> Result<String, Error> {
    let text = serde_json::to_string(line).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_log_drops_later_lines_and_a_line_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let line = |step| LogLine::Validation {
            step,
            auc: 0.75,
            loss: Some(0.5),
            threshold: 0.5,
            best: true,
        };
        let mut log = Log::open(&path, 0).unwrap();
        for step in [10, 20, 30] {
            log.write(&line(step)).unwrap();
        }
        fs::write(
            &path,
            fs::read_to_string(&path).unwrap() + "{\"kind\":\"trai",
        )
        .unwrap();
        let mut log = Log::open(&path, 20).unwrap();
        log.write(&line(25)).unwrap();
        assert_eq!(read_log(&path).unwrap(), [line(10), line(20), line(25)]);
    }
}
