//! Writing a run's log.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use experiment::{LogLine, read_log, write_atomically};

use crate::Error;

/// The log, open for more lines.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log, without the lines after `step`: a resumed run writes them again.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub(crate) fn open(path: &Path, step: usize) -> Result<Self, Error> {
        let mut kept = String::new();
        for line in read_log(path)?.iter().filter(|line| line.step() <= step) {
            kept += &to_json(line, path)?;
        }
        write_atomically(path, kept.as_bytes())?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(experiment::Error::io(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn write(&mut self, line: &LogLine) -> Result<(), Error> {
        let text = to_json(line, &self.path)?;
        let written = self.file.write_all(text.as_bytes());
        Ok(written.map_err(experiment::Error::io(&self.path))?)
    }
}

fn to_json(line: &LogLine, path: &Path) -> Result<String, Error> {
    let text = serde_json::to_string(line).map_err(|error| experiment::Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

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
