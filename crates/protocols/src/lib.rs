#![doc = include_str!("../README.md")]

mod error;
mod found;
mod protocol;
mod reading;
mod table;

pub use error::{Error, Wrong};
pub use found::{Number, Ours, Run, runs};
pub use protocol::{Cell, Column, Level, Measure, Protocol, Row, Store, Stores, Training, Unit};
pub use reading::Protocols;
pub use table::{aligned, list, numbers};
