//! A fact.

use serde::{Deserialize, Serialize};

/// Characters of a value that are told.
const MOST: usize = 200;

/// Something that a file says of itself: no judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What is told, such as `Camera`.
    pub what: String,
    /// What the file says, as it stands there.
    pub told: String,
}

impl Fact {
    /// A fact.
    pub fn new(what: &str, told: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            told: told.into(),
        }
    }
}

/// A value in one line of moderate length.
pub(crate) fn tamed(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(MOST).collect()
}
