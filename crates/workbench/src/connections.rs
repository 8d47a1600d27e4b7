//! Connections: many at a time, none for ever.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
    time::sleep,
};

/// How long a request's head may take, and a connection wait for its next request.
const HEAD: Duration = Duration::from_secs(20);

/// Answers whoever connects, for ever. Of more connections than `most`, the one on which nothing has passed
/// for the longest is closed.
pub(crate) async fn serve(listener: TcpListener, router: Router, most: usize) {
    let open = Arc::new(Open::default());
    loop {
        let Ok((stream, _)) = accepted(&listener).await else {
            // Too many files are open: some will be closed.
            open.close_the_most_silent(0);
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        open.close_the_most_silent(most.saturating_sub(1));
        open.answer(stream, router.clone());
    }
}

async fn accepted(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let accepted = listener.accept().await?;
    // Small answers are not to wait for more.
    accepted.0.set_nodelay(true)?;
    Ok(accepted)
}

/// The connections that are open.
struct Open {
    began: Instant,
    all: Mutex<HashMap<u64, Connection>>,
    next: AtomicU64,
}

impl Default for Open {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            all: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }
}

struct Connection {
    task: AbortHandle,
    /// When something passed last, in milliseconds after the beginning.
    passed: Arc<AtomicU64>,
}

impl Open {
    /// Answers a connection.
    fn answer(self: &Arc<Self>, stream: TcpStream, router: Router) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let passed = Arc::new(AtomicU64::new(0));
        let stream = Watched {
            stream,
            began: self.began,
            passed: Arc::clone(&passed),
        };
        stream.notice();
        // The task ends and is forgotten only after it is known.
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let open = Arc::clone(self);
        let task = tokio::spawn(async move {
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
            let service = TowerToHyperService::new(router);
            // Whoever closes a connection in the midst of it has a reason.
            _ = builder
                .serve_connection(TokioIo::new(stream), service)
                .await;
            open.forget(number);
        });
        let task = task.abort_handle();
        all.insert(number, Connection { task, passed });
    }

    fn forget(&self, number: u64) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&number);
    }

    /// Closes connections until there are no more than so many.
    fn close_the_most_silent(&self, most: usize) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() <= most {
            return;
        }
        let silent = all
            .iter()
            .min_by_key(|(_, one)| one.passed.load(Ordering::Relaxed));
        if let Some(number) = silent.map(|(number, _)| *number)
            && let Some(one) = all.remove(&number)
        {
            one.task.abort();
        }
    }
}

/// A stream of which it is known when something passed last.
struct Watched {
    stream: TcpStream,
    began: Instant,
    passed: Arc<AtomicU64>,
}

impl Watched {
    fn notice(&self) {
        let now = self.began.elapsed().as_millis() as u64;
        self.passed.store(now, Ordering::Relaxed);
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.notice();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if written.is_ready() {
            self.notice();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
