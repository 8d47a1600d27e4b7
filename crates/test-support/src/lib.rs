#![doc = include_str!("../README.md")]

mod command;
pub mod formula;
mod sample;
mod weights;

pub use command::succeed;
pub use sample::{Sample, values};
pub use weights::{StateDict, write_state_dict};
