//! Forgeries made from real faces, with their ground-truth masks.
//!
//! The inconsistency image generator (I2G) of Zhao et al., "Learning to Recognize Patch-Wise
//! Consistency for Deepfake Detection" (2020), section 3.2 and Algorithm 1: find a source face of
//! another identity with similar landmarks ([`landmark_index`]), then [`i2g::forge`] aligns it
//! ([`mod@align`]), draws a mask ([`mask`], [`elastic`]) and blends ([`blend`]). [`mfs`] makes new
//! fakes from a fake and its original, with true boxes ([`boxes`]); [`sbi`] blends a face with
//! itself, [`bi`] two real faces for Face X-ray. [`augment`] holds the augmentations that forged and real pictures get alike, and
//! [`mod@degrade`] takes image quality away, as does [`mod@perturb`] at fixed levels, for tests.
//!
//! Conventions: pictures are [`image::RgbImage`] (row-major, sRGB bytes); landmarks are
//! [`face_preproc::geometry::Landmarks68`] in pixels, the centre of the top-left pixel is `(0, 0)`;
//! masks are [`mask::Mask`]. Functions take references and return new pictures. Every random draw
//! comes from the generator passed in, so a seed fixes the bytes, on any number of threads.

pub mod align;
pub mod augment;
pub mod bi;
pub mod blend;
mod blur;
pub mod boxes;
pub mod color;
mod corners;
pub mod degrade;
pub mod elastic;
mod error;
pub mod i2g;
pub mod landmark_index;
mod lanes;
pub mod mask;
pub mod mfs;
pub mod perturb;
mod region;
pub mod resize;
pub mod sbi;
pub mod smooth_field;

pub use bi::BiConfig;
pub use blend::Blending;
pub use degrade::{DegradeConfig, degrade};
pub use error::{Error, Role};
pub use i2g::{Face, Forgery, I2gConfig, forge};
pub use landmark_index::{Drawn, LandmarkIndex};
pub use mask::{Hull, Mask};
pub use mfs::{MfsConfig, MfsForgery};
pub use perturb::{Perturbation, perturb};
pub use region::{Region, crop, paste};
pub use sbi::{SbiConfig, SbiForgery};
