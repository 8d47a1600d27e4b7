//! What users do: one file a command.

use crate::{
    output::print_part,
    place::{RUNS, run_or_newest},
};

pub(crate) mod audit;
mod built_in;
pub(crate) mod data;
pub(crate) mod detect;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod fixtures;
pub(crate) mod import;
pub(crate) mod pack;
pub(crate) mod prep;
pub(crate) mod reproduce;
pub(crate) mod robustness;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod suite;
pub(crate) mod synth;
pub(crate) mod train;
pub(crate) mod worker;
