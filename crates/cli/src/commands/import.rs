//! `cargo xtask import`

use std::{path::PathBuf, process::ExitCode};

use checkpoints::{ImportOptions, Imported, Kind};
use clap::Args;

use crate::{place, program::program, terminal};

/// Take a detector that its authors published, as a run to be asked and measured.
///
/// FILE is a state dictionary of PyTorch as the authors' training script saves it (.pth, .pkl, .tar;
/// zip or older; nothing in it is executed), or safetensors of the same names. KIND says whose it is.
/// Its names must be the network's, one for one, but for what all of them begin with (`module.`,
/// `model.net.`), which is taken off and said. The run has the network, and how a face is cut out and pixels are read, as
/// the authors' code has it; `detect`, `explain`, `eval` and `robustness` take it like any other. It is not
/// calibrated: its scores are the network's own, and one half is the threshold.
#[derive(Args)]
#[command(after_help = kinds())]
pub struct Arguments {
    /// What the file is; see below.
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The run's directory [default: KIND under runs/].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The kinds, each with its file, and examples.
fn kinds() -> String {
    let kinds = Kind::ALL.map(|kind| {
        let (name, of, file) = (kind.name(), kind.of(), kind.file());
        let (url, terms) = (kind.url(), kind.terms());
        format!("  {name}\n      {of}; {terms}\n      {file}: {url}\n")
    });
    format!(
        "Kinds, with the terms and the place of each file:\n{}\nExamples:\n  cargo xtask import sbi FFraw.tar --out runs/sbi\n  cargo xtask detect party.jpg --run runs/sbi\n  cargo xtask eval --run runs/sbi --data celeb-df/manifest.json\n\ndocs/checkpoints.md says what the authors' code does to a picture, and what is done here.",
        kinds.concat()
    )
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { kind, file, out } = arguments;
    let out = out.clone();
    let options = ImportOptions {
        kind: *kind,
        file: file.clone(),
        out: out.unwrap_or_else(|| PathBuf::from(place::RUNS).join(kind.name())),
        command: terminal::command_line(),
    };
    let Imported {
        run,
        prefix,
        tensors,
        left_out,
    } = checkpoints::import(&options)?;
    let run = run.path().display();
    outln!("Imported: {}, {tensors} tensors", kind.of());
    if !prefix.is_empty() {
        outln!("Names:    all begin with `{prefix}`, which was taken off");
    }
    if let Some(first) = left_out.first() {
        outln!(
            "Left out: {} tensors that it has no use for, the first {first}",
            left_out.len()
        );
    }
    outln!("Terms:    {} ({})", kind.terms(), kind.url());
    outln!("Scores:   not calibrated; forged is what the network gives one half or more");
    outln!("Run:      {run}");
    outln!("Next:     {} detect PICTURE --run {run}", program());
    Ok(ExitCode::SUCCESS)
}
