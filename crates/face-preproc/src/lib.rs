//! Pictures and manifests in; aligned, normalised face crops with landmarks out.
//!
//! | module | what |
//! |---|---|
//! | [`manifest`] | which pictures there are, and what is known of each |
//! | [`split`] | train, validation and test parts that share no identity |
//! | [`pictures`] | reading and writing pictures and masks, whatever the file holds |
//! | [`geometry`] | landmarks, similarity transforms, boxes |
//! | [`crop`] | face crops of one size, with landmarks and masks carried along |
//! | [`compression`] | how much a picture has suffered from JPEG |
//! | [`normalize`] | ImageNet's mean and standard deviation; bytes to planes of `f32` and back |
//!
//! Everything here is a pure function of its arguments and the files it reads.

pub mod compression;
pub mod crop;
pub mod geometry;
pub mod manifest;
pub mod normalize;
pub mod pictures;
pub mod split;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
