//! What the trainer tells whoever watches it; it never prints.

use std::path::Path;

/// Something that a person may want to see.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A fact, in one line.
    Said(&'a str),
    /// A file or row was skipped.
    Skipped {
        /// The file or row.
        what: &'a str,
        /// Why.
        why: &'a str,
    },
    /// A store lacks shards that are still to be made.
    Incomplete {
        /// The store.
        store: &'a Path,
        /// Shards that are not there yet.
        shards: usize,
        /// Clips in them.
        clips: usize,
    },
    /// A long job began.
    Began {
        /// What is done.
        what: &'a str,
        /// In how many units.
        total: usize,
        /// How many are done already.
        done: usize,
    },
    /// The job went on.
    Advanced {
        /// Units done.
        done: usize,
        /// A few words, such as the loss.
        note: &'a str,
    },
    /// The job ended.
    Ended,
}

/// Watches the trainer.
pub trait Observer {
    /// Takes notice.
    fn event(&mut self, event: Event<'_>);
}

/// Sees nothing.
impl Observer for () {
    fn event(&mut self, _event: Event<'_>) {}
}
