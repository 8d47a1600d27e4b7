//! Faces found in pictures and followed over time.

mod following;
mod tracks;
