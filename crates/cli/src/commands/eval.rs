//! `cargo xtask eval`

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::ensure;
use clap::{Args, ValueEnum};
use evaluation::{Disjoint, EvalOptions, Named, Parted, Selection};
use experiment::RunDir;
use face_store::Share;
use runtime::DeviceName;

use super::{RUNS, print_part, run_or_newest};
use crate::terminal::{self, Terminal};

/// Score a labelled data set with a trained detector.
///
/// Prints AUC, AP, EER, accuracy and calibration error with 95 % intervals for each data set and
/// method, at frame and at video level, and writes scores.csv (one row a frame, every manifest field kept),
/// metrics.json and report.html. Scores are probabilities, calibrated on the run's validation
/// split. Name several runs or data sets, and it sets all of them side by side: the matrix, method
/// by method, and whether one run is better than another on the same videos. With --protocol, what the run
/// has seen is left out, named and counted: its methods, its people, its videos.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask eval --data celeb-df/manifest.json
  cargo xtask eval --run runs/my-run --split val
  cargo xtask eval --data ffpp.store --protocol generator-disjoint,source-disjoint
  cargo xtask eval --data dfdc.store --shard 3/16     # one task of a job array
  cargo xtask eval --run runs/pcl --run runs/adm --data ffpp.store --data celeb-df.store

A manifest is a JSON array with a row for each picture: `file`, and optionally `label` (0 real,
1 forged; absent = real), `video`, `frame`, `identity`, `dataset`, `method`, `landmarks68`,
`mask`, `split`.")]
pub struct Arguments {
    /// The run [default: the newest under runs/]; may be repeated.
    #[arg(long, value_name = "DIR")]
    run: Vec<PathBuf>,
    /// A manifest (JSON), a folder of pictures or a store [default: the data of the run]; may be
    /// repeated.
    #[arg(long, value_name = "PATH")]
    data: Vec<PathBuf>,
    /// Which rows [default: test where the rows name their split or the run was trained on these
    /// data, else all].
    #[arg(long, value_enum)]
    split: Option<Rows>,
    /// Whether forgeries are made from the real faces by the run's generator, and scored too: auto
    /// makes them where the rows hold no forgery, and for the data of the run.
    #[arg(long, value_enum, default_value = "auto")]
    forge: Forge,
    /// Test only what the run has not seen: generator-disjoint (no method that it learnt from),
    /// identity-disjoint (nobody), source-disjoint (no video, nor a forgery of one); several with commas.
    /// Refused where no test is left.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    protocol: Vec<Disjoint>,
    /// Do only part I of N, for several machines on one folder; the last of them writes the results. Of one
    /// run and one data set.
    #[arg(long, default_value = "0/1", value_name = "I/N")]
    shard: Share,
    /// Where the results go [default: eval-NAME in the run; of several: runs/comparison].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

#[derive(Clone, Copy, ValueEnum)]
enum Rows {
    Train,
    Val,
    Test,
    All,
}

#[derive(Clone, Copy, ValueEnum)]
enum Forge {
    Auto,
    Yes,
    No,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let options = EvalOptions {
        data: arguments.data.first().cloned(),
        synthetic: false,
        selection: arguments.split.map(|rows| match rows {
            Rows::Train => Selection::Split(face_data::Split::Train),
            Rows::Val => Selection::Split(face_data::Split::Val),
            Rows::Test => Selection::Split(face_data::Split::Test),
            Rows::All => Selection::All,
        }),
        forge: match arguments.forge {
            Forge::Auto => None,
            Forge::Yes => Some(true),
            Forge::No => Some(false),
        },
        disjoint: arguments.protocol.clone(),
        out: arguments.out.clone(),
        device: arguments.device,
        command: terminal::command_line(),
        guide: crate::hints::guide(),
    };
    if arguments.run.len() > 1 || arguments.data.len() > 1 {
        ensure!(
            arguments.shard == Share::ALL,
            "--shard takes one --run and one --data"
        );
        return side_by_side(arguments, &options, terminal);
    }
    let run = run_or_newest(arguments.run.first().map(PathBuf::as_path))?;
    let parted = evaluation::evaluate_share(&run, &options, arguments.shard, &mut terminal)?;
    terminal.finish();
    let (evaluation, out) = match parted {
        Parted::Whole(whole) => whole,
        Parted::Part { there, of } => {
            print_part(there, of);
            return Ok(terminal.exit_code());
        }
    };
    outln!("{}", evaluation.table());
    outln!("{}", evaluation.sentence());
    for sentence in evaluation
        .protocol
        .iter()
        .flat_map(evaluation::Protocol::sentences)
    {
        outln!("{sentence}");
    }
    for place in evaluation.places() {
        outln!("{place}");
    }
    outln!();
    outln!("Report:   {}", out.join("report.html").display());
    outln!("Scores:   {}", out.join("scores.csv").display());
    outln!("Metrics:  {}", out.join("metrics.json").display());
    Ok(terminal.exit_code())
}

/// Several runs, or data sets, or both.
fn side_by_side(
    arguments: &Arguments,
    options: &EvalOptions,
    mut terminal: Terminal,
) -> anyhow::Result<ExitCode> {
    let mut runs = Vec::new();
    for run in &arguments.run {
        runs.push(Named::after(run, RunDir::open(run)?));
    }
    if runs.is_empty() {
        let newest = run_or_newest(None)?;
        runs.push(Named::after(newest.path(), newest.clone()));
    }
    let data = match arguments.data.is_empty() {
        true => vec![runs[0].it.data()?],
        false => arguments.data.clone(),
    };
    let data: Vec<_> = data
        .into_iter()
        .map(|data| Named::after(&data.clone(), data))
        .collect();
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new(RUNS).join("comparison"));
    let comparison = evaluation::compare(&runs, &data, options, &out, &mut terminal)?;
    terminal.finish();
    print_comparison(&comparison);
    Ok(terminal.exit_code())
}

/// The matrices, and where to read on.
pub(super) fn print_comparison(comparison: &evaluation::Comparison) {
    outln!("{}", comparison.table());
    for note in comparison.notes() {
        outln!("note: {note}");
    }
    outln!();
    outln!("Page:     {}", comparison.page.display());
    outln!("Next:     open it in a browser; each number there leads to its own report");
}
