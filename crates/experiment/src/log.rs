//! A run's log: lines of one JSON object each.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use crate::{Error, LogLine, RunDir, events::RunEvents, json::write_atomically};

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

/// The log, open for more lines, and the same for TensorBoard (`events.out.tfevents.*` beside it).
pub struct Log {
    path: PathBuf,
    file: File,
    events: RunEvents,
}

impl Log {
    /// Opens a run's log, without the lines after `step`: a resumed run writes them again.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn open(run: &RunDir, step: usize) -> Result<Self, Error> {
        let path = &run.log();
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
            events: RunEvents::begin(run, step)?,
        })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, line: &LogLine) -> Result<(), Error> {
        let text = to_json(line, &self.path)?;
        let written = self.file.write_all(text.as_bytes());
        written.map_err(Error::io(&self.path))?;
        self.events.add(line)
    }
}

fn to_json(line: &LogLine, path: &Path) -> Result<String, Error> {
    let text = serde_json::to_string(line).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(text + "\n")
}
