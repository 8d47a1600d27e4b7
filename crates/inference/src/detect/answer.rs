//! What is said of a file.

use std::path::PathBuf;

use core_tensor_ops::ForgedBox;
use metrics::Decision;
use serde::Serialize;

use crate::{
    NotJudged,
    prediction::{Coverage, FramePrediction, Partial, Stretch},
};

/// The answer for one file.
#[derive(Debug)]
pub struct Answer {
    /// The file.
    pub file: PathBuf,
    /// What is said of it.
    pub verdict: Verdict,
    /// How scores are read: the detector's, for images or for videos.
    pub decision: Decision,
    /// Of a video that was judged, how much of it was looked at.
    pub coverage: Option<Coverage>,
    /// Of a video that could not be read as a whole, how much was.
    pub partial: Option<Partial>,
}

/// What is said of a file.
#[derive(Debug)]
pub enum Verdict {
    /// The faces of an image, at least one.
    Faces(Vec<FaceAnswer>),
    /// The faces of a video, each followed through it, at least one.
    Tracks(Vec<TrackAnswer>),
    /// There is no score.
    NotJudged(NotJudged),
}

/// A judged face, and the picture of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceAnswer {
    /// Probability that it is forged, 0..1.
    pub score: f64,
    /// Left, top, right, bottom of what was judged, in pixels of the image.
    pub region: [f32; 4],
    /// Boxes that the network draws around what looks forged, the most confident first, in pixels of
    /// the image; empty where its method has none.
    pub boxes: Vec<ForgedBox>,
    /// A picture of the face and of what the network sees in it.
    pub overlay: PathBuf,
}

/// A face of a video, and the pictures of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackAnswer {
    /// Its number in the video, from 0.
    pub track: usize,
    /// Probability that it is forged, 0..1: that of the whole or, where it is higher, of the highest
    /// stretch.
    pub score: f64,
    /// Probability from all frames, 0..1.
    pub whole: f64,
    /// The stretch of the highest probability, where there are frames enough for several.
    pub highest: Option<Stretch>,
    /// Every frame that was judged, in order.
    pub frames: Vec<FramePrediction>,
    /// The frames of highest score, with their pictures.
    pub top: Vec<(FramePrediction, PathBuf)>,
}

impl Answer {
    /// The highest score of its faces; [`None`] where no face was judged.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.scores().into_iter().reduce(f64::max)
    }

    /// The scores of its faces.
    pub(crate) fn scores(&self) -> Vec<f64> {
        match &self.verdict {
            Verdict::Faces(faces) => faces.iter().map(|face| face.score).collect(),
            Verdict::Tracks(tracks) => tracks.iter().map(|track| track.score).collect(),
            Verdict::NotJudged(_) => Vec::new(),
        }
    }

    /// `forged`, `uncertain`, `real`, or in a word why it was not judged ([`NotJudged::word`]).
    #[must_use]
    pub fn word(&self) -> &'static str {
        match &self.verdict {
            Verdict::NotJudged(why) => why.word(),
            // There is at least one face.
            _ => self.call(self.score().unwrap_or(f64::NAN)),
        }
    }

    /// What a score is called: [`Decision::word`].
    #[must_use]
    pub fn call(&self, score: f64) -> &'static str {
        self.decision.word(score)
    }

    /// Why it was not judged.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match &self.verdict {
            Verdict::NotJudged(why) => Some(why.to_string()),
            Verdict::Faces(_) | Verdict::Tracks(_) => None,
        }
    }

    /// One JSON object in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (mut faces, mut tracks) = (None, None);
        match &self.verdict {
            Verdict::Faces(all) => {
                faces = Some(all.iter().map(|face| self.face_line(face)).collect());
            }
            Verdict::Tracks(all) => {
                tracks = Some(all.iter().map(|track| self.track_line(track)).collect());
            }
            Verdict::NotJudged(_) => {}
        }
        let line = Line {
            file: self.file.to_string_lossy().into(),
            verdict: self.word(),
            score: self.score(),
            threshold: self.decision.threshold,
            uncertain_from: self.decision.uncertain_from,
            reason: self.reason(),
            coverage: self.coverage,
            partial: self.partial.as_ref(),
            faces,
            tracks,
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    fn face_line(&self, face: &FaceAnswer) -> FaceLine {
        let boxes = face.boxes.iter().map(|found| BoxLine {
            corners: found.corners.map(f64::from),
            confidence: found.confidence.into(),
        });
        FaceLine {
            verdict: self.call(face.score),
            score: face.score,
            region: face.region.map(f64::from),
            forged_boxes: boxes.collect(),
            overlay: face.overlay.to_string_lossy().into(),
        }
    }

    fn track_line(&self, track: &TrackAnswer) -> TrackLine {
        let frame = |frame: &FramePrediction, overlay| FrameLine {
            frame: frame.frame,
            seconds: frame.seconds,
            score: frame.score,
            region: frame.region.map(f64::from),
            overlay,
        };
        let top = track.top.iter().map(|(shown, overlay)| {
            let overlay = overlay.to_string_lossy().into_owned();
            frame(shown, Some(overlay))
        });
        TrackLine {
            track: track.track,
            verdict: self.call(track.score),
            score: track.score,
            whole: track.whole,
            highest_stretch: track.highest,
            worst: top.collect(),
            moments: track.frames.iter().map(|seen| frame(seen, None)).collect(),
        }
    }
}

/// The JSON of an answer.
#[derive(Serialize)]
struct Line<'a> {
    file: String,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    threshold: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncertain_from: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Coverage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<&'a Partial>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faces: Option<Vec<FaceLine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracks: Option<Vec<TrackLine>>,
}

#[derive(Serialize)]
struct FaceLine {
    verdict: &'static str,
    score: f64,
    #[serde(rename = "box")]
    region: [f64; 4],
    forged_boxes: Vec<BoxLine>,
    overlay: String,
}

#[derive(Serialize)]
struct BoxLine {
    #[serde(rename = "box")]
    corners: [f64; 4],
    confidence: f64,
}

#[derive(Serialize)]
struct TrackLine {
    track: usize,
    verdict: &'static str,
    score: f64,
    whole: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    highest_stretch: Option<Stretch>,
    worst: Vec<FrameLine>,
    moments: Vec<FrameLine>,
}

#[derive(Serialize)]
struct FrameLine {
    frame: usize,
    seconds: f64,
    score: f64,
    #[serde(rename = "box")]
    region: [f64; 4],
    #[serde(skip_serializing_if = "Option::is_none")]
    overlay: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use video::VideoError;

    use super::*;
    use crate::{TooCompressed, Unreadable};

    fn answer(verdict: Verdict) -> Answer {
        Answer {
            file: "a \"b\".png".into(),
            verdict,
            decision: Decision::default(),
            coverage: None,
            partial: None,
        }
    }

    fn parsed(answer: &Answer) -> Value {
        let text = answer.to_json();
        assert_eq!(text.lines().count(), 1);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_was_not_judged_has_a_reason_and_no_score() {
        let unreadable = Unreadable::Video {
            path: Some("b.mp4".into()),
            source: VideoError::NotVideo("two\nlines".into()),
        };
        let too_compressed = TooCompressed::Image {
            quality: 0.2,
            least: 0.5,
        };
        for (why, word, reason) in [
            (unreadable.into(), "unreadable", "b.mp4: two\nlines"),
            (NotJudged::NoFace { frames: 1 }, "no face", "no face found"),
            (
                NotJudged::NoFace { frames: 9 },
                "no face",
                "no face found in 9 frames",
            ),
            (too_compressed.into(), "too compressed", "0.2"),
            (NotJudged::NeedsVideo, "needs a video", "give it a video"),
            (
                NotJudged::FaceTooSmall {
                    largest: 20.0,
                    least: 32.0,
                },
                "face too small",
                "20 px",
            ),
        ] {
            let json = parsed(&answer(Verdict::NotJudged(why)));
            assert_eq!(json["verdict"], word);
            let said = json["reason"].as_str().unwrap();
            assert!(said.contains(reason), "{said}");
            assert!(json["score"].is_null());
        }
    }

    #[test]
    fn a_file_is_forged_where_one_of_its_faces_is() {
        let face = |score| FaceAnswer {
            score,
            region: [0.0; 4],
            boxes: Vec::new(),
            overlay: "x.png".into(),
        };
        let json = parsed(&answer(Verdict::Faces(vec![face(0.2), face(0.7)])));
        assert_eq!(
            (&json["verdict"], &json["score"]),
            (&json!("forged"), &json!(0.7))
        );
        assert_eq!(json["faces"][0]["verdict"], "real");
        let frame = FramePrediction {
            frame: 3,
            seconds: 0.12,
            score: 0.4,
            region: [0.0; 4],
        };
        let track = TrackAnswer {
            track: 0,
            score: 0.4,
            whole: 0.4,
            highest: None,
            frames: vec![frame],
            top: vec![(frame, "x.png".into())],
        };
        let json = parsed(&answer(Verdict::Tracks(vec![track])));
        assert_eq!(json["verdict"], "real");
        assert_eq!(json["tracks"][0]["worst"][0]["overlay"], "x.png");
        assert_eq!(json["tracks"][0]["moments"][0]["frame"], 3);
    }
}
