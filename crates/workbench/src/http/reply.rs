//! What is answered: JSON, and refusals that say what to do.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use crate::store::StoreError;

/// JSON.
pub(crate) struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
            Err(error) => Failure::inside(&error).into_response(),
        }
    }
}

/// A refusal: its status, and why in a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub status: StatusCode,
    pub why: String,
    /// After how many seconds to try again.
    pub retry: Option<u32>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self {
            status,
            why: why.into(),
            retry: None,
        }
    }

    pub(crate) fn no_case(id: i64) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no case {id}"))
    }

    pub(crate) fn busy(why: &str, seconds: u32) -> Self {
        Self {
            retry: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, why)
        }
    }

    pub(crate) fn full() -> Self {
        let why = "the disk is full: delete cases, or make room, and try again";
        Self::new(StatusCode::INSUFFICIENT_STORAGE, why)
    }

    pub(crate) fn inside(error: &dyn std::error::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error.is_full() {
            true => Self::full(),
            false => Self::inside(&error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let text = json!({ "error": self.why }).to_string();
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(seconds) = self.retry {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        // For whoever shows it to a person.
        response.extensions_mut().insert(self);
        response
    }
}
