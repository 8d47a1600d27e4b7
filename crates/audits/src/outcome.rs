//! What an audit finds, as data, as text and as JSON.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{interaction::Interaction, probe::Probe};

/// How much a detector looks at who it is.
#[derive(Debug, Clone)]
pub struct IdentityAudit {
    /// The data.
    pub data: PathBuf,
    /// Which rows: test or all.
    pub split: String,
    /// Whether the data are rendered, not photographs.
    pub synthetic: bool,
    /// What a linear layer reads of the identity.
    pub probe: Probe,
    /// The interaction of whole faces.
    pub interaction: Interaction,
    /// Faces on the plane by t-SNE of what the classifier reads (LiSiam, figure 5).
    pub layout: Vec<Placed>,
    /// Up to 100 faces of 10 people by t-SNE of the same, of length one (CADDM, figure 5).
    pub people: Vec<Placed>,
}

/// A face on the plane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// Place, without a unit.
    pub at: [f64; 2],
    /// The identity's number.
    pub identity: u32,
    /// Whether it is forged.
    pub forged: bool,
    /// By which method; of a real face what the data set calls it.
    pub method: String,
}

impl IdentityAudit {
    /// Two sentences for a person.
    #[must_use]
    pub fn sentences(&self) -> [String; 2] {
        [self.probe.sentence(), self.interaction.sentence()]
    }

    /// As `audit.json` has it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "data": Path::new(&self.data).to_string_lossy(),
            "split": self.split,
            "synthetic": self.synthetic,
            "identity_probe": self.probe,
            "interaction": self.interaction.to_json(),
            "layout": self.layout,
            "people": self.people,
        })
    }
}
