//! Rows of the store, read.

use rusqlite::{Connection, OptionalExtension, Row as SqlRow};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::error::Result;
use crate::protocol::{About, Settings};
use answers::Answer;
use provenance::Fact;

/// Where a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As it stands in the database and in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more comes of it.
    pub(crate) fn is_end(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    fn of(word: &str) -> Self {
        let known = Self::ALL.into_iter().find(|state| state.word() == word);
        known.unwrap_or(Self::Failed)
    }
}

/// What a list tells of a case.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub id: i64,
    pub name: String,
    pub sha256: String,
    pub bytes: u64,
    /// Milliseconds since 1970, as the two that follow.
    pub added: i64,
    pub begun: Option<i64>,
    pub ended: Option<i64>,
    pub state: State,
    /// Why it failed.
    pub why: Option<String>,
    pub verdict: Option<String>,
    pub score: Option<f64>,
    pub notes: String,
    /// Cases that wait and come first.
    pub before: usize,
}

/// All that is known of a case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub row: Row,
    pub settings: Settings,
    pub answer: Option<Answer>,
    pub facts: Vec<Fact>,
    pub detector: Option<About>,
}

const COLUMNS: &str =
    "id, name, sha256, bytes, added, begun, ended, state, why, verdict, score, notes,
    CASE state WHEN 'queued' THEN
      (SELECT count(*) FROM cases AS first WHERE first.state = 'queued' AND first.id < cases.id)
    ELSE 0 END";

/// A case.
pub(super) fn case(connection: &Connection, id: i64) -> Result<Option<Case>> {
    let sql =
        format!("SELECT {COLUMNS}, settings, answer, facts, detector FROM cases WHERE id = ?1");
    let found = connection.query_row(&sql, [id], |row| {
        let text = |column: usize| row.get::<_, Option<String>>(column);
        Ok((read(row)?, text(13)?, text(14)?, text(15)?, text(16)?))
    });
    let Some((row, settings, answer, facts, detector)) = found.optional()? else {
        return Ok(None);
    };
    Ok(Some(Case {
        row,
        settings: parse(settings)?.unwrap_or_default(),
        answer: parse(answer)?,
        facts: parse(facts)?.unwrap_or_default(),
        detector: parse(detector)?,
    }))
}

/// What a list tells of a case.
pub(super) fn row(connection: &Connection, id: i64) -> Result<Option<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM cases WHERE id = ?1");
    Ok(connection.query_row(&sql, [id], read).optional()?)
}

/// Cases in whose name, notes, hash or verdict a text stands, the newest first, at most so many, from
/// below a number on.
pub(super) fn list(
    connection: &Connection,
    text: &str,
    below: Option<i64>,
    most: usize,
) -> Result<Vec<Row>> {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    let like = format!("%{escaped}%");
    let sql = format!(
        "SELECT {COLUMNS} FROM cases WHERE id < ?1 AND (name LIKE ?2 ESCAPE '\\' OR notes LIKE ?2 ESCAPE '\\'
           OR sha256 LIKE ?2 ESCAPE '\\' OR verdict LIKE ?2 ESCAPE '\\' OR state LIKE ?2 ESCAPE '\\')
         ORDER BY id DESC LIMIT ?3"
    );
    let mut asked = connection.prepare_cached(&sql)?;
    let below = below.unwrap_or(i64::MAX);
    let rows = asked.query_map((below, like, most as i64), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        id: row.get(0)?,
        name: row.get(1)?,
        sha256: row.get(2)?,
        bytes: row.get::<_, i64>(3)? as u64,
        added: row.get(4)?,
        begun: row.get(5)?,
        ended: row.get(6)?,
        state: State::of(&row.get::<_, String>(7)?),
        why: row.get(8)?,
        verdict: row.get(9)?,
        score: row.get(10)?,
        notes: row.get(11)?,
        before: row.get::<_, i64>(12)? as usize,
    })
}

fn parse<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>> {
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}
