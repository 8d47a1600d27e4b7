#![doc = include_str!("../README.md")]

mod words;

use std::path::Path;

use inputs::{FileName, Kind};
use serde::{Deserialize, Serialize};

pub use words::{in_words, meaning};

/// The version of the format that is written.
pub const SCHEMA: u32 = 1;

/// The answer for one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The version of this format: [`SCHEMA`]; 0 of answers from before there was one.
    #[serde(default)]
    pub schema: u32,
    /// The file.
    #[serde(flatten)]
    pub file: FileName,
    /// What it was read as; absent where it could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Width and height of the upright picture, or of the video's frames, in pixels: what boxes are told in;
    /// absent where it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[u32; 2]>,
    /// The whole picture, upright and of a size for a screen, in the folder of the answers; absent where it
    /// was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
    /// `forged`, `uncertain`, `real`, or in a word why it was not judged: `no face`, `face too small`, `needs a
    /// video`, `too short`, `too compressed`, `unreadable`.
    pub verdict: String,
    /// The highest score of its faces, 0..1; absent where no face was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// From this score on a face is called forged.
    pub threshold: f64,
    /// From this score on, and below the threshold, the answer is "uncertain"; absent: there is no such
    /// answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain_from: Option<f64>,
    /// Of a video, from this score on a frame looks forged: frames have a scale of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_threshold: Option<f64>,
    /// The detector was trained on rendered faces: its verdict on photographs means little.
    pub trained_on_synthetic_faces: bool,
    /// Whose the detector is, where it was imported and not trained here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Why it was not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long a video is, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Of a video that was judged, how much of it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// Of a video, when the first frame that was looked at behind each cut is shown, in seconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<f64>,
    /// Of a video that could not be read as a whole, how much was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// Of a picture in which no face stood upright, how far it was turned clockwise until one did: 90, 180
    /// or 270 degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turned: Option<u16>,
    /// Why its pictures or its time line could not all be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unwritten: Option<String>,
    /// The faces of a picture, at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faces: Option<Vec<FaceAnswer>>,
    /// The faces of a video, each followed through it, at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracks: Option<Vec<TrackAnswer>>,
}

/// A judged face of a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceAnswer {
    /// `forged`, `uncertain` or `real`.
    pub verdict: String,
    /// Probability that it is forged, 0..1.
    pub score: f64,
    /// Left, top, right, bottom of what was judged, in pixels of the image.
    #[serde(rename = "box")]
    pub region: [f32; 4],
    /// Boxes that the network draws around what looks forged, the most confident first; empty where its
    /// method has none.
    pub forged_boxes: Vec<BoxAnswer>,
    /// A picture of the face and of what the network sees in it, in the folder of the answers; absent
    /// where it could not be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlay: Option<String>,
}

/// A box around what looks forged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoxAnswer {
    /// Left, top, right, bottom in pixels of the image.
    #[serde(rename = "box")]
    pub corners: [f32; 4],
    /// How sure the network is, 0..1.
    pub confidence: f32,
}

/// A judged face of a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackAnswer {
    /// Its number in the video, from 0.
    pub track: usize,
    /// `forged`, `uncertain` or `real`.
    pub verdict: String,
    /// Probability that it is forged, 0..1: that of the whole or, where it is higher, of the highest
    /// stretch.
    pub score: f64,
    /// Probability from all frames, 0..1.
    pub whole: f64,
    /// The stretch of the highest probability, where there are frames enough for several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest_stretch: Option<Stretch>,
    /// The frames of highest score, with their pictures.
    pub worst: Vec<MomentAnswer>,
    /// Every frame that was judged, in order.
    pub moments: Vec<MomentAnswer>,
}

/// A face in a frame of a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MomentAnswer {
    /// The frame, from 0.
    pub frame: usize,
    /// When it is shown, seconds after the first.
    pub seconds: f64,
    /// Probability that the face is forged by this frame alone, 0..1: on the scale of frames, not on
    /// that of the video's score.
    pub frame_score: f64,
    /// Left, top, right, bottom of what was judged, in pixels of the frame.
    #[serde(rename = "box")]
    pub region: [f32; 4],
    /// Of one of the worst, as of a picture's face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlay: Option<String>,
}

/// How much of a video was looked at: what happens in the other frames, nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Frames that were looked at.
    pub looked_at: usize,
    /// Frames of the video.
    pub frames: usize,
}

impl Coverage {
    /// Whether no frame was passed over.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.looked_at >= self.frames
    }
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { looked_at, frames } = self;
        match self.is_whole() {
            true => write!(f, "all {frames} frames looked at"),
            false => write!(f, "{looked_at} of {frames} frames looked at"),
        }
    }
}

/// Successive judged frames of a track.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// When its first frame is shown, seconds.
    pub from: f64,
    /// When its last frame is shown, seconds.
    pub to: f64,
    /// How many frames were judged in it.
    pub frames: usize,
    /// Probability that the face is forged in it, 0..1.
    pub score: f64,
}

/// How much of a video was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// Frames that were looked at.
    pub read: usize,
    /// Frames that were to be looked at.
    pub wanted: usize,
    /// Why not all were, or not as they had been.
    pub reason: String,
}

impl std::fmt::Display for Partial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            read,
            wanted,
            reason,
        } = self;
        write!(
            f,
            "partial: {read} of {wanted} frames could be read: {reason}"
        )
    }
}

/// What a detector is, for whoever reads its answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// How often it is wrong about real faces, in a sentence without a full stop, where that was measured.
    pub measured: Option<String>,
    /// The same as a share, 0..1.
    pub false_alarms: Option<f64>,
    /// Whose it is, in a sentence, where it was imported.
    pub origin: Option<String>,
    /// It was trained on rendered faces.
    pub synthetic: bool,
    /// SHA-256 of its weights, in hexadecimal digits, where that is known.
    pub weights: Option<String>,
    /// The program's version.
    pub version: String,
}

/// Whose weights a detector has that was imported and not trained here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What they are, and whose.
    pub of: String,
    /// Where they are published.
    pub url: String,
    /// Under which terms.
    pub terms: String,
    /// The name of the file that they came in.
    pub file: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            of,
            url,
            terms,
            file,
            ..
        } = self;
        write!(
            f,
            "{of}, as published at {url} ({terms}), imported from {file}. It was not calibrated here: scores are the network's own"
        )
    }
}

impl Answer {
    /// Verdict and score of each face.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, f64)> {
        let faces = self.faces.iter().flatten();
        let tracks = self.tracks.iter().flatten();
        let faces = faces.map(|face| (face.verdict.as_str(), face.score));
        faces.chain(tracks.map(|track| (track.verdict.as_str(), track.score)))
    }

    /// One JSON object in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The same, with the pictures' paths where they are named in `folder`.
    #[must_use]
    pub fn within(mut self, folder: &Path) -> Self {
        let faces = self.faces.iter_mut().flatten();
        let worst = self.tracks.iter_mut().flatten();
        let worst = worst.flat_map(|track| &mut track.worst);
        let overlays = faces.map(|face| &mut face.overlay);
        for name in std::iter::once(&mut self.whole)
            .chain(overlays)
            .chain(worst.map(|moment| &mut moment.overlay))
            .flatten()
        {
            *name = folder.join(&*name).to_string_lossy().into_owned();
        }
        self
    }
}
