#![doc = include_str!("../README.md")]

mod adam;
mod freezing;
mod gradients;
mod optimizer;

pub use adam::Adam;
pub use freezing::{check_frozen, freeze};
pub use gradients::{ascended, clipped};
pub use optimizer::init;
