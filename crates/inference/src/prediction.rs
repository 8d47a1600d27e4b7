//! What a detector says.

use answers::{Coverage, Partial, Stretch};
use core_tensor_ops::ForgedBox;
use face_preproc::{crop::Face, pictures::Mask};
use metrics::Decision;

/// What a network says of a crop.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Probability that the face is forged, 0..1: calibrated where a
    /// [`Detector`](crate::Detector) says it.
    pub score: f64,
    /// `size` x `size`, 0..1, 1 = forged; absent where the method does not localise, or it was not
    /// asked for.
    pub heat_map: Option<Mask>,
    /// Regions that look forged, in shares of the crop, the most confident first; absent where the
    /// method has none.
    pub boxes: Option<Vec<ForgedBox>>,
}

/// What is said of a face of an image, or of a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct FacePrediction {
    /// The face as the network saw it, and where it is.
    pub face: Face,
    /// What the network says of it.
    pub prediction: Prediction,
}

impl FacePrediction {
    /// Probability that the face is forged, 0..1.
    #[must_use]
    pub fn score(&self) -> f64 {
        self.prediction.score
    }

    /// Left, top, right, bottom of what was judged, in pixels of the image.
    #[must_use]
    pub fn region(&self) -> [f32; 4] {
        region(&self.face)
    }

    /// Boxes that the network draws around what looks forged, the most confident first, in pixels of
    /// the image; empty where its method has none.
    #[must_use]
    pub fn boxes(&self) -> Vec<ForgedBox> {
        let size = self.face.image.width() as f32;
        let to_image = |found: &ForgedBox| ForgedBox {
            corners: in_image(&self.face, found.corners.map(|share| share * size - 0.5)),
            ..*found
        };
        let found = self.prediction.boxes.iter().flatten();
        found.map(to_image).collect()
    }
}

/// Left, top, right, bottom of a crop in pixels of its image.
pub(crate) fn region(face: &Face) -> [f32; 4] {
    let last = face.image.width() as f32 - 0.5;
    in_image(face, [-0.5, -0.5, last, last])
}

/// Left, top, right, bottom in pixels of a crop, in pixels of its image, in which the crop may lie on its
/// side.
fn in_image(face: &Face, [left, top, right, bottom]: [f32; 4]) -> [f32; 4] {
    let back = face.transform.inverse();
    let to_image = |point| back.as_ref().map_or(point, |back| back.apply(point));
    let [one, other] = [[left, top], [right, bottom]].map(to_image);
    [
        one[0].min(other[0]),
        one[1].min(other[1]),
        one[0].max(other[0]),
        one[1].max(other[1]),
    ]
}

/// What is said of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct ImagePrediction {
    /// Its faces, at least one, the surest to be a face first.
    pub faces: Vec<FacePrediction>,
    /// From this score on a face is called forged.
    pub threshold: f64,
    /// How far the image was turned clockwise before faces were found in it, 90, 180 or 270 degrees;
    /// absent where they stand upright.
    pub turned: Option<u16>,
}

impl ImagePrediction {
    /// The highest score of its faces.
    #[must_use]
    pub fn score(&self) -> f64 {
        let scores = self.faces.iter().map(FacePrediction::score);
        scores.fold(f64::NAN, f64::max)
    }

    /// Whether any of its faces is called forged.
    #[must_use]
    pub fn is_forged(&self) -> bool {
        self.score() >= self.threshold
    }
}

/// What is said of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoPrediction {
    /// Its faces, each followed through it, at least one.
    pub tracks: Vec<TrackPrediction>,
    /// From this score on a track is called forged.
    pub threshold: f64,
    /// Width and height of its upright frames, in pixels.
    pub size: [u32; 2],
    /// How long it is, in seconds.
    pub seconds: f64,
    /// How much of it was looked at.
    pub coverage: Coverage,
    /// When the first frame that was judged behind each cut is shown, in seconds.
    pub cuts: Vec<f64>,
    /// Where it could not be read as a whole, how much was.
    pub partial: Option<Partial>,
}

impl VideoPrediction {
    /// The highest score of its tracks.
    #[must_use]
    pub fn score(&self) -> f64 {
        let scores = self.tracks.iter().map(|track| track.score);
        scores.fold(f64::NAN, f64::max)
    }

    /// Whether any of its faces is called forged.
    #[must_use]
    pub fn is_forged(&self) -> bool {
        self.score() >= self.threshold
    }
}

/// A face of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackPrediction {
    /// Its number in the video, from 0.
    pub track: usize,
    /// Probability that it is forged, 0..1: that of the whole or, where it is higher, of the highest
    /// stretch.
    pub score: f64,
    /// Probability from all frames, 0..1.
    pub whole: f64,
    /// The stretch of the highest probability; absent of short tracks and of networks that judge clips.
    pub highest: Option<Stretch>,
    /// Every frame that was judged, in order.
    pub frames: Vec<FramePrediction>,
    /// The frames of highest score, at most three, with what the network sees in them.
    pub top: Vec<(FramePrediction, FacePrediction)>,
}

/// The fewest frames of a stretch, so that one bad frame does not decide.
const LEAST: usize = 8;

/// Of all stretches of a quarter of the frames the one of the highest probability, the first of
/// equals; [`None`] where there are no more frames than one stretch has.
#[must_use]
pub fn highest_stretch(frames: &[FramePrediction], decision: &Decision) -> Option<Stretch> {
    let length = frames.len().div_ceil(4).max(LEAST);
    if frames.len() <= length {
        return None;
    }
    let stretches = frames.windows(length).map(|run| {
        let scores: Vec<_> = run.iter().map(|frame| frame.score).collect();
        Stretch {
            from: run[0].seconds,
            to: run[length - 1].seconds,
            frames: length,
            score: decision.of_video(&scores),
        }
    });
    stretches.reduce(|most, next| if next.score > most.score { next } else { most })
}

/// A face in one frame of a video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FramePrediction {
    /// The frame, from 0.
    pub frame: usize,
    /// When it is shown, seconds after the first.
    pub seconds: f64,
    /// Probability that the face is forged, 0..1.
    pub score: f64,
    /// Left, top, right, bottom of what was judged, in pixels of the frame.
    pub region: [f32; 4],
}
