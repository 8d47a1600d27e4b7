#![doc = include_str!("../README.md")]

mod differences;
mod error;
mod events;
mod guide;
mod json;
mod log;
mod log_line;
mod recipe;
mod run_dir;
mod schedule;
mod seen;

pub use differences::differences;
pub use error::Error;
pub use guide::Guide;
pub use json::{read_json, write_atomically, write_json};
pub use log::{Log, read_log};
pub use log_line::LogLine;
pub use recipe::{
    BUILT_IN, Balance, BestBy, CalibrationRule, Clip, Evaluation, Expected, FacesOfFrame, Forgery,
    Generator, LisiamRecipe, Mix, Model, Optimizer, Published, Recipe, Rule, Sam, Stage, stage_of,
    steps_of,
};
pub use run_dir::{BURN_VERSION, Best, DataInfo, RunDir, RunInfo};

pub use answers::Origin;
pub use schedule::{Decay, Ending, Precision, Schedule};
pub use seen::Seen;
