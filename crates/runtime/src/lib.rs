#![doc = include_str!("../README.md")]

pub mod cores;
mod device;
mod devices;
mod observer;
mod prefetch;
mod randomness;
mod recent;

pub use device::{DeviceError, DeviceName};
pub use devices::Devices;
pub use observer::{Event, Observer};
pub use prefetch::{InOrder, in_order};
pub use randomness::{Purpose, generator};
pub use recent::Recent;
