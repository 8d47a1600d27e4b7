//! What is said of a file, as it stands in JSON.

use std::path::Path;

use inputs::{FileName, InputError, Kind};
use metrics::Decision;
use serde::{Deserialize, Serialize};

use crate::{
    NotJudged,
    config::Origin,
    prediction::{Coverage, FramePrediction, Partial, Stretch},
};

/// The answer for one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The file.
    #[serde(flatten)]
    pub file: FileName,
    /// What it was read as; absent where it could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// `forged`, `uncertain`, `real`, or in a word why it was not judged ([`NotJudged::word`]).
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
    /// Of a video that was judged, how much of it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
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

impl MomentAnswer {
    pub(super) fn new(seen: &FramePrediction, overlay: Option<String>) -> Self {
        Self {
            frame: seen.frame,
            seconds: seen.seconds,
            frame_score: seen.score,
            region: seen.region,
            overlay,
        }
    }
}

/// What an answer begins with.
pub(super) struct Question<'a> {
    pub file: &'a Path,
    pub kind: Option<Kind>,
    /// How scores of such a file are read.
    pub decision: Decision,
    /// Of a video, how those of its frames are.
    pub frames: Option<Decision>,
    pub synthetic: bool,
    /// Whose the detector is that was imported.
    pub origin: Option<&'a Origin>,
}

impl Question<'_> {
    fn answer(&self, verdict: &str) -> Answer {
        Answer {
            file: self.file.into(),
            kind: self.kind,
            verdict: verdict.to_owned(),
            score: None,
            threshold: self.decision.threshold,
            uncertain_from: self.decision.uncertain_from,
            frame_threshold: self.frames.map(|frames| frames.threshold),
            trained_on_synthetic_faces: self.synthetic,
            origin: self.origin.cloned(),
            reason: None,
            coverage: None,
            partial: None,
            turned: None,
            unwritten: None,
            faces: None,
            tracks: None,
        }
    }

    pub(super) fn not_judged(&self, why: &NotJudged) -> Answer {
        Answer {
            reason: Some(why.to_string()),
            ..self.answer(why.word())
        }
    }

    pub(super) fn not_read(&self, error: InputError) -> Answer {
        self.not_judged(&error.into())
    }

    /// The answer of these scores, one a face.
    pub(super) fn judged(&self, scores: impl Iterator<Item = f64>) -> Answer {
        let score = scores.fold(f64::NAN, f64::max);
        Answer {
            score: Some(score),
            ..self.answer(self.decision.word(score))
        }
    }
}

impl Answer {
    /// Verdict and score of each face.
    pub(crate) fn verdicts(&self) -> impl Iterator<Item = (&str, f64)> {
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
        for name in overlays
            .chain(worst.map(|moment| &mut moment.overlay))
            .flatten()
        {
            *name = folder.join(&*name).to_string_lossy().into_owned();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn question() -> Question<'static> {
        Question {
            file: Path::new("a \"b\".png"),
            kind: Some(Kind::Picture),
            decision: Decision::default(),
            frames: None,
            synthetic: true,
            origin: None,
        }
    }

    /// The JSON, which is one line and says all.
    fn parsed(answer: &Answer) -> Value {
        let text = answer.to_json();
        assert_eq!(text.lines().count(), 1);
        let read: Answer = serde_json::from_str(&text).unwrap();
        assert_eq!(read, *answer);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_file_is_forged_where_one_of_its_faces_is() {
        let question = question();
        let face = |score| FaceAnswer {
            verdict: question.decision.word(score).into(),
            score,
            region: [0.1; 4],
            forged_boxes: Vec::new(),
            overlay: Some("x.png".into()),
        };
        let answer = Answer {
            faces: Some(vec![face(0.2), face(0.7)]),
            ..question.judged([0.2, 0.7].into_iter())
        };
        let json = parsed(&answer.within(Path::new("out")));
        let of_file = (&json["verdict"], &json["score"]);
        assert_eq!(of_file, (&json!("forged"), &json!(0.7)));
        assert_eq!(json["faces"][0]["verdict"], "real");
        assert_eq!(json["faces"][0]["overlay"], "out/x.png");
    }
}
