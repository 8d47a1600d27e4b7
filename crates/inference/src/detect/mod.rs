//! Verdicts on images and videos, with pictures, time lines and a page of them all.

mod answer;
mod outcome;
mod page;
mod run;
mod shown;

pub use answer::{Answer, FaceAnswer, TrackAnswer, Verdict};
pub use outcome::{DetectOptions, DetectOutcome};
pub use run::detect;
