//! A worker: a process of its own, so that a file on which a decoder dies takes nothing else along.

use std::{
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    spawn,
    task::JoinHandle,
    time::timeout,
};

use crate::{
    memory,
    options::Options,
    protocol::{About, Said, Task},
};

/// How long a worker may take to open its detector.
const START: Duration = Duration::from_secs(300);

/// How long one may take to end that says no more.
const END: Duration = Duration::from_secs(5);

/// What a program in Rust says when it gets no memory, before it ends.
const STARVED: &str = "memory allocation of ";

/// A worker that has opened its detector.
pub(crate) struct Worker {
    child: Child,
    tasks: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    /// Hands on what it says on standard error; at its end, whether it got no memory.
    complained: JoinHandle<bool>,
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
        command.stderr(Stdio::piped());
        // A terminal's Ctrl-C is for the server, which ends its workers itself.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().ok()?;
        if let (Some(process), Some(most)) = (child.id(), options.limits.worker_memory) {
            memory::limit(process, most).ok()?;
        }
        let mut worker = Self {
            tasks: child.stdin.take()?,
            said: BufReader::new(child.stdout.take()?).lines(),
            complained: spawn(hand_on(child.stderr.take()?)),
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

    /// Why it ended that says no more, for a person.
    pub(crate) async fn why_ended(&mut self, most_memory: Option<u64>) -> String {
        let status = timeout(END, self.child.wait()).await;
        let starved = timeout(END, &mut self.complained).await;
        match (starved, status, most_memory) {
            (Ok(Ok(true)), _, Some(most)) => {
                let most = most >> 20;
                format!("it wants more memory than the {most} MiB that a worker may have")
            }
            (Ok(Ok(true)), ..) => "it wants more memory than there is".into(),
            (_, Ok(Ok(status)), _) if was_killed(status) => {
                "the system ended the worker, as it does when memory runs out".into()
            }
            _ => "the worker ended while reading this file: it may be damaged, or made to do harm"
                .into(),
        }
    }

    /// Ends it, and waits until it has ended.
    pub(crate) async fn kill(mut self) {
        // It may have ended already.
        _ = self.child.kill().await;
    }
}

/// Hands on to standard error what a worker says there; whether it said that it got no memory.
async fn hand_on(said: ChildStderr) -> bool {
    let (mut said, mut starved, mut line) = (BufReader::new(said), false, Vec::new());
    // Bytes, as what others say of a file may be in no known writing: the worker must go on being heard.
    while matches!(said.read_until(b'\n', &mut line).await, Ok(1..)) {
        starved |= line.starts_with(STARVED.as_bytes());
        // Where nobody hears it, the server goes on.
        _ = io::Write::write_all(&mut io::stderr(), &line);
        line.clear();
    }
    starved
}

/// Whether nothing could be done about its end.
#[cfg(unix)]
fn was_killed(status: ExitStatus) -> bool {
    const SIGKILL: i32 = 9;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGKILL)
}

#[cfg(not(unix))]
fn was_killed(_: ExitStatus) -> bool {
    false
}

/// A path that a worker in another folder finds.
pub(crate) fn whole(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}
