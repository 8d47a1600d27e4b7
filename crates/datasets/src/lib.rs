//! The published data sets' layouts: which clips there are, and what is known of each.
//!
//! [`Layout::detect`] tells which data sets a folder holds, [`read`] lists one of them, as a
//! [`Listing`]: the [`Clip`]s that are there, the files that should be and are not, and the files
//! that nothing speaks of. No video is opened.
//!
//! One module for each layout; each has its parser of lists as a public function of text, so that
//! hostile lists can be tried without files.

mod annotations;
pub mod celeb_df;
pub mod celeb_df_pp;
mod clip;
mod count;
pub mod deeper_forensics;
pub mod deepfake_bench;
pub mod deepfake_eval;
pub mod deepsafe_bench;
pub mod dfd;
pub mod dfdc;
pub mod dfdc_preview;
mod error;
pub mod faceforensics;
pub mod fakeavceleb;
pub mod ffiw;
mod folder;
pub mod forgerynet;
pub mod kodf;
mod layout;
mod manifest;
mod npy;
mod order;
mod scaledf;
mod selection;
mod table;
mod tree;
mod walk;
pub mod wild_deepfake;

pub use annotations::{FrameAnnotation, parse_annotations};
pub use clip::{Clip, ClipKey, Kind};
pub use count::{Count, Published, count};
pub use error::{DatasetError, ListError};
pub use folder::{Classes, class_of_folder};
pub use layout::{Layout, UnknownLayout, read, read_classes};
pub use npy::parse_npy;
pub use order::{frame_numbers, in_order_of_time};
pub use selection::{NoSuchClips, Selection};
pub use tree::{Listing, Missing, What};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
