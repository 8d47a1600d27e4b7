//! How the workbench is started.

use std::{
    ffi::OsString, net::SocketAddr, num::NonZeroUsize, path::PathBuf, sync::Arc, time::Duration,
};

use crate::protocol::Settings;

/// The command by which an answer with these settings is repeated, for a file that it calls `FILE`.
pub type Repeat = Arc<dyn Fn(&Settings) -> String + Send + Sync>;

/// How the workbench is started.
#[derive(Clone)]
pub struct Options {
    /// Where it listens; port 0 is a free one.
    pub address: SocketAddr,
    /// Names, besides `localhost` and addresses in digits, by which it may be called.
    pub hosts: Vec<String>,
    /// What whoever calls has to know; absent: nothing. Where the address is not of this machine alone and
    /// none is given, one is drawn.
    pub token: Option<String>,
    /// The folder of cases; made where there is none.
    pub data: PathBuf,
    /// The worker's program and its arguments.
    pub worker: Vec<OsString>,
    /// Workers, each with a network of its own.
    pub workers: NonZeroUsize,
    /// What is refused, and when it is given up.
    pub limits: Limits,
    /// The command by which an answer is repeated; for reports.
    pub repeat: Repeat,
}

/// What is refused, and when it is given up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a file.
    pub most_bytes: u64,
    /// Files that wait for a worker.
    pub queue: usize,
    /// Files that are sent at the same time.
    pub uploads: usize,
    /// How long a file may take to arrive.
    pub upload_time: Duration,
    /// How long nothing of it may arrive.
    pub upload_pause: Duration,
    /// How long a worker may look at a file.
    pub job_time: Duration,
    /// Bytes of memory that a worker may have of its own; absent: as many as there are. Under Linux alone, and
    /// nothing for workers with a GPU, whose memory counts too.
    pub worker_memory: Option<u64>,
    /// Connections at the same time; of more, the one that was silent the longest is closed.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            most_bytes: 4 << 30,
            queue: 1000,
            uploads: 32,
            upload_time: Duration::from_secs(3600),
            upload_pause: Duration::from_secs(30),
            job_time: Duration::from_secs(3600),
            worker_memory: Some(4 << 30),
            connections: 400,
        }
    }
}
