//! What is too compressed to be judged.

use face_preproc::compression::jpeg_quality;
use image::RgbImage;
use video::{Video, sample_uniform};

use crate::not_judged::TooCompressed;

/// Least [`jpeg_quality`] of a picture, a choice: of 120 photographs JPEG's quality of 10 leaves 2.4 in
/// the middle and 0.3 to the hundredth, its quality of 5 leaves -1.2 and 0.7 to the best hundredth.
const LEAST_QUALITY: f64 = 0.5;

/// Coarsest mean quantisation of a video's frames, a choice: x264 gives 37 at a constant rate factor
/// of 40, after which the most compressed videos of FaceForensics++ are named, 42 at 45 and 50.5 at 51.
const COARSEST: f64 = 46.0;

/// Frames of a video that are asked.
const FRAMES: usize = 32;

/// Refuses an image that is too compressed to be judged; where that cannot be told, it is not.
pub(crate) fn check_image(image: &RgbImage) -> Result<(), TooCompressed> {
    match jpeg_quality(image) {
        Some(quality) if quality < LEAST_QUALITY => Err(TooCompressed::Image {
            quality,
            least: LEAST_QUALITY,
        }),
        _ => Ok(()),
    }
}

/// The same of a video. Only its index and some headers are read.
pub(crate) fn check_video(video: &Video) -> Result<(), TooCompressed> {
    let frames = sample_uniform(video.info().frame_count, FRAMES);
    match video.mean_quantizer(&frames) {
        Some(quantizer) if quantizer > COARSEST => Err(TooCompressed::Video {
            quantizer,
            most: COARSEST,
        }),
        _ => Ok(()),
    }
}
