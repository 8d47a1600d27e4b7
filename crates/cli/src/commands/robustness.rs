//! `cargo xtask robustness`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use evaluation::Parted;
use face_store::Share;
use robustness::{Level, Perturbation, RobustnessOptions};
use runtime::DeviceName;

use super::{print_part, run_or_newest};
use crate::terminal::{self, Terminal};

/// Measure what is left of detectors where pictures are worse.
///
/// Seven perturbations at five levels, those of DeeperForensics-1.0, are applied to whole pictures
/// before the face is cut out: saturation, contrast, block, noise, blur, pixelation, and the
/// compression of videos. Prints the video AUC of each with 95 % intervals and the mean as CADDM's
/// Table 4 has it, and writes robustness.html (curves), robustness.csv and robustness.json.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask robustness
  cargo xtask robustness --run runs/pcl --run runs/adm --data celeb-df/manifest.json
  cargo xtask robustness --perturbation noise,compression --levels 1,5

The data must hold real and forged faces. Rows of the test split are judged where the rows name
their split or the data are the run's own, else all.")]
pub struct Arguments {
    /// A run; give it again for each further one [default: the newest under runs/].
    #[arg(long, value_name = "DIR")]
    run: Vec<PathBuf>,
    /// A manifest (JSON), a folder of pictures or a store [default: the data of the first run].
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Which perturbations, with commas between them [default: all seven].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    perturbation: Vec<Perturbation>,
    /// Which levels: from..to, or single ones with commas between them.
    #[arg(long, default_value = "1..5", value_name = "LEVELS", value_parser = levels)]
    levels: Levels,
    /// Do only part I of N, for several machines on one folder; the last of them writes the results. Of one
    /// run.
    #[arg(long, default_value = "0/1", value_name = "I/N")]
    shard: Share,
    /// Where the results go [default: robustness-NAME in the first run].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

/// Ascending, each once.
#[derive(Clone)]
struct Levels(Vec<Level>);

fn levels(text: &str) -> Result<Levels, String> {
    let one = |text: &str| match text.parse::<Level>()? {
        Level::NONE => Err("level 0 is the untouched picture, which is always measured".to_owned()),
        level => Ok(level),
    };
    let mut levels = match text.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (one(from)?, one(to.trim_start_matches('='))?);
            let among = |level: &Level| (from..=to).contains(level);
            Level::ALL.into_iter().filter(among).collect()
        }
        None => text.split(',').map(one).collect::<Result<Vec<_>, _>>()?,
    };
    levels.sort_unstable();
    levels.dedup();
    match levels.is_empty() {
        true => Err(format!("'{text}' holds no level; levels are 1 to 5")),
        false => Ok(Levels(levels)),
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let runs = match arguments.run.is_empty() {
        true => vec![run_or_newest(None)?],
        false => {
            let named = arguments.run.iter();
            named
                .map(|run| run_or_newest(Some(run)))
                .collect::<Result<_, _>>()?
        }
    };
    let named = &arguments.perturbation;
    let options = RobustnessOptions {
        data: arguments.data.clone(),
        perturbations: Perturbation::all()
            .into_iter()
            .filter(|kind| named.is_empty() || named.contains(kind))
            .collect(),
        levels: arguments.levels.0.clone(),
        out: arguments.out.clone(),
        share: arguments.shard,
        device: arguments.device,
        command: terminal::command_line(),
    };
    let parted = robustness::robustness(&runs, &options, &mut terminal)?;
    terminal.finish();
    let (found, out) = match parted {
        Parted::Whole(whole) => whole,
        Parted::Part { there, of } => {
            print_part(there, of);
            return Ok(terminal.exit_code());
        }
    };
    outln!("{}", found.table());
    for note in &found.notes {
        outln!("note: {note}");
    }
    outln!();
    outln!("Page:     {}", out.join("robustness.html").display());
    outln!("Table:    {}", out.join("robustness.csv").display());
    outln!("Numbers:  {}", out.join("robustness.json").display());
    Ok(terminal.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ranges_or_lists() {
        let numbers = |text: &str| {
            let levels = levels(text).map(|levels| levels.0);
            levels.map(|levels| levels.iter().map(|l| l.number()).collect::<Vec<_>>())
        };
        assert_eq!(numbers("1..5").unwrap(), [1, 2, 3, 4, 5]);
        assert_eq!(numbers("2..=3").unwrap(), [2, 3]);
        assert_eq!(numbers("5, 1,5").unwrap(), [1, 5]);
        for wrong in ["0..2", "6", "5..1", "x", ""] {
            assert!(numbers(wrong).is_err(), "{wrong}");
        }
    }
}
