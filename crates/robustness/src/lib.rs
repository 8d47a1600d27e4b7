#![doc = include_str!("../README.md")]

mod error;
mod judging;
mod measuring;
mod page;
mod perturbation;
mod results;

pub use error::Error;
pub use measuring::{RobustnessOptions, robustness};
pub use perturbation::Perturbation;
pub use results::{Condition, Measures, Robustness, RunResult};
pub use synth_data::perturb::Level;
