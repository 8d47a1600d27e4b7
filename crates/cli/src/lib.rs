#![doc = include_str!("../README.md")]
#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::{process::ExitCode, sync::OnceLock};

use clap::{CommandFactory, FromArgMatches, Subcommand};

#[macro_use]
mod output;
mod commands;
mod exit;
mod hints;
mod place;
mod terminal;

pub use exit::end;

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
    Explain(commands::explain::Arguments),
    Audit(commands::audit::Arguments),
    Prep(commands::prep::Arguments),
    Synth(commands::synth::Arguments),
    Reproduce(commands::reproduce::Arguments),
    Fixtures(commands::fixtures::Arguments),
}

/// How the program is called, as its texts name it.
static PROGRAM: OnceLock<&str> = OnceLock::new();

/// As the texts are written.
const WRITTEN: &str = "cargo xtask";

/// How the program is called: `cargo xtask` or `forged-faces`.
pub(crate) fn program() -> &'static str {
    PROGRAM.get().copied().unwrap_or(WRITTEN)
}

/// Parses the command line of a program that is called `program`, and names it so in every text.
/// Ends the program where there is nothing more to do, as after `--help`.
pub fn parse<T: CommandFactory + FromArgMatches>(program: &'static str) -> T {
    let program = PROGRAM.get_or_init(|| program);
    let command = match *program == WRITTEN {
        true => T::command(),
        false => renamed(T::command(), program),
    };
    let mut matches = command.get_matches();
    T::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit())
}

/// The command with its own name in the texts of all its parts.
fn renamed(command: clap::Command, program: &str) -> clap::Command {
    let text = |text: Option<&clap::builder::StyledStr>| {
        text.map(|text| text.to_string().replace(WRITTEN, program))
    };
    let [about, long_about, after] = [
        text(command.get_about()),
        text(command.get_long_about()),
        text(command.get_after_help()),
    ];
    let mut command = command
        .mut_args(|arg| {
            let [help, long_help] = [text(arg.get_help()), text(arg.get_long_help())];
            let arg = match help {
                Some(help) => arg.help(help),
                None => arg,
            };
            match long_help {
                Some(help) => arg.long_help(help),
                None => arg,
            }
        })
        .mut_subcommands(|part| renamed(part, program));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    match after {
        Some(after) => command.after_help(after),
        None => command,
    }
}

/// Runs a command; an error is one line on standard error.
pub fn run(command: &Command) -> ExitCode {
    end(match command {
        Command::Train(arguments) => commands::train::run(arguments),
        Command::Eval(arguments) => commands::eval::run(arguments),
        Command::Suite(arguments) => commands::suite::run(arguments),
        Command::Robustness(arguments) => commands::robustness::run(arguments),
        Command::Detect(arguments) => commands::detect::run(arguments),
        Command::Explain(arguments) => commands::explain::run(arguments),
        Command::Audit(arguments) => commands::audit::run(arguments),
        Command::Prep(arguments) => commands::prep::run(arguments),
        Command::Synth(arguments) => commands::synth::run(arguments),
        Command::Reproduce(arguments) => commands::reproduce::run(arguments),
        Command::Fixtures(arguments) => commands::fixtures::run(arguments),
    })
}
