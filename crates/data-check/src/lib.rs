#![doc = include_str!("../README.md")]

mod across;
mod check;
mod config;
mod counts;
mod error;
mod fault;
mod item;
mod listed;
mod look;
mod mask;
mod near;
mod page;
mod text;

pub use check::{Check, CheckOptions, ClipDone, Unchecked, check};
pub use config::CheckConfig;
pub use counts::{Beside, Group, Range};
pub use error::CheckError;
pub use fault::{Fault, FaultKind};
