//! The network against its paper, its training, its configuration.

mod inference;
mod network;
mod parity;
mod training;
