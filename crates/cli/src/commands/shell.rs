//! `forged-faces completions` and `forged-faces man`: what shells and `man` know of the program.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Args;
use clap_complete::Shell;

use crate::program::BINARY;

/// Print what a shell needs to complete commands and options.
///
/// The words are those of the program `forged-faces`, which `cargo install --path crates/cli` installs.
#[derive(Args)]
#[command(after_help = "\
Examples:
  forged-faces completions bash > ~/.local/share/bash-completion/completions/forged-faces
  forged-faces completions zsh > ~/.zfunc/_forged-faces
  forged-faces completions fish > ~/.config/fish/completions/forged-faces.fish")]
pub struct Completions {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Write manual pages, one for each command.
#[derive(Args)]
#[command(after_help = "\
Example:
  forged-faces man ~/.local/share/man/man1 && man forged-faces-detect")]
pub struct Man {
    /// The folder; it is made.
    #[arg(value_name = "DIR")]
    out: PathBuf,
}

/// The script of the product's program.
pub(crate) fn completions(
    arguments: &Completions,
    mut program: clap::Command,
) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, BINARY, &mut script);
    out!("{}", String::from_utf8_lossy(&script));
    Ok(ExitCode::SUCCESS)
}

/// The pages of the product's program.
pub(crate) fn man(arguments: &Man, program: clap::Command) -> anyhow::Result<ExitCode> {
    let out = &arguments.out;
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let written = clap_mangen::generate_to(program, out);
    written.with_context(|| out.display().to_string())?;
    outln!("Pages:    {}", out.display());
    Ok(ExitCode::SUCCESS)
}
