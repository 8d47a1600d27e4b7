#![doc = include_str!("../README.md")]

mod audit;
mod clips;
mod compare;
mod error;
mod evaluate;
mod in_time;
mod localize;
mod measure;
mod robustness;
mod run;
mod scored;
mod scores_csv;
mod scoring;
mod showing;
mod validation;

pub use audit::{
    AuditOptions, IdentityAudit, Interaction, LayerProbe, Placed, Probe, audit_identity,
};
pub use clips::judge_each;
pub use compare::{Cell, Comparison, Named, compare};
pub use error::Error;
pub use evaluate::{EvalOptions, Selection, after_training, evaluate_run};
pub use in_time::InTime;
pub use localize::Localization;
pub use model_adm::ScalarScore;
pub use robustness::{
    Condition, Measures, Perturbation, Robustness, RobustnessOptions, RunResult, robustness,
};
pub use scored::{Evaluation, Scored};
pub use scoring::{Item, ScoringSet, Subject};
pub use synth_data::perturb::Level;
pub use validation::Validated;
