//! What a data set knows of the frames of a clip: where the face is, and whether it is forged there.

use face_preproc::geometry::{Landmarks68, all_finite};
use serde::Deserialize;

use crate::error::ListError;

/// What is known of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameAnnotation {
    /// Whether any pixel is forged; false in the pristine stretches of a forgery.
    pub forged: bool,
    /// In pixels of the frame.
    pub landmarks68: Landmarks68,
}

/// The annotations of a clip's frames in order: a JSON object `{"frames": [{"forged": false,
/// "landmarks68": [[x, y], ... 68 pairs]}, ...]}`; other keys are passed over.
///
/// # Errors
///
/// [`ListError`] for anything else.
pub fn parse_annotations(text: &str) -> Result<Vec<FrameAnnotation>, ListError> {
    #[derive(Deserialize)]
    struct File {
        frames: Vec<Frame>,
    }
    #[derive(Deserialize)]
    struct Frame {
        forged: bool,
        landmarks68: Vec<[f32; 2]>,
    }
    let File { frames } = serde_json::from_str(text)?;
    let check = |(number, frame): (usize, Frame)| {
        let landmarks = Landmarks68::try_from(frame.landmarks68.as_slice()).ok();
        let landmarks68 = landmarks
            .filter(|points| all_finite(points))
            .ok_or_else(|| {
                ListError::entry(
                    &format!("frame {number}"),
                    "expected 68 pairs of finite numbers as landmarks68",
                )
            })?;
        Ok(FrameAnnotation {
            forged: frame.forged,
            landmarks68,
        })
    };
    frames.into_iter().enumerate().map(check).collect()
}
