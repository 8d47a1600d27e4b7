#![doc = include_str!("../README.md")]
#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::Subcommand;

#[macro_use]
mod output;
mod commands;
mod exit;
mod hints;
mod place;
mod program;
mod terminal;

pub use exit::end;
pub use program::parse;

/// What the product can do.
#[derive(Subcommand)]
#[expect(
    missing_docs,
    reason = "the help shows what stands at a command's arguments"
)]
pub enum Command {
    Train(commands::train::Arguments),
    Eval(commands::eval::Arguments),
    Suite(commands::suite::Arguments),
    Robustness(commands::robustness::Arguments),
    Detect(commands::detect::Arguments),
    Serve(commands::serve::Arguments),
    Explain(commands::explain::Arguments),
    Audit(commands::audit::Arguments),
    Data(commands::data::Arguments),
    Prep(commands::prep::Arguments),
    Synth(commands::synth::Arguments),
    Import(commands::import::Arguments),
    Pack(commands::pack::Arguments),
    Export(commands::export::Arguments),
    Reproduce(commands::reproduce::Arguments),
    Fixtures(commands::fixtures::Arguments),
    Completions(commands::shell::Completions),
    Man(commands::shell::Man),
    #[command(hide = true)]
    Worker(commands::worker::Arguments),
}

/// Runs a command; an error is one line on standard error.
pub fn run(command: &Command) -> ExitCode {
    end(match command {
        Command::Train(arguments) => commands::train::run(arguments),
        Command::Eval(arguments) => commands::eval::run(arguments),
        Command::Suite(arguments) => commands::suite::run(arguments),
        Command::Robustness(arguments) => commands::robustness::run(arguments),
        Command::Detect(arguments) => commands::detect::run(arguments),
        Command::Serve(arguments) => commands::serve::run(arguments),
        Command::Explain(arguments) => commands::explain::run(arguments),
        Command::Audit(arguments) => commands::audit::run(arguments),
        Command::Data(arguments) => commands::data::run(arguments),
        Command::Prep(arguments) => commands::prep::run(arguments),
        Command::Synth(arguments) => commands::synth::run(arguments),
        Command::Import(arguments) => commands::import::run(arguments),
        Command::Pack(arguments) => commands::pack::run(arguments),
        Command::Export(arguments) => commands::export::run(arguments),
        Command::Reproduce(arguments) => commands::reproduce::run(arguments),
        Command::Fixtures(arguments) => commands::fixtures::run(arguments),
        Command::Completions(arguments) => commands::shell::completions(arguments, product()),
        Command::Man(arguments) => commands::shell::man(arguments, product()),
        Command::Worker(arguments) => commands::worker::run(arguments),
    })
}

/// The product's program with all its commands.
fn product() -> clap::Command {
    program::product(Command::augment_subcommands)
}
