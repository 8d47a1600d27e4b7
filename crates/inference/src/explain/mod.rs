//! What a detector looks at in images and videos.

mod clip;
mod explainer;
mod face;
mod outcome;
mod picture;
mod run;

pub use outcome::{ExplainOptions, ExplainOutcome};
pub use run::explain;
