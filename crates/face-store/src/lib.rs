//! Face crops in sharded tar files: written once, read by every model.
//!
//! A store is a folder:
//!
//! | file | what |
//! |---|---|
//! | `store.json` | [`Info`]: the format's version, the clips' number, the settings that made the crops |
//! | `plan.txt` | the clips' names, one a line, in ascending order; a clip's number is its line's |
//! | `shard-000000.tar` .. | the crops, in the WebDataset convention |
//! | `errors.csv` | `clip,message`: what could not be read, once all shards are there |
//! | `faces.json` | a manifest of every crop with its place, once all shards are there |
//! | `.parts/` | finished clips of shards that are not full yet; gone once all shards are there |
//!
//! Shard `k` holds the clips `k C .. (k + 1) C`, where `C` is `clips_per_shard`. Each crop is a few
//! successive files of a tar, of one key (clip and crop counted in digits) and different endings:
//! `000012-00003.json` (the crop's row, see [`face_preproc::manifest`]), `.jpg` or `.png`, and
//! `.mask.png` where there is a mask.
//!
//! What a store holds depends on nothing but the plan, the settings and what was put for each clip:
//! neither on the order of the clips, nor on how many threads, processes or machines worked, nor on
//! whether they were killed and started again.
//!
//! | to | take |
//! |---|---|
//! | write | [`Writer`], which takes a [`Finished`] for each clip of its [`Share`] |
//! | read | [`Store`] |

mod error;
mod face;
mod files;
mod index;
mod info;
mod parts;
mod reader;
mod share;
mod writer;

pub use error::StoreError;
pub use face::{Encoding, Face, Finished};
pub use info::{Info, Settings};
pub use parts::ClipError;
pub use reader::{Missing, Store};
pub use share::{Share, ShareError};
pub use writer::{Progress, Writer};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
