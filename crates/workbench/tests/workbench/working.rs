//! What it is for.

use std::{fs, io::Cursor, num::NonZeroUsize, time::Duration};

use serde_json::json;
use workbench::{Error, Limits, serve};

use super::bench::{Bench, options};

const FORM: &str = "Content-Type: multipart/form-data; boundary=edge\r\n";

fn form(name: &str, content: &str) -> Vec<u8> {
    format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n{content}\r\n--edge--\r\n"
    )
    .into_bytes()
}

#[test]
fn a_picture_is_sent_and_answered() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let sent = bench.ask(
        "POST /api/v1/jobs?frames=7",
        FORM,
        &form("party.jpg", "abc"),
    );
    assert_eq!(sent.status, 201, "{}", sent.text());
    let id = sent.json()["id"].as_i64().unwrap();
    let place = format!("/api/v1/jobs/{id}");
    assert_eq!(sent.header("location"), Some(place.as_str()));
    let job = bench.once(id, "done");
    assert_eq!(job["answer"]["file"], "party.jpg");
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!((&job["sha256"], &job["bytes"]), (&json!(sha256), &json!(3)));
    assert_eq!(
        (&job["verdict"], &job["in_words"]),
        (&json!("forged"), &json!("likely forged"))
    );
    assert_eq!(job["facts"][0]["told"], "7");
    let page = bench.get(&format!("/cases/{id}"));
    let text = page.text();
    assert_eq!(page.status, 200);
    for part in [
        "likely forged",
        "no sign of forgery",
        "87 %",
        "Face 2",
        "4 of 80 photographs &#60;b&#62;of",
        "id=\"face-2\"",
        "class=\"finding\"",
        "answer.whole.jpg",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let report = bench.get(&format!("/cases/{id}/report")).text();
    for part in [
        "data:image/jpeg;base64,",
        "data:image/png;base64,",
        sha256,
        "detector FILE 7",
    ] {
        assert!(report.contains(part), "{part}");
    }
    assert!(
        !report.contains("src=\"/") && !report.contains("href=\"/"),
        "it needs other files"
    );
    let picture = bench.get(&format!("/cases/{id}/answer/answer.face-1.png"));
    assert_eq!(
        (picture.status, picture.header("content-type")),
        (200, Some("image/png"))
    );
    assert!(image::load_from_memory(&picture.body).is_ok());
}

#[test]
fn a_film_has_time_lines_a_table_and_a_player_that_may_skip() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let film = b"\0\0\0\x20ftypisom and then some more";
    let id = bench.send("film.mp4", film);
    bench.once(id, "done");
    let page = bench.get(&format!("/cases/{id}")).text();
    for part in [
        "<video",
        "plot-threshold",
        "plot-unseen",
        "plot-highest",
        "data-seconds=\"8\"",
        "Go to 0:00.7",
        "45 of 80 frames looked at",
        "answer.csv",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // Before it is seen, while it is not, and after it.
    assert_eq!(page.matches("class=\"plot-unseen\"").count(), 3);
    let path = format!("GET /cases/{id}/file");
    let part = bench.ask(&path, "Range: bytes=4-7\r\n", b"");
    assert_eq!((part.status, part.body.as_slice()), (206, &b"ftyp"[..]));
    assert_eq!(part.header("content-type"), Some("video/mp4"));
    let table = bench.get(&format!("/cases/{id}/answer/answer.csv"));
    assert!(table.text().starts_with("track,frame"));
}

#[test]
fn events_tell_of_progress_and_end_with_the_case() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let id = bench.send("a", b"slow");
    bench.once(id, "running");
    let path = format!("/api/v1/jobs/{id}/events");
    let events = std::thread::scope(|scope| {
        let events = scope.spawn(|| bench.get(&path).text());
        std::thread::sleep(Duration::from_millis(700));
        let cancelled = bench.ask(&format!("POST /api/v1/jobs/{id}/cancel"), "", b"");
        assert_eq!(
            cancelled.json()["state"],
            "cancelled",
            "{}",
            cancelled.text()
        );
        events.join().unwrap()
    });
    assert!(
        events.contains("\"progress\":{\"done\":") && events.contains("\"per_second\":"),
        "{events}"
    );
    let last = events.trim().rsplit("data: ").next().unwrap();
    assert!(last.contains("\"cancelled\""), "{events}");
    // The next one gets a new worker; what was cancelled can be asked again.
    let next = bench.send("b", b"quick");
    bench.once(next, "done");
    let again = bench.ask(&format!("POST /api/v1/jobs/{id}/again"), "", b"");
    assert_eq!(again.status, 200);
    bench.once(id, "running");
    let deleted = bench.ask(&format!("DELETE /api/v1/jobs/{id}"), "", b"");
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert_eq!(bench.get(&format!("/api/v1/jobs/{id}")).status, 404);
}

#[test]
fn a_file_that_kills_its_worker_costs_only_its_own_answer() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let (deadly, next) = (bench.send("deadly", b"die"), bench.send("next", b"fine"));
    let job = bench.once(deadly, "failed");
    assert!(
        job["why"].as_str().unwrap().contains("the worker ended"),
        "{job}"
    );
    bench.once(next, "done");
    assert!(
        bench
            .get(&format!("/cases/{deadly}"))
            .text()
            .contains("the worker ended")
    );
}

/// What a worker may not have is a reason that has a name, and the next file is answered.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_wants_more_memory_than_there_is_for_it_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.limits.worker_memory = Some(512 << 20);
    let bench = Bench::with(options);
    let [hungry, killed, next] =
        ["hungry", "killed", "fine"].map(|what| bench.send(what, what.as_bytes()));
    for (id, why) in [
        (
            hungry,
            "more memory than the 512 MiB that a worker may have",
        ),
        (killed, "the system ended the worker"),
    ] {
        let job = bench.once(id, "failed");
        assert!(job["why"].as_str().unwrap().contains(why), "{job}");
    }
    bench.once(next, "done");
}

#[test]
fn a_file_that_takes_too_long_is_given_up() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.limits.job_time = Duration::from_millis(300);
    let bench = Bench::with(options);
    let job = bench.once(bench.send("slow", b"slow"), "failed");
    assert!(
        job["why"].as_str().unwrap().contains("longer than"),
        "{job}"
    );
    bench.once(bench.send("next", b"fine"), "done");
}

#[test]
fn what_was_accepted_is_answered_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let ids = [
        bench.send("a", b"short a"),
        bench.send("b", b"short b"),
        bench.send("c", b"short c"),
    ];
    bench.once(ids[0], "running");
    bench.stop();
    let bench = Bench::new(data.path());
    for id in ids {
        bench.once(id, "done");
    }
}

#[test]
fn workers_work_beside_each_other() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.workers = NonZeroUsize::new(2).unwrap();
    let bench = Bench::with(options);
    let ids = [bench.send("a", b"slow a"), bench.send("b", b"slow b")];
    for id in ids {
        bench.once(id, "running");
    }
    let status = bench.json("/api/v1/status");
    assert_eq!(
        (&status["running"], &status["waiting"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(status["detector"]["name"], "test-detector");
}

#[test]
fn notes_are_kept_and_found() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let (one, _) = (bench.send("one", b"1"), bench.send("two", b"2"));
    let noted = bench.ask(
        &format!("PATCH /api/v1/jobs/{one}"),
        "",
        br#"{"notes": "from Anna"}"#,
    );
    assert_eq!(noted.status, 200, "{}", noted.text());
    let found = bench.json("/api/v1/jobs?search=anna");
    assert_eq!(found["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&found["jobs"][0]["id"], &found["jobs"][0]["notes"]),
        (&json!(one), &json!("from Anna"))
    );
    for (body, status) in [
        ("{}", 422),
        ("[", 422),
        (r#"{"notes": 3}"#, 422),
        (r#"{"notes": "", "x": 1}"#, 422),
    ] {
        let refused = bench.ask(&format!("PATCH /api/v1/jobs/{one}"), "", body.as_bytes());
        assert_eq!(refused.status, status, "{body}");
    }
}

#[test]
fn a_case_can_be_taken_along() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let id = bench.send("..%2F..%2Fparty.jpg", b"abc");
    bench.once(id, "done");
    let reply = bench.get(&format!("/api/v1/jobs/{id}/export"));
    assert_eq!(reply.header("content-type"), Some("application/zip"));
    // And brought back, though not where its file is another one.
    let noted = bench.ask(
        &format!("PATCH /api/v1/jobs/{id}"),
        "",
        br#"{"notes": "mine"}"#,
    );
    assert_eq!(noted.status, 200);
    let bytes = bench.get(&format!("/api/v1/jobs/{id}/export")).body;
    bench.ask(&format!("DELETE /api/v1/jobs/{id}"), "", b"");
    let back = bench.ask("POST /api/v1/import", "", &bytes);
    assert_eq!(back.status, 201, "{}", back.text());
    let back = bench.json(&format!("/api/v1/jobs/{}", back.json()["id"]));
    assert_eq!(
        (&back["notes"], &back["state"]),
        (&json!("mine"), &json!("done"))
    );
    assert_eq!(back["answer"]["verdict"], "forged");
    let picture = format!("{}answer.face-1.png", back["pictures"].as_str().unwrap());
    assert_eq!(bench.get(&picture).status, 200);
    let place = bytes.windows(3).position(|three| three == b"abc").unwrap();
    let changed = [&bytes[..place], b"abd", &bytes[place + 3..]].concat();
    for body in [&changed[..], b"no ZIP", &bytes[..bytes.len() / 2]] {
        let refused = bench.ask("POST /api/v1/import", "", body);
        assert_eq!(refused.status, 422, "{}", refused.text());
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(reply.body)).unwrap();
    let mut names: Vec<_> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "SHA256SUMS",
            "answer/answer.face-1.png",
            "answer/answer.face-2.png",
            "answer/answer.whole.jpg",
            "case.json",
            "file/party.jpg",
            "report.html",
        ]
    );
    let mut read = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
    assert_eq!(read("file/party.jpg"), "abc");
    let case: serde_json::Value = serde_json::from_str(&read("case.json")).unwrap();
    assert_eq!(case["answer"]["verdict"], "forged");
}

#[test]
fn deletion_deletes() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let id = bench.send("x", b"abc");
    bench.once(id, "done");
    let count = |part: &str| fs::read_dir(data.path().join(part)).unwrap().count();
    assert_eq!(
        [count("files"), count("answers"), count("incoming")],
        [1, 1, 0]
    );
    let path = format!("DELETE /api/v1/jobs/{id}");
    assert_eq!(bench.ask(&path, "", b"").status, 200);
    assert_eq!(
        [count("files"), count("answers"), count("incoming")],
        [0, 0, 0]
    );
    assert_eq!(bench.ask(&path, "", b"").status, 404);
}

#[test]
fn what_is_too_much_is_refused_with_a_time_to_wait() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.limits = Limits {
        queue: 2,
        most_bytes: 10,
        ..options.limits
    };
    let bench = Bench::with(options);
    let running = bench.send("a", b"slow");
    bench.once(running, "running");
    let waiting = [bench.send("b", b"b"), bench.send("c", b"c")];
    assert_eq!(
        bench.json(&format!("/api/v1/jobs/{}", waiting[1]))["before"],
        1
    );
    let refused = bench.ask("POST /api/v1/jobs?name=d", "", b"d");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("30"))
    );
    let cancelled = bench.ask(&format!("POST /api/v1/jobs/{}/cancel", waiting[0]), "", b"");
    assert_eq!(cancelled.json()["state"], "cancelled");
    let large = bench.ask("POST /api/v1/jobs?name=e", "", b"eleven bytes");
    assert_eq!(large.status, 413, "{}", large.text());
    bench.send("f", b"ten bytes!");
}

/// Whoever reads the document finds what it speaks of.
#[test]
fn the_api_is_as_its_document_says() {
    let data = tempfile::tempdir().unwrap();
    let bench = Bench::new(data.path());
    let document = bench.json("/api/v1/openapi.json");
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != "parameters")
        {
            let asked = format!(
                "{} /api/v1{}",
                method.to_uppercase(),
                path.replace("{id}", "77")
            );
            if path == "/events" {
                continue;
            }
            let reply = bench.ask(&asked, "", b"");
            let known = &methods[method]["responses"][reply.status.to_string()];
            assert!(
                known.is_object(),
                "{asked}: {} {}",
                reply.status,
                reply.text()
            );
        }
    }
}

#[test]
fn a_folder_has_one_server_and_one_format() {
    let data = tempfile::tempdir().unwrap();
    let refused = || serve(options(data.path()), |_| {}, std::future::pending()).unwrap_err();
    let bench = Bench::new(data.path());
    assert!(matches!(refused(), Error::InUse { .. }));
    bench.stop();
    let database = rusqlite::Connection::open(data.path().join("cases.sqlite")).unwrap();
    database.pragma_update(None, "user_version", 7).unwrap();
    drop(database);
    assert!(matches!(refused(), Error::Newer { found: 7, .. }));
}
