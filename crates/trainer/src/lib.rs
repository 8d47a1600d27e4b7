#![doc = include_str!("../README.md")]

mod audit;
mod checkpoint;
mod clips;
mod compare;
mod cores;
mod detect;
mod device;
mod error;
mod evaluate;
mod explain;
mod faces;
mod forger;
mod gallery;
mod in_time;
mod localize;
mod log;
mod measure;
mod micro_batch;
mod observer;
mod order;
mod pairs;
mod prefetch;
mod randomness;
mod recipe;
mod robustness;
mod run;
mod run_dir;
mod sampler;
mod schedule;
mod scores_csv;
mod scoring;
mod showing;
mod tasks;
mod train;
mod validation;

pub use crate::explain::{ExplainOptions, ExplainOutcome, explain};
pub use audit::{
    AuditOptions, IdentityAudit, Interaction, LayerProbe, Placed, Probe, audit_identity,
};
pub use compare::{Cell, Comparison, Named, compare};
pub use detect::{
    Answer, DetectOptions, DetectOutcome, FaceAnswer, Moment, TrackAnswer, Verdict, detect,
};
pub use device::{DeviceError, DeviceName};
pub use error::{Error, ModelError};
pub use evaluate::{EvalOptions, Evaluation, Scored, Selection, evaluate_run};
pub use face_preproc::split::Split;
pub use faces::data_digest;
pub use gallery::{SynthOptions, synth};
pub use in_time::InTime;
pub use localize::Localization;
pub use log::LogLine;
pub use observer::{Event, Observer};
pub use recipe::{
    BUILT_IN, CalibrationRule, Forgery, Generator, LisiamRecipe, Model, Optimizer, Recipe, Rule,
    Stage,
};
pub use robustness::{
    Condition, Measures, Perturbation, Robustness, RobustnessOptions, RunResult, robustness,
};
pub use run_dir::{Best, DataInfo, RunDir, RunInfo};
pub use schedule::{Decay, Schedule};
pub use scoring::Item;
pub use synth_data::perturb::Level;
pub use train::{Means, TrainOptions, Trained, resume, train};
pub use validation::Decision;
