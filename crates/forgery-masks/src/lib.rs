//! Ground-truth masks of forged pictures, and the structural similarity that they are made by.
//!
//! | to | take |
//! |---|---|
//! | mark what is forged in a picture, by its real one or the data set's own mask | [`MaskSource`] |
//! | compare two pictures | [`ssim()`], [`ssim_map`], [`dssim_map`] |

mod gaussian;
mod masks;
mod ssim;

pub use masks::{MaskError, MaskSource};
pub use ssim::{SsimError, dssim_map, ssim, ssim_map};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
