//! What can be asked for, and where.

mod events;
mod files;
mod guard;
mod jobs;
mod json;
mod reply;
mod upload;
mod views;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    middleware,
    response::IntoResponse,
    routing::{get, post},
};

use crate::{app::App, pages};
use reply::Failure;

const OPENAPI: &str = include_str!("../../assets/openapi.json");

/// All that can be asked for.
pub(crate) fn router(app: Arc<App>) -> Router {
    let fixed = |kind: &'static str, text: Bytes| {
        get(move || {
            let text = text.clone();
            async move { ([(header::CONTENT_TYPE, kind)], text) }
        })
    };
    let api = Router::new()
        .route(
            "/jobs",
            get(jobs::list)
                .post(upload::submit)
                .layer(DefaultBodyLimit::disable()),
        )
        .route(
            "/jobs/{id}",
            get(jobs::one).patch(jobs::note).delete(jobs::delete),
        )
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/jobs/{id}/again", post(jobs::again))
        .route("/jobs/{id}/events", get(events::of_one))
        .route("/jobs/{id}/export", get(files::exported))
        .route(
            "/import",
            post(upload::import).layer(DefaultBodyLimit::disable()),
        )
        .route("/events", get(events::of_all))
        .route("/status", get(jobs::status))
        .route("/openapi.json", fixed("application/json", OPENAPI.into()));
    Router::new()
        .nest("/api/v1", api)
        .route("/", get(views::index))
        .route("/cases/{id}", get(views::case))
        .route("/cases/{id}/file", get(files::original))
        .route("/cases/{id}/answer/{name}", get(files::of_answer))
        .route("/cases/{id}/report", get(files::report))
        .route("/cases/{id}/export", get(files::exported))
        .route(
            "/workbench.js",
            fixed("text/javascript; charset=utf-8", pages::script().into()),
        )
        .route(
            "/workbench.css",
            fixed("text/css; charset=utf-8", pages::style().into()),
        )
        .fallback(nothing)
        .method_not_allowed_fallback(no_method)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::guard,
        ))
        .with_state(app)
}

async fn nothing() -> impl IntoResponse {
    Failure::new(StatusCode::NOT_FOUND, "there is nothing at this address")
}

async fn no_method() -> impl IntoResponse {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "this cannot be done here")
}
