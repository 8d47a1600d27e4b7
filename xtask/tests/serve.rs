//! The workbench with the detector that comes with the program, asked as `curl` asks.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use test_support::succeed;

/// A running `serve`.
struct Server {
    child: Child,
    /// Where nobody reads any more, the program ends.
    _said: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn new(data: &Path) -> Self {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_xtask"));
        serve.args(["serve", "--port", "0", "--data"]).arg(data);
        let mut child = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Workbench: http://");
        let address = address.unwrap_or_else(|| panic!("{line}"));
        Self {
            address: address.trim_end_matches('/').to_owned(),
            _said: said,
            child,
        }
    }

    fn ask(&self, what: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (host, length) = (&self.address, body.len());
        let head =
            format!("{what} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n{headers}\r\n");
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let end = reply
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let ok = reply.starts_with(b"HTTP/1.0 200") || reply.starts_with(b"HTTP/1.0 201");
        assert!(ok, "{what}: {}", String::from_utf8_lossy(&reply));
        reply.split_off(end + 4)
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.ask(&format!("GET {path}"), "", b"")).unwrap()
    }

    /// Sends a file as `curl -F file=@NAME` does; the address of its case.
    fn send(&self, path: &Path, query: &str) -> String {
        let name = path.file_name().unwrap().display();
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let form = [
            head.as_bytes(),
            &fs::read(path).unwrap(),
            b"\r\n--edge--\r\n",
        ]
        .concat();
        let kind = "Content-Type: multipart/form-data; boundary=edge\r\n";
        let sent = self.ask(&format!("POST /api/v1/jobs{query}"), kind, &form);
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        format!("/api/v1/jobs/{}", sent["id"])
    }

    fn answer(&self, path: &str) -> Value {
        let began = Instant::now();
        loop {
            let job = self.json(path);
            if job["state"] == "done" {
                return job;
            }
            let goes_on = job["state"] == "queued" || job["state"] == "running";
            assert!(
                goes_on && began.elapsed() < Duration::from_secs(300),
                "{job}"
            );
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A picture, a film and a text are answered, also where the server was killed in the midst of it.
#[test]
fn what_is_sent_is_answered_whatever_happens_to_the_server() {
    let ground = tempfile::tempdir().unwrap();
    let at = |name: &str| ground.path().join(name);
    let mut fixtures = Command::new(env!("CARGO_BIN_EXE_xtask"));
    fixtures.args([
        "fixtures",
        "--identities",
        "8",
        "--pictures",
        "2",
        "--size",
        "96",
        "--out",
    ]);
    succeed(fixtures.arg(at("faces")));
    let mut clips = Command::new(env!("CARGO_BIN_EXE_xtask"));
    clips.args([
        "fixtures",
        "--videos",
        "--compression",
        "c23",
        "--identities",
        "6",
    ]);
    clips.args(["--frames", "12", "--size", "160", "--out"]);
    succeed(clips.arg(at("clips")));
    let picture = first(&at("faces/images"), &["png", "jpg"]);
    let film = first(&at("clips/original_sequences"), &["mp4"]);
    fs::write(at("text.jpg"), "no picture").unwrap();

    let server = Server::new(&at("cases"));
    let cases = [
        server.send(&film, "?frames=8&any_compression=true"),
        server.send(&picture, "?whole=true"),
        server.send(&at("text.jpg"), ""),
    ];
    // As a loss of power.
    drop(server);
    let server = Server::new(&at("cases"));
    let [film, picture, text] = cases.map(|case| server.answer(&case));
    assert!(film["answer"]["tracks"].is_array(), "{film}");
    let face = &picture["answer"]["faces"][0];
    assert!(face["score"].is_number(), "{picture}");
    assert_eq!(picture["detector"]["weights"].as_str().unwrap().len(), 64);
    for name in [&face["overlay"], &picture["answer"]["whole"]] {
        let path = format!(
            "GET {}{}",
            picture["pictures"].as_str().unwrap(),
            name.as_str().unwrap()
        );
        assert!(server.ask(&path, "", b"").len() > 500, "{path}");
    }
    assert_eq!(text["verdict"], "unreadable");
    let page = server.ask(&format!("GET /cases/{}", picture["id"]), "", b"");
    assert!(String::from_utf8_lossy(&page).contains("Report to print"));
}

/// The first file of a kind in a folder or below it.
fn first(folder: &Path, endings: &[&str]) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some(ending) if endings.contains(&ending) => return path,
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    panic!("nothing in {}", folder.display())
}
