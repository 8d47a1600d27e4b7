#![doc = include_str!("../README.md")]

mod answer;
mod assets;
mod facts;
mod film;
mod notes;
mod page;
mod picture;
mod place;
mod score;
mod template;

pub use answer::{Show, shown};
pub use assets::{SCRIPT, style};
pub use facts::{ABOUT_FACTS, facts, told};
pub use notes::{LIMITS, notes};
pub use page::{Entry, Page};
pub use place::{Link, Place, file_address};
