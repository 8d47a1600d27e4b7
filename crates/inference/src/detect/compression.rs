//! What is too compressed to be judged.

use std::path::Path;

use face_preproc::compression::jpeg_quality;
use image::RgbImage;
use video::{Limits, Video, sample_uniform};

/// Least [`jpeg_quality`] of a picture, a choice: of 120 photographs JPEG's quality of 10 leaves 2.4 in
/// the middle and 0.3 to the hundredth, its quality of 5 leaves -1.2 and 0.7 to the best hundredth.
const LEAST_QUALITY: f64 = 0.5;

/// Coarsest mean quantisation of a video's frames, a choice: x264 gives 37 at a constant rate factor
/// of 40, after which the most compressed videos of FaceForensics++ are named, 42 at 45 and 50.5 at 51.
const COARSEST: f64 = 46.0;

/// Frames of a video that are asked.
const FRAMES: usize = 32;

/// Why a picture is too compressed to be judged; `None` where it is not, or where that cannot be told.
pub(super) fn of_picture(picture: &RgbImage) -> Option<String> {
    let quality = jpeg_quality(picture)?;
    (quality < LEAST_QUALITY).then(|| {
        format!(
            "JPEG left a quality of {quality:.1} on a scale to 10, and {LEAST_QUALITY} is needed"
        )
    })
}

/// The same of a video. Only its index and some headers are read.
pub(super) fn of_video(file: &Path) -> Option<String> {
    let video = Video::open(file, &Limits::default()).ok()?;
    let frames = sample_uniform(video.info().frame_count, FRAMES);
    let quantizer = video.mean_quantizer(&frames)?;
    (quantizer > COARSEST)
        .then(|| format!("its mean quantisation is {quantizer:.1}, and {COARSEST} is the most"))
}
