#![doc = include_str!("../README.md")]

mod error;
mod held_out;
mod there;

pub use error::Error;
pub use held_out::{HeldOut, hold_out_each};
pub use there::train_once;
