//! Whatever is sent to the workbench's API, the answer is no fault of the server, a refusal says why in JSON, and
//! it goes on answering.
#![no_main]

use std::{
    net::Ipv4Addr,
    num::NonZeroUsize,
    sync::{Arc, LazyLock},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use workbench::{Limits, Options, protocol::About, router};

/// Bytes of an answer that are read.
const MOST: usize = 64 << 20;

struct Bench {
    runtime: Runtime,
    router: Router,
    _data: TempDir,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let data = tempfile::tempdir().expect("a folder");
    let options = Options {
        address: (Ipv4Addr::LOCALHOST, 80).into(),
        hosts: Vec::new(),
        token: None,
        data: data.path().to_owned(),
        worker: Vec::new(),
        workers: NonZeroUsize::MIN,
        limits: Limits {
            most_bytes: 1 << 20,
            ..Limits::default()
        },
        repeat: Arc::new(|_| "detect FILE".into()),
    };
    let runtime = Builder::new_current_thread().enable_all().build();
    Bench {
        runtime: runtime.expect("a runtime"),
        router: router(options, About::default(), |_| {}).expect("a store"),
        _data: data,
    }
});

/// Asks; the status, and what came back.
fn ask(method: &str, path: &str, kind: &str, body: &[u8]) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Host", "localhost")
        .header("Content-Type", kind)
        .body(Body::from(body.to_vec()));
    let Ok(request) = request else {
        return (StatusCode::BAD_REQUEST, Value::Null);
    };
    BENCH.runtime.block_on(async {
        let Ok(response) = BENCH.router.clone().oneshot(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), MOST).await;
        let bytes = bytes.expect("the answer is whole");
        let said = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
            panic!("{method} {path}: {status}: {error}: {bytes:?}");
        });
        (status, said)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Some((what, body)) = bytes.split_first() else {
        return;
    };
    let json = "application/json";
    let (status, said) = match what % 6 {
        0 => ask("POST", "/api/v1/jobs", "multipart/form-data; boundary=x", body),
        1 => ask("POST", "/api/v1/jobs?name=x", "application/octet-stream", body),
        2 => {
            let (_, added) = ask("POST", "/api/v1/jobs?name=x", "image/png", b"x");
            let path = format!("/api/v1/jobs/{}", added["id"]);
            let (status, _) = ask("PATCH", &path, json, body);
            assert!(!status.is_server_error(), "{status}");
            // What may have been written comes back whole.
            let (status, job) = ask("GET", &path, json, b"");
            assert!(status.is_success() && job["notes"].is_string(), "{job}");
            (status, job)
        }
        3 => ask("POST", "/api/v1/import", "application/zip", body),
        4 => {
            let query = String::from_utf8_lossy(body);
            ask("POST", &format!("/api/v1/jobs?{query}"), "image/png", b"x")
        }
        _ => {
            let query = String::from_utf8_lossy(body);
            ask("GET", &format!("/api/v1/jobs?{query}"), json, b"")
        }
    };
    assert!(!status.is_server_error(), "{status}: {said}");
    if status.is_client_error() && !said.is_null() {
        assert!(said["error"].is_string(), "{status}: {said}");
    }
    if let Some(id) = said["id"].as_i64() {
        let (status, said) = ask("DELETE", &format!("/api/v1/jobs/{id}"), json, b"");
        assert!(status.is_success(), "{status}: {said}");
    }
});
