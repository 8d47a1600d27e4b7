//! What the terminal shows: progress, one-line errors, Ctrl-C.

use std::{
    fmt::Write,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime},
};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use runtime::{Event, Observer};

/// Shows events as progress bars and lines on standard error.
pub(crate) struct Terminal {
    bar: Option<ProgressBar>,
    /// Units of the bar that were done before it began.
    before: u64,
    skipped: usize,
    /// Without a terminal, a line now and then takes the place of the bar.
    quiet_until: Option<std::time::Instant>,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Self {
            bar: None,
            before: 0,
            skipped: 0,
            quiet_until: None,
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// 2 where files were skipped, else 0.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.skipped == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) if !bar.is_hidden() => bar.println(text),
            _ => errln!("{text}"),
        }
    }
}

impl Observer for Terminal {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Said(text) => self.line(text),
            Event::Incomplete {
                store,
                shards,
                clips,
            } => self.line(&format!(
                "{}: {shards} shards with {clips} clips are not there yet; make them by `{} prep`",
                store.display(),
                crate::program::program()
            )),
            Event::Skipped { what, why } => {
                self.skipped += 1;
                self.line(&format!("skipped: {what}: {why}"));
            }
            Event::Began { what, total, done } => {
                self.finish();
                self.before = done as u64;
                let bar = ProgressBar::new(total as u64).with_position(self.before);
                bar.set_style(style(self.before));
                bar.set_prefix(what.to_owned());
                self.quiet_until = Some(std::time::Instant::now() + Duration::from_secs(10));
                self.bar = Some(bar);
            }
            Event::Advanced { done, note } => {
                let Some(bar) = &self.bar else { return };
                bar.set_position(done as u64);
                bar.set_message(note.to_owned());
                let now = std::time::Instant::now();
                if bar.is_hidden() && self.quiet_until.is_none_or(|until| now > until) {
                    self.quiet_until = Some(now + Duration::from_secs(10));
                    let total = bar.length().unwrap_or_default();
                    let (rate, left) = pace(self.before, done as u64, total, bar.elapsed());
                    let what = bar.prefix();
                    let left = left.map_or("?".into(), |left| HumanDuration(left).to_string());
                    errln!("{what} {done}/{total} {rate:.1}/s, {left} left  {note}");
                }
            }
            Event::Ended => self.finish(),
        }
    }
}

/// Units a second, and how long the rest takes at that pace: the mean over the whole job, so that
/// training's pauses for validation count and do not make it jump. `None` before the first unit.
fn pace(before: u64, done: u64, total: u64, elapsed: Duration) -> (f64, Option<Duration>) {
    let rate = done.saturating_sub(before) as f64 / elapsed.as_secs_f64().max(1e-3);
    let rest = total.saturating_sub(done) as f64;
    (rate, Duration::try_from_secs_f64(rest / rate).ok())
}

fn style(before: u64) -> ProgressStyle {
    let paced = move |state: &ProgressState| {
        let total = state.len().unwrap_or_default();
        pace(before, state.pos(), total, state.elapsed())
    };
    // A string takes all that is written.
    let rate = move |state: &ProgressState, out: &mut dyn Write| {
        let _ = write!(out, "{:.1}/s", paced(state).0);
    };
    let left = move |state: &ProgressState, out: &mut dyn Write| {
        let _ = match paced(state).1 {
            Some(left) => write!(out, "{:#}", HumanDuration(left)),
            None => write!(out, "?"),
        };
    };
    ProgressStyle::with_template(
        "{prefix} {bar:24} {pos}/{len}  {rate:.dim}  {left} left  {msg:.dim}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar())
    .with_key("rate", rate)
    .with_key("left", left)
}

/// Set by the first Ctrl-C; the second one ends the program at once.
pub(crate) fn stop_on_ctrl_c() -> anyhow::Result<&'static AtomicBool> {
    static STOP: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        errln!("\nstopping after this step; Ctrl-C again stops at once");
    })?;
    Ok(&STOP)
}

/// The error and its causes in one line; a cause that the error names itself is not repeated.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}

/// The command as the user would type it; of a part of some work, the command that does all of it.
pub(crate) fn command_line() -> Vec<String> {
    let program = crate::program::program().split(' ').map(str::to_owned);
    let mut words: Vec<String> = program.chain(std::env::args().skip(1)).collect();
    words.retain(|word| !word.starts_with("--shard="));
    if let Some(at) = words.iter().position(|word| word == "--shard") {
        words.drain(at..words.len().min(at + 2));
    }
    words
}

/// Cores of this machine.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// `, 3 skipped`, or nothing.
pub(crate) fn skipped(count: usize) -> String {
    if count == 0 {
        String::new()
    } else {
        format!(", {count} skipped")
    }
}

/// UTC as `2026-11-22-093005`, for names of files.
pub(crate) fn time_stamp(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time)
        .to_string()
        .replace('T', "-")
        .replace([':', 'Z'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_of_this_job_and_counts_its_pauses() {
        let second = Duration::from_secs;
        assert_eq!(pace(100, 120, 200, second(10)), (2.0, Some(second(40))));
        assert_eq!(pace(100, 100, 200, second(10)), (0.0, None));
        assert_eq!(pace(0, 200, 200, second(10)).1, Some(second(0)));
    }

    #[test]
    fn time_stamps_are_civil_dates() {
        let at = |seconds| time_stamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(951_827_696), "2000-02-29-123456");
        assert_eq!(at(1_795_339_805), "2026-11-22-093005");
    }

    #[test]
    fn errors_take_one_line() {
        let error = anyhow::anyhow!("first\n  second").context("outer");
        assert_eq!(one_line(&error), "outer: first; second");
        let told = anyhow::anyhow!("inner").context("outer: inner");
        assert_eq!(one_line(&told.context("list")), "list: outer: inner");
    }
}
