#![doc = include_str!("../README.md")]

mod curve;
mod events;
mod proto;
mod record;

pub use curve::PrCurve;
pub use events::Events;
pub use proto::Hparam;
