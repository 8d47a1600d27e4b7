//! Files of a case: its own, what shows its answer, and all of it to take along.

use std::{io, path::PathBuf, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::task::spawn_blocking;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::reply::Failure;
use crate::{app::App, export, import::is_shown, pages, store::Case};

/// Nothing in a file that somebody sent is run.
const SANDBOX: &str = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'";

type Shared = State<Arc<App>>;

/// `GET /cases/{id}/file`: what was sent, as what it is if a browser can show it.
pub(crate) async fn original(
    State(app): Shared,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Response, Failure> {
    let (case, _) = found(&app, id).await?;
    let path = app
        .store(move |store| Ok(store.places.file(&case.row.sha256)))
        .await?;
    let read = path.clone();
    let kind = spawn_blocking(move || kind_of(&read)).await.ok().flatten();
    let mut response = served(&path, request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(kind.unwrap_or("application/octet-stream")),
    );
    if kind.is_none() {
        let name = format!("attachment; filename=\"case-{id}\"");
        insert(&mut response, header::CONTENT_DISPOSITION, &name);
    }
    insert(&mut response, header::CONTENT_SECURITY_POLICY, SANDBOX);
    Ok(response)
}

/// `GET /cases/{id}/answer/{name}`: a picture or a table that shows the answer.
pub(crate) async fn of_answer(
    State(app): Shared,
    Path((id, name)): Path<(i64, String)>,
    request: Request,
) -> Result<Response, Failure> {
    let kind = match name.rsplit_once('.') {
        Some((_, "png")) => "image/png",
        Some((_, "jpg")) => "image/jpeg",
        Some((_, "csv")) => "text/csv; charset=utf-8",
        _ => "",
    };
    if !is_shown(&name) {
        return Err(Failure::new(StatusCode::NOT_FOUND, "there is no such file"));
    }
    let (_, folder) = found(&app, id).await?;
    let mut response = served(&folder.join(&name), request).await;
    insert(&mut response, header::CONTENT_TYPE, kind);
    insert(&mut response, header::CONTENT_SECURITY_POLICY, SANDBOX);
    if kind.starts_with("text/csv") {
        let name = format!("attachment; filename=\"case-{id}.csv\"");
        insert(&mut response, header::CONTENT_DISPOSITION, &name);
    }
    Ok(response)
}

/// `GET /cases/{id}/report`: the case as a page that needs no other file.
pub(crate) async fn report(State(app): Shared, Path(id): Path<i64>) -> Result<Response, Failure> {
    let (case, folder) = found(&app, id).await?;
    let text = spawn_blocking(move || pages::report(&app, &case, &folder)).await;
    let text = text.map_err(|error| Failure::inside(&error))?;
    let mut response = axum::response::Html(text).into_response();
    insert(&mut response, header::CONTENT_SECURITY_POLICY, SANDBOX);
    Ok(response)
}

/// `GET /cases/{id}/export`: all of a case as a ZIP.
pub(crate) async fn exported(State(app): Shared, Path(id): Path<i64>) -> Result<Response, Failure> {
    let (case, folder) = found(&app, id).await?;
    let sha256 = case.row.sha256.clone();
    let (file, place) = app
        .store(move |store| Ok((store.places.file(&sha256), store.places.incoming())))
        .await?;
    let made = spawn_blocking(move || {
        let page = pages::report(&app, &case, &folder);
        let json = serde_json::to_vec_pretty(&super::json::WholeJob::new(&app, case.clone()))?;
        let parts = export::Parts {
            case: &case,
            json: &json,
            page: &page,
            file: &file,
            answers: &folder,
        };
        export::zip(&parts, &place)
    });
    let made = made.await.map_err(io::Error::other).flatten();
    let archive = made.map_err(|error| match crate::store::is_full(&error) {
        true => Failure::full(),
        false => Failure::inside(&error),
    })?;
    let length = archive
        .metadata()
        .map_err(|error| Failure::inside(&error))?
        .len();
    let body = Body::from_stream(export::pieces(tokio::fs::File::from_std(archive)));
    let mut response = Response::new(body);
    insert(&mut response, header::CONTENT_TYPE, "application/zip");
    insert(&mut response, header::CONTENT_LENGTH, &length.to_string());
    let name = format!("attachment; filename=\"case-{id}.zip\"");
    insert(&mut response, header::CONTENT_DISPOSITION, &name);
    Ok(response)
}

/// A case and the folder of what shows its answer.
async fn found(app: &Arc<App>, id: i64) -> Result<(Case, PathBuf), Failure> {
    let found = app.store(move |store| Ok((store.case(id)?, store.places.answers(id))));
    let (case, folder) = found.await?;
    Ok((case.ok_or_else(|| Failure::no_case(id))?, folder))
}

/// A file, or the part of it that is asked for.
async fn served(path: &std::path::Path, request: Request) -> Response {
    match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What a browser may be told that a file is; nothing of all that it might run, or does not show.
fn kind_of(path: &std::path::Path) -> Option<&'static str> {
    use std::io::Read;
    let mut head = [0; 32];
    let mut file = std::fs::File::open(path).ok()?;
    let length = file.read(&mut head).ok()?;
    let head = &head[..length];
    let at =
        |place: usize, mark: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(mark));
    let kinds: [(bool, &str); 8] = [
        (at(0, b"\xff\xd8\xff"), "image/jpeg"),
        (at(0, b"\x89PNG\r\n"), "image/png"),
        (at(0, b"GIF8"), "image/gif"),
        (at(0, b"RIFF") && at(8, b"WEBP"), "image/webp"),
        (at(4, b"ftypavif"), "image/avif"),
        (at(4, b"ftypqt  "), "video/quicktime"),
        (
            at(4, b"ftyp") && !at(4, b"ftyphe") && !at(4, b"ftypmif1"),
            "video/mp4",
        ),
        (at(0, b"\x1a\x45\xdf\xa3"), "video/webm"),
    ];
    kinds.into_iter().find_map(|(is, kind)| is.then_some(kind))
}
