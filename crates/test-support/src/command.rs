//! Programs as a user calls them.

use std::process::{Command, Output};

/// Runs a command that must succeed.
///
/// # Panics
///
/// Panics if it does not, with what it said.
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        said[0],
        said[1]
    );
    output
}
