//! Faces and their 68 landmarks, in pictures and through videos.
//!
//! | module, type | what |
//! |---|---|
//! | [`FaceFinder`] | faces with landmarks in single pictures, out of the box |
//! | [`FaceTracker`] | the same through a video, fast: found on key frames, followed in between |
//! | [`FaceDetector`] | [`CombinedDetector`] of [`TinyFaceDetector`] and [`Mtcnn`], with shipped weights; [`UltraFace`] with the user's |
//! | [`LandmarkNetwork`] | [`FaceLandmark68`] with shipped weights |
//! | [`tracks`] | faces joined over time, the main track; without any network |
//!
//! Coordinates are `face-preproc`'s: pixels, the CENTRE of the top-left pixel at `(0, 0)`. Networks
//! run on the device that is handed in. That a picture holds no face, or none large enough, is an
//! answer ([`FaceSearch`]), not an error.

mod combined;
mod detection;
mod error;
mod finder;
#[cfg(test)]
mod golden;
mod landmark68;
mod layers;
mod mtcnn;
mod sampling;
mod shipped;
mod tiny_face;
mod tracker;
pub mod tracks;
mod ultra_face;

pub use combined::CombinedDetector;
pub use detection::{Detection, FaceDetector};
pub use error::FaceDetectError;
pub use finder::{Face, FaceFinder, FaceSearch, FinderConfig};
pub use landmark68::{FaceLandmark68, LandmarkFit, LandmarkNetwork};
pub use mtcnn::{Mtcnn, MtcnnConfig};
pub use tiny_face::{TinyFaceConfig, TinyFaceDetector, View};
pub use tracker::{FaceTracker, FrameFaces, LEAD, TrackerConfig};
pub use ultra_face::{UltraFace, UltraFaceConfig};
