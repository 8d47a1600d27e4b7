#![doc = include_str!("../README.md")]

mod error;
mod features;
mod identity;
mod interaction;
mod layout;
mod outcome;
mod page;
mod probe;

pub use error::Error;
pub use identity::{AuditOptions, audit_identity};
pub use interaction::Interaction;
pub use model_adm::ScalarScore;
pub use outcome::{IdentityAudit, Placed};
pub use probe::{LayerProbe, Probe};
