//! `cargo xtask serve`

use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use runtime::DeviceName;
use workbench::{Limits, Options, Repeat, Told};

use crate::{place::RUNS, program::program};

/// Open the workbench: a page on which pictures and films are dropped, and answered.
///
/// It listens on this machine alone, and nothing leaves it. Open the address that it prints; drop pictures,
/// films or folders on the page. Each is a case: with the whole picture and its faces numbered, or the film
/// and a time line for each face; with notes, and a report to print. Cases are kept in a folder; what was
/// accepted is answered, also after Ctrl-C or a crash and a new start. Deleting a case deletes its file.
///
/// Files are looked at by a program of its own: one that makes it die, or takes too long, costs its own
/// answer and nothing else.
///
/// Programs ask by JSON; /api/v1/openapi.json says how.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask serve
  cargo xtask serve --port 0 --data cases/ --workers 2
  curl -F file=@film.mp4 http://127.0.0.1:8080/api/v1/jobs
  curl -N http://127.0.0.1:8080/api/v1/jobs/1/events
  curl http://127.0.0.1:8080/api/v1/jobs/1")]
pub struct Arguments {
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 8080, value_name = "N")]
    port: u16,
    /// Listen on this address instead of this machine's own, 0.0.0.0 for all: whoever asks has to know the
    /// token that is printed. There is no encryption: put a proxy with TLS before it.
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    listen: IpAddr,
    /// A name by which it is called, besides localhost and addresses in digits; may be repeated.
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// The folder of cases [default: runs/workbench].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The detector: a run, `newest` for the newest under runs/, or a folder with weights and
    /// detector.json [default: the one that comes with the program, trained on real faces].
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// Files that are looked at at the same time, each by a network of its own.
    #[arg(long, default_value = "1", value_name = "N")]
    workers: NonZeroUsize,
    /// The most bytes of a file.
    #[arg(long, default_value_t = Limits::default().most_bytes, value_name = "N")]
    most_bytes: u64,
    /// The most files that wait; more are refused for a while.
    #[arg(long, default_value_t = Limits::default().queue, value_name = "N")]
    most_waiting: usize,
    /// How long a file may be looked at, in seconds.
    #[arg(long, default_value_t = Limits::default().job_time.as_secs(), value_name = "SECONDS")]
    time_limit: u64,
    /// The most memory that a worker may have, in MiB; Linux alone, and not with a GPU.
    #[arg(long, default_value_t = 4096, value_name = "MIB")]
    worker_memory: u64,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let data = arguments.data.clone();
    let data = data.unwrap_or_else(|| Path::new(RUNS).join("workbench"));
    let options = Options {
        address: (arguments.listen, arguments.port).into(),
        hosts: arguments.host.clone(),
        token: None,
        data: data.clone(),
        worker: worker(arguments)?,
        workers: arguments.workers,
        limits: Limits {
            most_bytes: arguments.most_bytes,
            queue: arguments.most_waiting,
            job_time: Duration::from_secs(arguments.time_limit),
            worker_memory: (arguments.device == DeviceName::default())
                .then(|| arguments.worker_memory.saturating_mul(1 << 20)),
            ..Limits::default()
        },
        repeat: repeat(arguments.run.as_deref()),
    };
    let told = move |told: Told<'_>| match told {
        Told::Listening { url } => {
            outln!("Workbench: {url}");
            outln!("Cases:     {}", data.display());
            errln!("Ctrl-C ends it.");
        }
        Told::Trouble(what) => errln!("{what}"),
    };
    match workbench::serve(options, told, workbench::asked_to_stop()) {
        // The worker has said why.
        Err(workbench::Error::Worker) => Ok(ExitCode::FAILURE),
        served => {
            served?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The call of `detect` that gives the same answer.
fn repeat(run: Option<&Path>) -> Repeat {
    let run = run.map(|run| format!(" --run {}", run.display()));
    let detect = format!("{} detect FILE{}", program(), run.unwrap_or_default());
    Arc::new(move |settings| {
        let whole = if settings.whole { " --whole" } else { "" };
        let any = if settings.any_compression {
            " --any-compression"
        } else {
            ""
        };
        format!("{detect} --frames {}{whole}{any} --json", settings.frames)
    })
}

/// This program, called as a worker.
fn worker(arguments: &Arguments) -> anyhow::Result<Vec<OsString>> {
    let this = std::env::current_exe().context("this program's own file")?;
    let device = arguments.device.to_string();
    let mut worker = vec![
        this.into(),
        "worker".into(),
        "--device".into(),
        device.into(),
    ];
    if let Some(run) = &arguments.run {
        worker.extend(["--run".into(), run.into()]);
    }
    Ok(worker)
}
