//! How the program is called, and its texts.

use std::sync::OnceLock;

use clap::{CommandFactory, FromArgMatches};

/// How the program is called, as its texts name it.
static PROGRAM: OnceLock<&str> = OnceLock::new();

/// As the texts are written.
const WRITTEN: &str = "cargo xtask";

/// The product's own program.
pub(crate) const BINARY: &str = "forged-faces";

/// Whether the program belongs to the sources that it was built from, as `cargo xtask` does.
pub(crate) fn is_of_the_sources() -> bool {
    program() == WRITTEN
}

/// The product's own program, whatever this one is called, with the commands that are added to it.
pub(crate) fn product(with_commands: fn(clap::Command) -> clap::Command) -> clap::Command {
    let command = clap::Command::new(BINARY)
        .version(env!("CARGO_PKG_VERSION"))
        .about(
            "Train detectors of forged faces, evaluate them honestly, and ask them about pictures",
        );
    let mut command = renamed(with_commands(command), BINARY);
    command.build();
    command
}

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
