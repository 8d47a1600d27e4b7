//! A case in JSON, as the API and its events tell it.

use answers::{Answer, in_words};
use provenance::Fact;
use serde::Serialize;

use crate::{
    app::App,
    protocol::{About, Settings},
    store::{Case, Row, State},
    time::rfc3339,
};

/// The version of the API's format.
pub(crate) const SCHEMA: u32 = 1;

/// What a list and the events tell of a case.
#[derive(Serialize)]
pub(crate) struct Job {
    schema: u32,
    pub id: i64,
    name: String,
    sha256: String,
    bytes: u64,
    state: State,
    added: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    begun: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// Cases that come first, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    /// The verdict for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_words: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    notes: String,
    page: String,
}

/// How far it is.
#[derive(Serialize)]
struct Progress {
    done: u64,
    total: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_left: Option<f64>,
}

/// All of a case.
#[derive(Serialize)]
pub(crate) struct WholeJob {
    #[serde(flatten)]
    job: Job,
    settings: Settings,
    /// The folder of the pictures that the answer names.
    pictures: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    facts: Vec<Fact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detector: Option<About>,
}

impl Job {
    pub(crate) fn new(app: &App, row: Row) -> Self {
        let progress = app.progress(row.id).map(|progress| {
            let pace = progress.pace();
            Progress {
                done: progress.done,
                total: progress.total,
                per_second: pace.map(|(rate, _)| rate),
                seconds_left: pace.map(|(_, left)| left.as_secs_f64()),
            }
        });
        Self {
            schema: SCHEMA,
            page: format!("/cases/{}", row.id),
            id: row.id,
            name: row.name,
            sha256: row.sha256,
            bytes: row.bytes,
            added: rfc3339(row.added),
            begun: row.begun.map(rfc3339),
            ended: row.ended.map(rfc3339),
            before: (row.state == State::Queued).then_some(row.before),
            progress: progress.filter(|_| row.state == State::Running),
            state: row.state,
            why: row.why,
            in_words: row.verdict.as_deref().map(in_words),
            verdict: row.verdict,
            score: row.score,
            notes: row.notes,
        }
    }
}

impl WholeJob {
    pub(crate) fn new(app: &App, case: Case) -> Self {
        Self {
            pictures: format!("/cases/{}/answer/", case.row.id),
            job: Job::new(app, case.row),
            settings: case.settings,
            answer: case.answer,
            facts: case.facts,
            detector: case.detector,
        }
    }
}
