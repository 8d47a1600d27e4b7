#![doc = include_str!("../README.md")]

mod ahead;
mod clips;
mod compare;
mod error;
mod evaluate;
mod in_time;
mod json;
mod localize;
mod measure;
mod outcome;
mod run;
mod scored;
mod scores_csv;
mod scoring;
mod showing;
mod subject;
mod table;
mod validation;

pub use clips::judge_each;
pub use compare::{Cell, Comparison, Named, compare};
pub use error::Error;
pub use evaluate::{EvalOptions, Selection, after_training, evaluate_run};
pub use in_time::InTime;
pub use json::measured_json;
pub use localize::Localization;
pub use outcome::Evaluation;
pub use run::Run;
pub use scored::Scored;
pub use scoring::{Item, ScoringSet};
pub use subject::Subject;
pub use table::in_words;
pub use validation::Validated;
