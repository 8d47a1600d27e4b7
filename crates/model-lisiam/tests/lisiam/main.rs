//! The network against its paper, its training, its configuration.

#[path = "../../../backbones/tests/formula/mod.rs"]
mod formula;
mod inference;
mod network;
mod parity;
mod training;
