//! Server-sent events: each case as it changes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{json::Job, reply::Failure};
use crate::app::App;

/// How often a silent stream says that it is there.
const ALIVE: Duration = Duration::from_secs(15);

/// `GET /api/v1/jobs/{id}/events`: the case as it is, and as it changes, until it has ended.
pub(crate) async fn of_one(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let changes = app.changes.subscribe();
    let there = app.store(move |store| store.row(id)).await?;
    there.ok_or_else(|| Failure::no_case(id))?;
    let watched = Watched {
        app,
        changes,
        only: Some(id),
        first: true,
        over: false,
    };
    Ok(told(watched))
}

/// `GET /api/v1/events`: every case that changes; `missed` where the reader was too slow.
pub(crate) async fn of_all(
    State(app): State<Arc<App>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = app.changes.subscribe();
    told(Watched {
        app,
        changes,
        only: None,
        first: false,
        over: false,
    })
}

/// Who listens to what.
struct Watched {
    app: Arc<App>,
    changes: Receiver<i64>,
    only: Option<i64>,
    /// Nothing was told yet.
    first: bool,
    over: bool,
}

fn told(watched: Watched) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::unfold(watched, |mut watched| async {
        let event = watched.next().await?;
        Some((Ok(event), watched))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))
}

impl Watched {
    /// The next event; nothing once there will be none.
    async fn next(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        let id = loop {
            if let (true, Some(only)) = (self.first, self.only) {
                self.first = false;
                break only;
            }
            match (self.changes.recv().await, self.only) {
                (Ok(id), Some(only)) if id != only => {}
                (Ok(id), _) => break id,
                (Err(RecvError::Lagged(_)), Some(only)) => break only,
                (Err(RecvError::Lagged(_)), None) => {
                    return Some(Event::default().event("missed").data("{}"));
                }
                (Err(RecvError::Closed), _) => return None,
            }
        };
        let row = self.app.store(move |store| store.row(id)).await.ok()?;
        let (name, text) = match row {
            Some(row) => {
                self.over = self.only.is_some() && row.state.is_end();
                (
                    "job",
                    serde_json::to_string(&Job::new(&self.app, row)).ok()?,
                )
            }
            None => {
                self.over = self.only.is_some();
                ("deleted", json!({ "id": id }).to_string())
            }
        };
        Some(Event::default().event(name).data(text))
    }
}
