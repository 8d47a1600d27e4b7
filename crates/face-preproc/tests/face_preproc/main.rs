//! Pictures, manifests, splits and the geometry of crops.

mod common;
mod compression;

mod crop;
mod geometry;
mod manifest;
mod odd_pictures;
mod pictures;
mod pupils;
mod split;
