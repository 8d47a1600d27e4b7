//! The networks beside their originals, their weights, and hostile weight files.

mod any;
mod any_bytes;
mod blocks;
mod checkpoints;
mod efficientnet;
mod parity;
mod precision;
mod training;
mod weights;
mod xception;
