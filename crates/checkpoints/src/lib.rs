#![doc = include_str!("../README.md")]

mod error;
mod import;
mod keras;
mod kind;
mod looks;
mod names;

pub use error::Error;
pub use import::{ImportOptions, Imported, import};
pub use kind::{Kind, UnknownKind};
pub use looks::Looks;
