//! Verdicts on images and videos, with pictures, time lines and a page of them all.

mod answer;
mod journal;
mod outcome;
mod page;
mod run;
mod shown;
mod told;

pub use outcome::{DetectOptions, DetectOutcome};
pub use run::{detect, detect_file};
