//! How a person goes on from here, in the words of the program that runs.

use std::path::Path;

/// Commands that pages and records name. A library knows none; whoever has a command line says how
/// its commands are written.
#[derive(Debug, Clone, Copy)]
pub struct Guide {
    /// What may be done next with the run in a folder, and by which command.
    pub next_steps: fn(run: &Path) -> Vec<(String, String)>,
    /// The command that repeats a training by its recipe's file, on data that are not built in.
    pub repeat: fn(recipe: &Path, data: Option<&Path>) -> String,
}

impl Default for Guide {
    /// There is no command.
    fn default() -> Self {
        Self {
            next_steps: |_| Vec::new(),
            repeat: |_, _| String::new(),
        }
    }
}
