#![doc = include_str!("../README.md")]

mod error;
mod kept;
mod rendered;

pub use error::Error;
pub use kept::{clips, faces};
pub use rendered::{MANIFEST, film, render};
