//! A workbench to test, and whoever asks it.

use std::{
    env::current_exe,
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream},
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, mpsc},
    thread::{JoinHandle, sleep, spawn},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::oneshot;
use workbench::{Limits, Options, Told, serve};

use super::worker::MARK;

/// A running workbench.
pub(crate) struct Bench {
    pub address: SocketAddr,
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub(crate) fn options(data: &Path) -> Options {
    let this = current_exe().unwrap();
    let worker = [
        "/usr/bin/env".into(),
        format!("{MARK}=1").into(),
        this.into(),
        "worker::worker".into(),
        "--exact".into(),
        "--nocapture".into(),
    ];
    Options {
        address: (Ipv4Addr::LOCALHOST, 0).into(),
        hosts: Vec::new(),
        token: None,
        data: data.to_owned(),
        worker: worker.into(),
        workers: NonZeroUsize::MIN,
        limits: Limits::default(),
        repeat: Arc::new(|settings| format!("detector FILE {}", settings.frames)),
    }
}

impl Bench {
    pub(crate) fn new(data: &Path) -> Self {
        Self::with(options(data))
    }

    pub(crate) fn with(options: Options) -> Self {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = spawn(move || {
            let tell = move |said: Told<'_>| {
                if let Told::Listening { url } = said {
                    tell.send(url.to_owned()).unwrap();
                }
            };
            let stopped = async {
                _ = stopped.await;
            };
            serve(options, tell, stopped).unwrap();
        });
        let url: String = told.recv_timeout(Duration::from_secs(60)).unwrap();
        let address = url.trim_start_matches("http://").split('/').next().unwrap();
        let port = address.parse::<SocketAddr>().unwrap().port();
        Self {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            url,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Ends it as Ctrl-C does.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// As [`raw`](Self::raw), of somebody who has no more to say.
    pub(crate) fn last_words(&self, request: &[u8]) -> Reply {
        let stream = TcpStream::connect(self.address).unwrap();
        let mut sending = stream.try_clone().unwrap();
        _ = sending.write_all(request);
        _ = sending.shutdown(Shutdown::Write);
        Self::heard(stream)
    }

    /// Sends what is given and reads until the connection is closed.
    pub(crate) fn raw(&self, request: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // A refusal may come before all is sent.
        _ = stream.write_all(request);
        Self::heard(stream)
    }

    fn heard(mut stream: TcpStream) -> Reply {
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut bytes = Vec::new();
        _ = stream.read_to_end(&mut bytes);
        Reply::parse(&bytes)
    }

    /// HTTP 1.0, so that the reply ends with the connection.
    pub(crate) fn ask(&self, what: &str, headers: &str, body: &[u8]) -> Reply {
        let host = if headers.contains("Host:") {
            String::new()
        } else {
            format!("Host: {}\r\n", self.address)
        };
        let length = if headers.contains("Content-Length:") {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let head = format!("{what} HTTP/1.0\r\n{host}{length}{headers}\r\n");
        self.raw(&[head.as_bytes(), body].concat())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask(&format!("GET {path}"), "", b"")
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    /// Sends a file; its case's number.
    pub(crate) fn send(&self, name: &str, bytes: &[u8]) -> i64 {
        let reply = self.ask(&format!("POST /api/v1/jobs?name={name}"), "", bytes);
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"].as_i64().unwrap()
    }

    /// The case once it is as it is to be.
    pub(crate) fn once(&self, id: i64, state: &str) -> Value {
        let began = Instant::now();
        loop {
            let job = self.json(&format!("/api/v1/jobs/{id}"));
            if job["state"] == state {
                return job;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "not {state}: {job}"
            );
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.end();
    }
}

/// What came back.
pub(crate) struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.map_or(bytes.len(), |end| end + 4));
        let head = String::from_utf8_lossy(head).to_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head,
            body: body.to_owned(),
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}
