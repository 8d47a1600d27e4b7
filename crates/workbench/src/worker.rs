//! A worker: a process of its own, so that a file on which a decoder dies takes nothing else along.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{
    options::Options,
    protocol::{About, Said, Task},
};

/// How long a worker may take to open its detector.
const START: Duration = Duration::from_secs(300);

/// A worker that has opened its detector.
pub(crate) struct Worker {
    child: Child,
    tasks: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    /// Its detector.
    pub about: About,
}

impl Worker {
    /// Starts a worker and waits until its detector is open; nothing where it ended before, or took too long.
    /// Why, it has said on standard error.
    pub(crate) async fn start(options: &Options) -> Option<Self> {
        let (program, arguments) = options.worker.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A terminal's Ctrl-C is for the server, which ends its workers itself.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().ok()?;
        let mut worker = Self {
            tasks: child.stdin.take()?,
            said: BufReader::new(child.stdout.take()?).lines(),
            child,
            about: About::default(),
        };
        match timeout(START, worker.said()).await {
            Ok(Some(Said::Ready { detector })) => {
                worker.about = detector;
                Some(worker)
            }
            _ => None,
        }
    }

    /// Whether it has not ended, as the system may have made it while it had nothing to do.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Gives it a task.
    pub(crate) async fn ask(&mut self, task: &Task) -> io::Result<()> {
        let mut line = serde_json::to_vec(task)?;
        line.push(b'\n');
        self.tasks.write_all(&line).await?;
        self.tasks.flush().await
    }

    /// What it says next; nothing once it has ended.
    pub(crate) async fn said(&mut self) -> Option<Said> {
        while let Ok(Some(line)) = self.said.next_line().await {
            if let Ok(said) = serde_json::from_str(&line) {
                return Some(said);
            }
        }
        None
    }

    /// Ends it, and waits until it has ended.
    pub(crate) async fn kill(mut self) {
        // It may have ended already.
        _ = self.child.kill().await;
    }
}

/// A path that a worker in another folder finds.
pub(crate) fn whole(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}
