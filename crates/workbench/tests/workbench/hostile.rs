//! What is not meant well.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::bench::{Bench, options};

#[test]
fn only_our_own_pages_may_ask() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let own = bench.address;
    for (headers, status) in [
        ("Host: evil.example\r\n".into(), 403),
        ("Host: localhost.evil.example:80\r\n".into(), 403),
        (
            format!("Host: {own}\r\nOrigin: http://evil.example\r\n"),
            403,
        ),
        (format!("Host: {own}\r\nOrigin: null\r\n"), 403),
        (
            format!("Host: {own}\r\nOrigin: http://127.0.0.1:1\r\n"),
            403,
        ),
        (
            format!("Host: {own}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"),
            403,
        ),
        (
            format!("Host: {own}\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n"),
            403,
        ),
        (
            format!("Host: {own}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"),
            200,
        ),
        (format!("Host: {own}\r\nOrigin: http://{own}\r\n"), 200),
        (format!("Host: localhost:{}\r\n", own.port()), 200),
    ] {
        assert_eq!(
            bench.ask("GET /", &headers, b"").status,
            status,
            "{headers}"
        );
        let sent = bench.ask("POST /api/v1/jobs?name=x", &headers, b"x");
        let expected = if status == 403 || headers.contains("navigate") {
            403
        } else {
            201
        };
        assert_eq!(sent.status, expected, "{headers}");
    }
    // Without a name there is no telling.
    assert_eq!(bench.raw(b"GET / HTTP/1.0\r\n\r\n").status, 403);
}

#[test]
fn elsewhere_a_token_is_needed() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.address = (Ipv4Addr::UNSPECIFIED, 0).into();
    let bench = Bench::with(options);
    let (_, token) = bench.url.split_once("?token=").expect("a token was drawn");
    assert_eq!(token.len(), 32);
    for path in [
        "/",
        "/api/v1/jobs",
        "/workbench.js",
        "/?token=wrong",
        "/?token=",
    ] {
        assert_eq!(bench.get(path).status, 401, "{path}");
    }
    let asked = |header: &str| bench.ask("GET /api/v1/jobs", header, b"").status;
    assert_eq!(asked(&format!("Authorization: Bearer {token}\r\n")), 200);
    assert_eq!(asked("Authorization: Bearer wrong\r\n"), 401);
    let given = bench.get(&format!("/?token={token}"));
    assert_eq!((given.status, given.header("location")), (303, Some("/")));
    let cookie = given.header("set-cookie").unwrap();
    assert!(
        cookie.contains("httponly") && cookie.contains("samesite=strict"),
        "{cookie}"
    );
    assert_eq!(
        asked(&format!("Cookie: a=b; workbench_token={token}\r\n")),
        200
    );
    assert_eq!(asked("Cookie: workbench_token=\r\n"), 401);
}

#[test]
fn names_are_text_and_never_paths() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let outside = data.path().join("outside");
    for (place, name) in [
        "../../outside",
        "/etc/passwd",
        "<img src=x onerror=alert(1)>.jpg",
        "a\u{0}b",
        "\"><b>",
    ]
    .iter()
    .enumerate()
    {
        let escaped: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let id = bench.send(&escaped, format!("{place}").as_bytes());
        bench.once(id, "done");
        let page = bench.get(&format!("/cases/{id}")).text();
        let report = bench.get(&format!("/cases/{id}/report")).text();
        for text in [page, report] {
            assert!(
                !text.contains("<img src=x")
                    && !text.contains("\"><b>")
                    && !text.contains("<script>"),
                "{text}"
            );
            assert!(!text.contains("<b>of"), "what a worker says is text too");
        }
        for file in fs::read_dir(data.path().join("files")).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(
                name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{name}"
            );
        }
    }
    assert!(!outside.exists());
    for path in [
        "/cases/1/answer/..%2f..%2fcases.sqlite",
        "/cases/1/answer/%2e%2e%2f1.png",
        "/cases/1/answer/..",
        "/cases/1/answer/../../cases.sqlite",
        "/cases/1/answer/.png",
        "/cases/1/answer/absent.png",
        "/cases/1/answer/a%00.png",
        "/../../etc/passwd",
        "/cases/x",
        "/cases/99999999999999999999",
    ] {
        let status = bench.get(path).status;
        assert!(status == 404 || status == 400, "{path}: {status}");
    }
}

#[test]
fn what_was_sent_is_never_run() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let id = bench.send("x.html", b"<script>alert(1)</script>");
    let file = bench.get(&format!("/cases/{id}/file"));
    assert_eq!(
        file.header("content-type"),
        Some("application/octet-stream")
    );
    assert!(
        file.header("content-disposition")
            .unwrap()
            .starts_with("attachment")
    );
    assert!(
        file.header("content-security-policy")
            .unwrap()
            .starts_with("sandbox")
    );
    for path in ["/", "/api/v1/jobs", "/nothing", &format!("/cases/{id}")] {
        let reply = bench.get(path);
        assert_eq!(
            reply.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            reply.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        let policy = reply.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
    }
}

#[test]
fn large_slow_and_broken_bodies_are_given_up() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.limits.upload_pause = Duration::from_millis(300);
    options.limits.most_bytes = 1000;
    let bench = Bench::with(options);
    let post = "POST /api/v1/jobs?name=x";
    let form = "Content-Type: multipart/form-data; boundary=edge\r\n";
    let part = |head: &str| {
        format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\nx\r\n--edge--\r\n")
    };
    let two = part("name=\"file\"; filename=\"a\"").replace("--edge--", "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b\"\r\n\r\ny\r\n--edge--");
    for (headers, body, status) in [
        ("Content-Length: 10737418240\r\n", "x".to_owned(), 413),
        ("", "x".repeat(1001), 413),
        ("Content-Length: 500\r\n", "only some".into(), 408),
        ("Content-Length: -1\r\n", "x".into(), 400),
        ("", String::new(), 400),
        ("Content-Type: multipart/form-data\r\n", "x".into(), 400),
        (form, "no form".into(), 400),
        (form, part("name=\"text\""), 400),
        (
            form,
            part("name=\"file\"; filename=\"\"").replace("\r\nx\r\n", "\r\n\r\n"),
            400,
        ),
        (form, two, 400),
        (
            form,
            part("name=\"frames\"").replace("--edge--\r\n", "")
                + &part("name=\"file\"; filename=\"a\""),
            400,
        ),
    ] {
        let reply = bench.ask(post, headers, body.as_bytes());
        assert_eq!(reply.status, status, "{headers}{body}: {}", reply.text());
    }
    for query in [
        "frames=0",
        "frames=99999999",
        "frames=x",
        "whole=maybe",
        "unknown=1",
    ] {
        let refused = bench.ask(&format!("{post}&{query}"), "", b"x");
        assert!(refused.json()["error"].is_string());
        let status = refused.status;
        assert!(status == 400 || status == 422, "{query}: {status}");
    }
    let list = |most: u32| bench.get(&format!("/api/v1/jobs?most={most}")).status;
    assert_eq!([list(1000), list(1001)], [200, 400]);
    assert_eq!(
        fs::read_dir(data.path().join("incoming")).unwrap().count(),
        0
    );
    assert_eq!(
        bench.json("/api/v1/jobs")["jobs"].as_array().unwrap().len(),
        0
    );
}

/// Real requests of every kind, with bytes changed, left out and doubled: each is done or refused, and none is
/// our own fault.
#[test]
fn damaged_requests_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.limits.upload_pause = Duration::from_millis(50);
    let bench = Bench::with(options);
    let id = bench.send("x", b"abc");
    bench.once(id, "done");
    let archive = bench.get(&format!("/api/v1/jobs/{id}/export")).body;
    let request = |what: &str, headers: &str, body: &[u8]| {
        let (host, length) = (bench.address, body.len());
        let head =
            format!("{what} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n{headers}\r\n");
        [head.as_bytes(), body].concat()
    };
    let form = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\nx\r\n--edge--\r\n";
    let kind = "Content-Type: multipart/form-data; boundary=edge\r\n";
    let whole = [
        request("POST /api/v1/jobs?frames=3&whole=true&name=%41", kind, form),
        request("PATCH /api/v1/jobs/1", "", br#"{"notes": "from Anna"}"#),
        request("POST /api/v1/import", "", &archive),
        request("GET /api/v1/jobs?search=a&below=9&most=3", "", b""),
        request("GET /cases/1/file", "Range: bytes=0-1\r\n", b""),
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut answered = 0;
    for round in 0..400 {
        let mut bytes = whole[round % whole.len()].clone();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..bytes.len());
            match rng.random_range(0..4) {
                0 => bytes[at] = rng.random(),
                1 => bytes.truncate(at.max(1)),
                2 => _ = bytes.remove(at.min(bytes.len() - 1)),
                _ => bytes.extend_from_within(at..),
            }
        }
        // What is cut short would be waited for.
        let reply = bench.last_words(&bytes);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]);
        answered += usize::from(reply.status > 0);
        assert!(
            reply.status < 500,
            "{}: {}\n{shown}",
            reply.status,
            reply.text()
        );
    }
    assert!(answered > 100, "{answered} were answered");
    assert_eq!(bench.get("/api/v1/status").status, 200);
}

/// `cargo test -p workbench a_thousand -- --nocapture` prints the table of the README.
#[test]
fn a_thousand_idle_connections_keep_nobody_waiting() {
    // Both ends are this program's here.
    assert!(rlimit::increase_nofile_limit(4096).unwrap() >= 2048);
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    for (kind, said) in [
        ("silent", ""),
        ("half a head", "GET / HTTP/1.1\r\nHost: loc"),
        (
            "listening to events",
            "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ),
        (
            "uploads without their bodies",
            "POST /api/v1/jobs?name=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n",
        ),
    ] {
        let idle: Vec<_> = (0..1000)
            .map(|_| {
                let mut stream = TcpStream::connect(bench.address).unwrap();
                // It may be closed already for others.
                _ = stream.write_all(said.as_bytes());
                stream
            })
            .collect();
        let mut took: Vec<_> = (0..300)
            .map(|count| {
                let path = ["/", "/api/v1/jobs", "/api/v1/status"][count % 3];
                let began = Instant::now();
                assert_eq!(bench.get(path).status, 200, "{kind}: {path}");
                began.elapsed()
            })
            .collect();
        took.sort();
        let (median, slowest) = (took[150], took[299]);
        println!("{kind}: median {median:.1?}, slowest {slowest:.1?}");
        assert!(slowest < Duration::from_secs(2), "{kind}: {slowest:?}");
        // Of those that said nothing the oldest was closed for others.
        if said.is_empty() {
            let mut oldest = &idle[0];
            let pause = Some(Duration::from_secs(5));
            oldest.set_read_timeout(pause).unwrap();
            let ended = oldest.read(&mut [0]);
            assert!(matches!(ended, Ok(0)) || oldest.write_all(b"x").is_err());
        }
    }
}
