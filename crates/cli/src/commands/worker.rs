//! `cargo xtask worker`: what `serve` has files judged by, one process a worker.

use std::{
    io::{BufRead, stdin},
    path::PathBuf,
    process::{self, ExitCode},
    sync::mpsc::{Receiver, channel},
    thread,
};

use clap::Args;
use inference::{PredictOptions, detect_file};
use runtime::{DeviceName, Event, Observer};
use workbench::protocol::{Said, Task};

use crate::place;

/// Judge files that are named on standard input, a line of JSON each.
#[derive(Args)]
pub struct Arguments {
    /// The detector, as `detect` takes it.
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut detector = place::detector(arguments.run.as_deref(), arguments.device)?;
    let tasks = tasks();
    say(&Said::Ready {
        detector: detector.about(),
    });
    for Task {
        file,
        out,
        settings,
    } in tasks
    {
        detector.options = PredictOptions {
            cropped: settings.whole,
            any_compression: settings.any_compression,
            frames: settings.frames.get(),
        };
        let answer = detect_file(&detector, &file, (&out, "answer"), &mut Telling(0), &|| {
            false
        });
        say(&match answer {
            Some(answer) => Said::Answered {
                answer: Box::new(answer),
                facts: provenance::facts(&file),
            },
            None => Said::Failed {
                why: "it was stopped".into(),
            },
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// The tasks as they come. Once nobody gives any more, the program ends at once, whatever it is at.
fn tasks() -> Receiver<Task> {
    let (give, tasks) = channel();
    thread::spawn(move || {
        for line in stdin().lock().lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(task) => _ = give.send(task),
                Err(error) => say(&Said::Failed {
                    why: error.to_string(),
                }),
            }
        }
        process::exit(0)
    });
    tasks
}

/// One line of JSON.
fn say(said: &Said) {
    // What can be said can be written.
    if let Ok(text) = serde_json::to_string(said) {
        outln!("{text}");
    }
}

/// Tells how far a film is, of so many frames.
struct Telling(u64);

impl Observer for Telling {
    fn event(&mut self, event: Event<'_>) {
        let done = match event {
            Event::Began { total, done, .. } => {
                self.0 = total as u64;
                done
            }
            Event::Advanced { done, .. } => done,
            _ => return,
        };
        say(&Said::Progress {
            done: done as u64,
            total: self.0,
        });
    }
}
