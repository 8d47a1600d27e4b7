//! `/api/v1/jobs`: what there is, changed and deleted.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::{Path, Query, Request, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    json::{Job, WholeJob},
    reply::{Failure, Json},
};
use crate::{app::App, store::State as Now};

/// Cases of a page of a list, unless told, and at most.
const PAGE: usize = 100;
const LONGEST_PAGE: usize = 1000;

/// Bytes of a body that is no file.
const BODY: usize = 256 << 10;

/// Characters of notes.
const NOTES: usize = 50_000;

type Shared = State<Arc<App>>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Listed {
    /// A text to look for.
    search: String,
    /// Only cases before this one.
    below: Option<i64>,
    most: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Jobs {
    jobs: Vec<Job>,
    /// Cases that wait.
    waiting: usize,
}

/// `GET /api/v1/jobs`
pub(crate) async fn list(
    State(app): Shared,
    Query(listed): Query<Listed>,
) -> Result<Json<Jobs>, Failure> {
    let most = listed.most.unwrap_or(PAGE);
    if most > LONGEST_PAGE {
        let why = format!("most: {LONGEST_PAGE} cases at a time");
        return Err(Failure::new(StatusCode::BAD_REQUEST, why));
    }
    let found = app.store(move |store| {
        let rows = store.list(&listed.search, listed.below, most)?;
        Ok((rows, store.count(Now::Queued)?))
    });
    let (rows, waiting) = found.await?;
    Ok(Json(Jobs {
        jobs: rows.into_iter().map(|row| Job::new(&app, row)).collect(),
        waiting,
    }))
}

/// `GET /api/v1/jobs/{id}`
pub(crate) async fn one(
    State(app): Shared,
    Path(id): Path<i64>,
) -> Result<Json<WholeJob>, Failure> {
    let case = app.store(move |store| store.case(id)).await?;
    let case = case.ok_or_else(|| Failure::no_case(id))?;
    Ok(Json(WholeJob::new(&app, case)))
}

/// `PATCH /api/v1/jobs/{id}` with `{"notes": "..."}`.
pub(crate) async fn note(
    State(app): Shared,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Job>, Failure> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Notes {
        notes: String,
    }
    let body = to_bytes(request.into_body(), BODY).await;
    let body = body.map_err(|_| {
        let why = format!("more than {BODY} bytes");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, why)
    })?;
    let unfit = |why: String| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, why);
    let Notes { notes } =
        serde_json::from_slice(&body).map_err(|error| unfit(error.to_string()))?;
    if notes.chars().count() > NOTES {
        return Err(unfit(format!("notes: {NOTES} characters are the most")));
    }
    let noted = app.store(move |store| store.note(id, &notes)).await?;
    changed(&app, id, noted).await
}

/// `POST /api/v1/jobs/{id}/cancel`
pub(crate) async fn cancel(State(app): Shared, Path(id): Path<i64>) -> Result<Json<Job>, Failure> {
    let waited = app.store(move |store| store.cancel_waiting(id)).await?;
    let stopped = waited || app.stop(id).await;
    if !stopped {
        refuse(&app, id, "it has ended already").await?;
    }
    changed(&app, id, stopped).await
}

/// `POST /api/v1/jobs/{id}/again`
pub(crate) async fn again(State(app): Shared, Path(id): Path<i64>) -> Result<Json<Job>, Failure> {
    let waits = app.store(move |store| store.again(id)).await?;
    if !waits {
        refuse(&app, id, "it has an answer, or will have one").await?;
    }
    app.wake.notify_one();
    changed(&app, id, waits).await
}

/// `DELETE /api/v1/jobs/{id}`
pub(crate) async fn delete(
    State(app): Shared,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Failure> {
    // Once nobody can claim it any more, whoever looks at it is stopped.
    app.store(move |store| store.cancel_waiting(id)).await?;
    app.stop(id).await;
    match app.store(move |store| store.delete(id)).await? {
        true => {
            app.changed(id);
            Ok(Json(json!({ "deleted": id })))
        }
        false => Err(Failure::no_case(id)),
    }
}

/// Why something cannot be done with a case: it is not there, or has come too far.
async fn refuse(app: &Arc<App>, id: i64, why: &str) -> Result<(), Failure> {
    match app.store(move |store| store.row(id)).await? {
        Some(_) => Err(Failure::new(StatusCode::CONFLICT, why)),
        None => Err(Failure::no_case(id)),
    }
}

/// The case as it is now.
async fn changed(app: &Arc<App>, id: i64, is_there: bool) -> Result<Json<Job>, Failure> {
    let row = app.store(move |store| store.row(id)).await?;
    let row = row
        .filter(|_| is_there)
        .ok_or_else(|| Failure::no_case(id))?;
    app.changed(id);
    Ok(Json(Job::new(app, row)))
}

/// `GET /api/v1/status`
pub(crate) async fn status(State(app): Shared) -> Result<Json<Value>, Failure> {
    let found = app.store(|store| Ok((store.count(Now::Queued)?, store.count(Now::Running)?)));
    let (waiting, running) = found.await?;
    let limits = &app.options.limits;
    Ok(Json(json!({
        "schema": super::json::SCHEMA,
        "version": app.about.version,
        "detector": app.about,
        "waiting": waiting,
        "running": running,
        "limits": { "bytes": limits.most_bytes, "waiting": limits.queue, "uploads": limits.uploads },
    })))
}
