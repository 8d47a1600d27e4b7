#![doc = include_str!("../README.md")]

mod error;
mod file_name;
mod heic;
mod kind;
mod listing;
mod names;
mod paths;
mod picture;
mod walk;

pub use error::InputError;
pub use file_name::{FileName, shown};
pub use kind::Kind;
pub use listing::{Input, Listing, PassedOver};
pub use names::Names;
pub use paths::list;
pub use picture::read_picture;
