//! Files that arrive.

use std::{fmt::Display, future::Future, io, num::NonZeroUsize, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use tokio::{task::spawn_blocking, time::timeout};

use super::{
    json::Job,
    reply::{Failure, Json},
};
use crate::{
    app::App,
    import::{self, ImportError},
    protocol::Settings,
    store::{Arriving, Incoming, Row, State as Now, is_full},
};

/// Bytes that are gathered before they are written.
const GATHERED: usize = 1 << 20;

/// What a form adds to the file in it.
const FORM: u64 = 64 << 10;

/// Characters of a name.
const LONGEST: usize = 200;

/// The most frames of a film that one may ask for.
const MOST_FRAMES: usize = 10_000;

/// What may stand behind the address.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    name: Option<String>,
    frames: Option<NonZeroUsize>,
    whole: bool,
    any_compression: bool,
}

/// `POST /api/v1/jobs`: a form with one file, or the file itself with `?name=`.
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Failure> {
    let settings = settings(&asked)?;
    let limits = app.options.limits;
    let declared = length(request.headers());
    if declared.is_some_and(|bytes| bytes > limits.most_bytes.saturating_add(FORM)) {
        return Err(too_large(limits.most_bytes));
    }
    room(&app).await?;
    let Ok(_place) = app.uploads.try_acquire() else {
        let why = format!("{} files are arriving already", limits.uploads);
        return Err(Failure::busy(&why, 2));
    };
    let arriving = arrive(&app, request, asked.name);
    let (name, incoming) = timeout(limits.upload_time, arriving)
        .await
        .map_err(|_| slow())??;
    // Others may have come first while it arrived.
    room(&app).await?;
    let added = app.store(move |store| {
        let id = store.add(&name, incoming, &settings)?;
        store.row(id)
    });
    let Some(row) = added.await? else {
        return Err(Failure::new(StatusCode::GONE, "it was deleted at once"));
    };
    app.wake.notify_one();
    created(&app, row)
}

/// `POST /api/v1/import`: the ZIP of a case, in a form or bare.
pub(crate) async fn import(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Failure> {
    let limits = app.options.limits;
    let Ok(_place) = app.uploads.try_acquire() else {
        let why = format!("{} files are arriving already", limits.uploads);
        return Err(Failure::busy(&why, 2));
    };
    let arriving = arrive(&app, request, None);
    let arrived = timeout(limits.upload_time, arriving).await;
    let (_, archive) = arrived.map_err(|_| slow())??;
    let folder = app.store(|store| Ok(store.places.incoming())).await?;
    let read = spawn_blocking(move || import::read(archive.reopen()?, limits.most_bytes, &folder));
    let read = read.await.map_err(|error| Failure::inside(&error))?;
    let mut case = read.map_err(|error| match &error {
        ImportError::Io(inner) if is_full(inner) => Failure::full(),
        _ => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
    })?;
    case.name = cleaned(&case.name);
    let id = app.store(move |store| store.restore(case)).await?;
    let row = app.store(move |store| store.row(id)).await?;
    created(&app, row.ok_or_else(|| Failure::no_case(id))?)
}

/// The answer to whoever sent a case.
fn created(app: &App, row: Row) -> Result<Response, Failure> {
    app.changed(row.id);
    let place = [(header::LOCATION, format!("/api/v1/jobs/{}", row.id))];
    Ok((StatusCode::CREATED, place, Json(Job::new(app, row))).into_response())
}

fn settings(asked: &Asked) -> Result<Settings, Failure> {
    let usual = Settings::default();
    let frames = asked.frames.unwrap_or(usual.frames);
    if frames.get() > MOST_FRAMES {
        let why = format!("frames: {MOST_FRAMES} are the most");
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    Ok(Settings {
        frames,
        whole: asked.whole,
        any_compression: asked.any_compression,
    })
}

/// Whether one more may wait.
async fn room(app: &Arc<App>) -> Result<(), Failure> {
    let waiting = app.store(|store| store.count(Now::Queued)).await?;
    match waiting < app.options.limits.queue {
        true => Ok(()),
        false => Err(Failure::busy(&format!("{waiting} files wait already"), 30)),
    }
}

/// Takes the file of a request: its name, and the file.
async fn arrive(
    app: &Arc<App>,
    request: Request,
    name: Option<String>,
) -> Result<(String, Incoming), Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        let body: Body = request.into_body();
        let incoming = receive(app, body.into_data_stream()).await?;
        return Ok((cleaned(name.as_deref().unwrap_or_default()), incoming));
    }
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|error| broken(&error))?;
    let mut found = None;
    while let Some(field) = in_time(app, form.next_field())
        .await?
        .map_err(|error| broken(&error))?
    {
        let Some(named) = field.file_name().map(str::to_owned) else {
            let why = "the form has something besides its file: settings stand in the address, as `?frames=100`";
            return Err(Failure::new(StatusCode::BAD_REQUEST, why));
        };
        if found.is_some() {
            let why = "one file a request: send the others by requests of their own";
            return Err(Failure::new(StatusCode::BAD_REQUEST, why));
        }
        let name = cleaned(name.as_deref().unwrap_or(&named));
        found = Some((name, receive(app, field).await?));
    }
    found.ok_or_else(|| {
        let why = "no file in the form: send it as `-F file=@NAME`";
        Failure::new(StatusCode::BAD_REQUEST, why)
    })
}

/// Takes a file, piece by piece, while it is not too large and not too slow.
async fn receive<E: Display>(
    app: &Arc<App>,
    mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Incoming, Failure> {
    let folder = app.store(|store| Ok(store.places.incoming())).await?;
    let mut arriving = blocking(move || Incoming::begin(&folder)).await?;
    let mut gathered = Vec::new();
    loop {
        let piece = in_time(app, pieces.next()).await?.transpose();
        let piece = piece.map_err(|error| broken(&error))?;
        gathered.extend_from_slice(piece.as_deref().unwrap_or_default());
        let most = app.options.limits.most_bytes;
        if arriving.bytes() + gathered.len() as u64 > most {
            return Err(too_large(most));
        }
        if piece.is_none() || gathered.len() >= GATHERED {
            let bytes = std::mem::take(&mut gathered);
            arriving = blocking(move || pushed(arriving, &bytes)).await?;
        }
        if piece.is_none() {
            break;
        }
    }
    if arriving.bytes() == 0 {
        return Err(Failure::new(StatusCode::BAD_REQUEST, "the file is empty"));
    }
    blocking(move || arriving.finish()).await
}

fn pushed(mut arriving: Arriving, bytes: &[u8]) -> io::Result<Arriving> {
    arriving.push(bytes)?;
    Ok(arriving)
}

/// Does something with files, without blocking anyone.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let done = spawn_blocking(work).await;
    let done = done.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| match is_full(&error) {
        true => Failure::full(),
        false => Failure::inside(&error),
    })
}

async fn in_time<T>(app: &App, coming: impl Future<Output = T>) -> Result<T, Failure> {
    let pause = app.options.limits.upload_pause;
    timeout(pause, coming).await.map_err(|_| slow())
}

/// A name for people: in one line, of moderate length, and in the direction in which it is read. It is never
/// a path.
fn cleaned(name: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let tame = name
        .trim()
        .chars()
        .map(|c| if odd(c) { '\u{fffd}' } else { c });
    match tame.take(LONGEST).collect::<String>() {
        name if name.is_empty() => "unnamed".into(),
        name => name,
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn too_large(most: u64) -> Failure {
    let why = format!("the file is larger than the {most} bytes that are allowed");
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, why)
}

fn slow() -> Failure {
    Failure::new(StatusCode::REQUEST_TIMEOUT, "the file arrives too slowly")
}

fn broken(error: &dyn Display) -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        format!("the file did not arrive whole: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_for_people() {
        assert_eq!(cleaned(" a/b.jpg "), "a/b.jpg");
        assert_eq!(cleaned("a\n\u{202e}gpj.exe"), "a\u{fffd}\u{fffd}gpj.exe");
        assert_eq!(cleaned(""), "unnamed");
        assert_eq!(cleaned(&"ä".repeat(999)).chars().count(), LONGEST);
    }
}
