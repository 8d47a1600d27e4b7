//! Pages for people.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Html,
};
use tokio::task::spawn_blocking;

use super::reply::Failure;
use crate::{app::App, pages};

/// `GET /`
pub(crate) async fn index(State(app): State<Arc<App>>) -> Html<String> {
    Html(pages::index(&app))
}

/// `GET /cases/{id}`
pub(crate) async fn case(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
) -> Result<Html<String>, Failure> {
    let found = app
        .store(move |store| Ok((store.case(id)?, store.places.answers(id))))
        .await?;
    let (Some(case), folder) = found else {
        return Err(Failure::no_case(id));
    };
    let page = spawn_blocking(move || pages::case(&app, &case, &folder)).await;
    page.map(Html).map_err(|error| Failure::inside(&error))
}
