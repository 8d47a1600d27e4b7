//! Pages: of all cases, of one, and its report, which needs no other file.

mod view;

use std::path::Path;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::{app::App, protocol::About, store::Case};
use view::View;

/// What the workbench adds to the style and to the script of answers.
const OWN_STYLE: &str = include_str!("../../assets/workbench.css");
const OWN_SCRIPT: &str = include_str!("../../assets/workbench.js");

/// The style of all pages.
pub(crate) fn style() -> String {
    format!("{}\n{OWN_STYLE}", answer_page::style())
}

/// The script of all pages.
pub(crate) fn script() -> String {
    format!("{}\n{OWN_SCRIPT}", answer_page::SCRIPT)
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index<'a> {
    about: &'a About,
    most_bytes: u64,
}

/// The page of all cases.
pub(crate) fn index(app: &App) -> String {
    let page = Index {
        about: &app.about,
        most_bytes: app.options.limits.most_bytes,
    };
    written(&page)
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage<'a> {
    view: &'a View,
}

/// The page of a case.
pub(crate) fn case(app: &App, case: &Case, folder: &Path) -> String {
    let view = View::new(app, case, folder, false);
    written(&CasePage { view: &view })
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    view: &'a View,
    style: String,
}

/// The report of a case.
pub(crate) fn report(app: &App, case: &Case, folder: &Path) -> String {
    let view = View::new(app, case, folder, true);
    written(&Report {
        view: &view,
        style: style(),
    })
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    status: StatusCode,
    why: &'a str,
}

/// What a person is told of a refusal.
pub(crate) fn failure(status: StatusCode, why: &str) -> Response {
    (status, Html(written(&FailurePage { status, why }))).into_response()
}

fn written(page: &impl Template) -> String {
    page.render().unwrap_or_else(|error| error.to_string())
}
