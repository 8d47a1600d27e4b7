#![doc = include_str!("../README.md")]

/// `detector.json`: what it is, how a face is cut out for it, how its scores are read.
pub const CONFIG: &str = include_str!("../detector/detector.json");

/// The weights, safetensors in f16.
pub static WEIGHTS: &[u8] = include_bytes!("../detector/weights.safetensors");
