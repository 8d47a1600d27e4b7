//! `cargo xtask data`

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{Mutex, PoisonError, atomic::Ordering},
};

use anyhow::Context;
use clap::{Args, Subcommand};
use data_check::{CheckConfig, CheckError, CheckOptions, check};
use datasets::Layout;
use runtime::{Event, Observer};

use crate::terminal::{self, Terminal};

/// Ask what is wrong with a data set, before it is learnt from or measured on.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Check(Check),
}

/// Count a data set's clips, and find what makes results wrong.
///
/// DATA is the folder of a published data set, one with a manifest `faces.json`, with `real` and `fake`,
/// or a store that `prep` made. Its clips are counted by class, method, compression and part, beside the
/// published numbers, with how they are really quantised. Found are: people in several parts; the same
/// file, or what looks the same, in two parts or with two labels; labels that contradict folders; lists
/// that contradict themselves; rows twice; clips, originals and masks that are not there; masks of other
/// clips; empty, truncated, damaged files and pages that a download left in place of a clip; clips of
/// another compression than their folder says; forgeries of another length or size than their originals;
/// clips that are too short or too small. Nothing is changed.
/// Exit code: 0 when nothing was found, 2 when something was, 130 when it was stopped.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask data check /data/FaceForensics++
  cargo xtask data check /data/Celeb-DF-v2 --out celeb-df.html
  cargo xtask data check stores/ff --json | jq .fault_counts
  cargo xtask data check /data/dfdc --frames 20      # looks more closely at each clip")]
struct Check {
    /// The data set's folder.
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// The data set's layout, where the folder does not tell; `prep --help` names them.
    #[arg(long, value_name = "NAME")]
    layout: Option<Layout>,
    /// Print JSON, with every fault, instead of text.
    #[arg(long)]
    json: bool,
    /// Write a page to this file.
    #[arg(long, value_name = "PAGE")]
    out: Option<PathBuf>,
    /// Frames of each clip to decode, from the first to the last.
    #[arg(long, default_value_t = 5, value_name = "N")]
    frames: usize,
    /// Call clips of fewer frames too short.
    #[arg(long, default_value_t = 16, value_name = "N")]
    least_frames: usize,
    /// Threads [default: one a core].
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let What::Check(arguments) = &arguments.what;
    let stop = terminal::stop_on_ctrl_c()?;
    let config = CheckConfig {
        frames: arguments.frames,
        least_frames: arguments.least_frames,
        ..CheckConfig::default()
    };
    let options = CheckOptions {
        root: &arguments.data,
        layout: arguments.layout,
        config: &config,
        workers: arguments.workers.unwrap_or_else(terminal::cores),
        stop,
    };
    let screen = Mutex::new((Terminal::new(), false));
    let found = check(&options, &|clip| {
        let mut screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
        let (terminal, begun) = &mut *screen;
        if !std::mem::replace(begun, true) {
            terminal.event(Event::Began {
                what: "clips",
                total: clip.total,
                done: 0,
            });
        }
        terminal.event(Event::Advanced {
            done: clip.done,
            note: clip.path,
        });
    });
    let (mut terminal, _) = screen.into_inner().unwrap_or_else(PoisonError::into_inner);
    terminal.finish();
    let found = found.map_err(|error| match error {
        CheckError::Dataset(error) => anyhow::Error::from(error),
        error => error.into(),
    })?;
    match arguments.json {
        true => outln!("{}", serde_json::to_string_pretty(&found)?),
        false => out!("{found}"),
    }
    if let Some(page) = &arguments.out {
        let written = found.write_page(page, &terminal::command_line().join(" "));
        written.with_context(|| page.display().to_string())?;
        if !arguments.json {
            outln!("Page:     {}", page.display());
        }
    }
    Ok(match stop.load(Ordering::Relaxed) {
        true => ExitCode::from(130),
        false if found.faults.is_empty() => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    })
}
