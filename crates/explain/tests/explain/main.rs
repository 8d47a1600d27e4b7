//! Explanations beside independent results.

mod features;
mod grad_cam;
