//! ADM beside the published code, its equations and its properties.

mod support;

mod config;
mod features;
mod games;
mod losses;
mod model;
mod official;
mod parity;
mod properties;
mod training;
