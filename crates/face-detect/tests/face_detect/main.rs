//! Faces found in pictures and followed over time.

mod following;
mod places;
mod tracks;
