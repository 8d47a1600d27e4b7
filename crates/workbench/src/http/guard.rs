//! Who may ask: by which name, from which page, with which token; and what a browser may do with what it
//! gets.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use sha2::{Digest, Sha256};

use super::reply::Failure;
use crate::{app::App, pages};

/// Bytes of a refusal.
const MOST: usize = 64 << 10;

/// The cookie that holds the token.
const COOKIE: &str = "workbench_token";

/// What a browser may do with a page: use nothing from elsewhere, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Lets a request through, or refuses it.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let for_person = accepts_html(request.headers()) && !request.uri().path().starts_with("/api/");
    let mut response = match allowed(&app, &request) {
        Ok(None) => in_json(next.run(request).await).await,
        Ok(Some(redirect)) => redirect,
        Err(failure) => failure.into_response(),
    };
    if let (true, Some(failure)) = (for_person, response.extensions().get::<Failure>()) {
        response = pages::failure(failure.status, &failure.why);
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    response
}

/// What the server's library refuses in plain text, as all other refusals are; its other headers stay.
async fn in_json(response: Response) -> Response {
    if response.extensions().get::<Failure>().is_some() || !response.status().is_client_error() {
        return response;
    }
    let (mut said, body) = response.into_parts();
    let why = to_bytes(body, MOST).await.unwrap_or_default();
    let failure = Failure::new(said.status, String::from_utf8_lossy(&why));
    let (refusal, body) = failure.into_response().into_parts();
    said.headers.remove(header::CONTENT_LENGTH);
    said.headers.extend(refusal.headers);
    said.extensions = refusal.extensions;
    Response::from_parts(said, body)
}

/// Whether a request may be answered; or where to go first.
fn allowed(app: &App, request: &Request) -> Result<Option<Response>, Failure> {
    let refused = |why: &str| Err(Failure::new(StatusCode::FORBIDDEN, why));
    let headers = request.headers();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // A page of another site whose name leads here (DNS rebinding) comes by that name.
    let host = match text(header::HOST) {
        Some(host) if is_ours(host, &app.options.hosts) => host,
        _ => {
            return refused(
                "this server is not called that; open it by the address that it printed",
            );
        }
    };
    if let Some(origin) = headers.get(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let origin = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        if origin != Some(host) {
            return refused("a page of another origin asked for this");
        }
    }
    // Opening a page by a link is fine; using it from elsewhere is not.
    let opened = request.method() == Method::GET && text(SEC_FETCH_MODE) == Some("navigate");
    if matches!(text(SEC_FETCH_SITE), Some("cross-site" | "same-site")) && !opened {
        return refused("a page of another site asked for this");
    }
    match &app.token {
        Some(token) => with_token(token, request),
        None => Ok(None),
    }
}

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the request knows the token; one that has it in its address gets it as a cookie.
fn with_token(token: &str, request: &Request) -> Result<Option<Response>, Failure> {
    let headers = request.headers();
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
    if bearer.is_some_and(|given| same(given, token))
        || cookies(headers).any(|given| same(given, token))
    {
        return Ok(None);
    }
    let query = request.uri().query().unwrap_or_default();
    let given = query
        .split('&')
        .find_map(|part| part.strip_prefix("token="));
    if request.uri().path() == "/" && given.is_some_and(|given| same(given, token)) {
        let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
        let set = [(header::SET_COOKIE, cookie)];
        return Ok(Some((set, Redirect::to("/")).into_response()));
    }
    let why = "a token is needed: open the address that the server printed, or send it as `Authorization: Bearer TOKEN`";
    Err(Failure::new(StatusCode::UNAUTHORIZED, why))
}

/// The tokens of the request's cookies.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let all = headers.get_all(header::COOKIE).into_iter();
    let texts = all.filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';'));
    pairs.filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Whether two texts are the same; how long it takes says nothing of where they differ.
fn same(given: &str, token: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(token)
}

/// Whether a `Host` is `localhost`, an address in digits, or a name that the server was told.
fn is_ours(host: &str, names: &[String]) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    match bare {
        Some(six) => six.parse::<Ipv6Addr>().is_ok(),
        None => {
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse::<IpAddr>()
                    .is_ok_and(|address| address.is_ipv4())
                || names.iter().any(|known| known.eq_ignore_ascii_case(name))
        }
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_here_are_not_ours_unless_told() {
        let ours = "localhost LOCALHOST:80 127.0.0.1:8080 192.168.1.7 [::1]:8080 [::1]";
        for host in ours.split(' ') {
            assert!(is_ours(host, &[]), "{host}");
        }
        let told = ["lab.example".to_owned()];
        assert!(is_ours("Lab.example:8080", &told));
        let others = "evil.example localhost.evil.example 127.0.0.1.evil.example:8080 :80 [::1 \
            evil.example:80@localhost localhost:x ::1 ";
        for host in others.split(' ') {
            assert!(!is_ours(host, &told), "{host}");
        }
    }
}
