//! `forged-faces`: the product's commands.

use std::process::ExitCode;

use clap::Parser;

/// Train detectors of forged faces, evaluate them honestly, and ask them about pictures.
#[derive(Parser)]
#[command(name = "forged-faces", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: cli::Command,
}

fn main() -> ExitCode {
    let arguments: Arguments = cli::parse("forged-faces");
    cli::run(&arguments.command)
}
