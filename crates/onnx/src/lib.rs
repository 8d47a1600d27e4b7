#![doc = include_str!("../README.md")]

mod graph;
mod proto;

pub use graph::{Attribute, Axis, Graph, OPSET, Value};
