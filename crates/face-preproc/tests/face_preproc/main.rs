//! Pictures, manifests, splits and the geometry of crops.

mod common;

mod crop;
mod geometry;
mod manifest;
mod pictures;
mod split;
mod ssim;
