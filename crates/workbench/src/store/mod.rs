//! Cases: rows in SQLite, files beside it by their hash, what shows an answer in a folder for each case.

mod error;
mod files;
mod rows;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use crate::{
    error::Error,
    import::Imported,
    protocol::{About, Settings},
};
use answers::Answer;
use provenance::Fact;

use error::Result;
use files::Places;

pub(crate) use error::StoreError;
pub(crate) use files::{Arriving, Incoming, is_full};
pub(crate) use rows::{Case, Row, State};

/// The database's name in the folder.
const DATABASE: &str = "cases.sqlite";

/// The version of the tables.
const FORMAT: i64 = 1;

/// A case is begun no more often than this: what ends the server with it would end it again.
const TRIES: i64 = 3;

const TABLES: &str = "
CREATE TABLE cases (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  settings TEXT NOT NULL,
  added INTEGER NOT NULL,
  begun INTEGER,
  ended INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  why TEXT,
  verdict TEXT,
  score REAL,
  answer TEXT,
  facts TEXT,
  detector TEXT,
  notes TEXT NOT NULL DEFAULT ''
);
CREATE INDEX by_state ON cases (state, id);
CREATE INDEX by_hash ON cases (sha256);
";

/// What became of a case.
pub(crate) enum Outcome {
    Answered {
        answer: Box<Answer>,
        facts: Vec<Fact>,
        detector: Box<About>,
    },
    Failed(String),
    Cancelled,
}

/// The folder of cases, which is one process's alone.
pub(crate) struct Store {
    /// Where its files lie.
    pub places: Places,
    connection: Connection,
}

impl Store {
    /// Opens a folder; makes it where there is none. Cases that an end of the server interrupted wait again;
    /// files that belong to none go.
    pub(crate) fn open(folder: &Path) -> std::result::Result<Self, Error> {
        let io = |path: PathBuf| move |source| Error::Io { path, source };
        for part in ["", files::FILES, files::ANSWERS, files::INCOMING] {
            let path = folder.join(part);
            fs::create_dir_all(&path).map_err(io(path))?;
        }
        let path = folder.join(DATABASE);
        let wrong = |source: rusqlite::Error| match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::InUse {
                path: folder.to_owned(),
            },
            _ => Error::Store {
                path: folder.join(DATABASE),
                source,
            },
        };
        let connection = Connection::open(&path).map_err(wrong)?;
        let found = begin(&connection).map_err(wrong)?;
        if found > FORMAT {
            return Err(Error::Newer {
                path,
                found,
                known: FORMAT,
            });
        }
        let store = Self {
            places: Places::new(folder),
            connection,
        };
        store.recover().map_err(wrong)?;
        store.sweep().map_err(|error| match error {
            StoreError::Rows(source) => wrong(source),
            error => Error::Io {
                path: folder.to_owned(),
                source: std::io::Error::other(error),
            },
        })?;
        Ok(store)
    }

    /// Adds a case of a file that has arrived.
    pub(crate) fn add(
        &mut self,
        name: &str,
        incoming: Incoming,
        settings: &Settings,
    ) -> Result<i64> {
        let (sha256, bytes) = (incoming.sha256.clone(), incoming.bytes);
        incoming.keep(&self.places.file(&sha256))?;
        self.connection.execute(
            "INSERT INTO cases (name, sha256, bytes, settings, added, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                name,
                sha256,
                bytes as i64,
                serde_json::to_string(settings)?,
                now(),
                State::Queued.word()
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The case that waits the longest, which now runs.
    pub(crate) fn claim(&mut self) -> Result<Option<Case>> {
        let id = self.connection.query_row(
            "UPDATE cases SET state = 'running', begun = ?1, tries = tries + 1 WHERE id =
               (SELECT id FROM cases WHERE state = 'queued' ORDER BY id LIMIT 1) RETURNING id",
            [now()],
            |row| row.get(0),
        );
        match id.optional()? {
            Some(id) => self.case(id),
            None => Ok(None),
        }
    }

    /// Ends a running case; one that was deleted meanwhile stays so.
    pub(crate) fn end(&mut self, id: i64, outcome: &Outcome) -> Result<()> {
        let sql = "UPDATE cases SET state = ?2, ended = ?3, why = ?4, verdict = ?5, score = ?6, answer = ?7,
            facts = ?8, detector = ?9 WHERE id = ?1 AND state = 'running'";
        let ended = now();
        match outcome {
            Outcome::Answered {
                answer,
                facts,
                detector,
            } => self.connection.execute(
                sql,
                params![
                    id,
                    State::Done.word(),
                    ended,
                    None::<String>,
                    answer.verdict,
                    answer.score,
                    serde_json::to_string(answer)?,
                    serde_json::to_string(facts)?,
                    serde_json::to_string(detector)?
                ],
            )?,
            Outcome::Failed(why) => self.without_answer(sql, id, State::Failed, Some(why))?,
            Outcome::Cancelled => self.without_answer(sql, id, State::Cancelled, None)?,
        };
        Ok(())
    }

    fn without_answer(
        &self,
        sql: &str,
        id: i64,
        state: State,
        why: Option<&String>,
    ) -> rusqlite::Result<usize> {
        let none = None::<String>;
        let row = params![
            id,
            state.word(),
            now(),
            why,
            none,
            None::<f64>,
            none,
            none,
            none
        ];
        self.connection.execute(sql, row)
    }

    /// Cancels a case that waits; whether it did.
    pub(crate) fn cancel_waiting(&mut self, id: i64) -> Result<bool> {
        let sql =
            "UPDATE cases SET state = 'cancelled', ended = ?2 WHERE id = ?1 AND state = 'queued'";
        Ok(self.connection.execute(sql, [id, now()])? > 0)
    }

    /// Puts a case that has no answer into the queue again; whether it could be.
    pub(crate) fn again(&mut self, id: i64) -> Result<bool> {
        let sql =
            "UPDATE cases SET state = 'queued', tries = 0, why = NULL, begun = NULL, ended = NULL
            WHERE id = ?1 AND state IN ('failed', 'cancelled')";
        Ok(self.connection.execute(sql, [id])? > 0)
    }

    /// Notes on a case; whether there is one.
    pub(crate) fn note(&mut self, id: i64, notes: &str) -> Result<bool> {
        let sql = "UPDATE cases SET notes = ?2 WHERE id = ?1";
        Ok(self.connection.execute(sql, params![id, notes])? > 0)
    }

    /// Deletes a case with all that is known of it; its file too, where no other case is of it. Whether there
    /// was one.
    pub(crate) fn delete(&mut self, id: i64) -> Result<bool> {
        let Some(case) = self.case(id)? else {
            return Ok(false);
        };
        self.connection
            .execute("DELETE FROM cases WHERE id = ?1", [id])?;
        // The write-ahead log would keep it.
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        files::remove_folder(&self.places.answers(id))?;
        let sha256 = &case.row.sha256;
        let others: i64 = self.connection.query_row(
            "SELECT count(*) FROM cases WHERE sha256 = ?1",
            [sha256],
            |row| row.get(0),
        )?;
        if others == 0 {
            files::remove(&self.places.file(sha256))?;
        }
        Ok(true)
    }

    /// Adds a case that has its answer already.
    pub(crate) fn restore(&mut self, case: Imported) -> Result<i64> {
        let id = self.add(&case.name, case.file, &case.settings)?;
        // Nobody can claim it: whoever does has to have the store.
        let folder = self.places.fresh_answers(id)?;
        for (name, bytes) in &case.pictures {
            fs::write(folder.join(name), bytes)?;
        }
        self.note(id, &case.notes)?;
        let running = "UPDATE cases SET state = 'running' WHERE id = ?1";
        self.connection.execute(running, [id])?;
        let outcome = Outcome::Answered {
            answer: Box::new(case.answer),
            facts: case.facts,
            detector: Box::new(case.detector),
        };
        self.end(id, &outcome)?;
        Ok(id)
    }

    /// A case.
    pub(crate) fn case(&self, id: i64) -> Result<Option<Case>> {
        rows::case(&self.connection, id)
    }

    /// What a list tells of a case.
    pub(crate) fn row(&self, id: i64) -> Result<Option<Row>> {
        rows::row(&self.connection, id)
    }

    /// Cases in whose name, notes, hash, state or verdict a text stands, the newest first, at most so many,
    /// from below a number on.
    pub(crate) fn list(&self, text: &str, below: Option<i64>, most: usize) -> Result<Vec<Row>> {
        rows::list(&self.connection, text, below, most)
    }

    /// How many cases are in a state.
    pub(crate) fn count(&self, state: State) -> Result<usize> {
        let sql = "SELECT count(*) FROM cases WHERE state = ?1";
        let count: i64 = (self.connection).query_row(sql, [state.word()], |row| row.get(0))?;
        Ok(count as usize)
    }

    /// Cases that were interrupted wait again, or have failed where that has happened too often.
    fn recover(&self) -> rusqlite::Result<()> {
        self.connection.execute(
            "UPDATE cases SET state = 'failed', ended = ?1, why = ?2 WHERE state = 'running' AND tries >= ?3",
            params![
                now(),
                format!("the server ended {TRIES} times while this file was read"),
                TRIES
            ],
        )?;
        self.connection.execute(
            "UPDATE cases SET state = 'queued' WHERE state = 'running'",
            [],
        )?;
        Ok(())
    }

    /// Removes files that no case knows, which a sudden end leaves.
    fn sweep(&self) -> Result<()> {
        let exists = |sql: &str, of: &dyn rusqlite::ToSql| {
            let found = self.connection.query_row(sql, [of], |_| Ok(()));
            found.optional().map(|found| found.is_some())
        };
        for name in files::names(&self.places.folder.join(files::FILES))? {
            if !exists("SELECT 1 FROM cases WHERE sha256 = ?1", &name)? {
                files::remove(&self.places.folder.join(files::FILES).join(&name))?;
            }
        }
        for name in files::names(&self.places.folder.join(files::ANSWERS))? {
            let id = name.parse::<i64>().unwrap_or(0);
            if !exists("SELECT 1 FROM cases WHERE id = ?1", &id)? {
                files::remove_folder(&self.places.folder.join(files::ANSWERS).join(&name))?;
            }
        }
        for name in files::names(&self.places.folder.join(files::INCOMING))? {
            files::remove(&self.places.folder.join(files::INCOMING).join(&name))?;
        }
        Ok(())
    }
}

/// Takes the database for this process alone, and makes its tables where it is new; its format.
fn begin(connection: &Connection) -> rusqlite::Result<i64> {
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is deleted is overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == 0 {
        connection.execute_batch(TABLES)?;
        connection.pragma_update(None, "user_version", FORMAT)?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(found.max(FORMAT))
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests;
