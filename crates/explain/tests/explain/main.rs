//! Explanations beside independent results.

#[path = "../../../backbones/tests/formula/mod.rs"]
mod formula;

mod features;
mod grad_cam;
mod interaction;
