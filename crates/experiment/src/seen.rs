//! What a run has seen, by name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What a run was trained or tuned on, by name: what a test must not share with it (`seen.json`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Methods of the forgeries that it learnt from, and its generator.
    pub methods: BTreeSet<String>,
    /// People: those in the pictures, and those whose faces forgeries have.
    pub people: BTreeSet<String>,
    /// Videos, as `data set/video`, whatever compressed them: real ones, and those that forgeries were made from.
    pub sources: BTreeSet<String>,
}
