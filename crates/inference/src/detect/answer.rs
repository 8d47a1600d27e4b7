//! What is said of a file.

use std::path::PathBuf;

use core_tensor_ops::ForgedBox;
use serde_json::{Value, json};

/// The answer for one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The file.
    pub file: PathBuf,
    /// What is said of it.
    pub verdict: Verdict,
    /// From this score on a face is called forged: the run's threshold, for pictures or for videos.
    pub threshold: f64,
    /// Of a video that could not be read as a whole, how much was.
    pub partial: Option<Partial>,
}

/// How much of a video was read.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What is said of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The faces of a picture, at least one.
    Faces(Vec<FaceAnswer>),
    /// The faces of a video, each followed through it, at least one.
    Tracks(Vec<TrackAnswer>),
    /// There is nothing to judge: no face, or none that is large enough.
    NoFace {
        /// Which of the two, and what to do.
        reason: String,
    },
    /// It is too compressed to be judged.
    TooCompressed {
        /// How much, and how much is not.
        reason: String,
    },
    /// The file could not be read.
    Unreadable {
        /// Why, and what to do.
        reason: String,
    },
}

/// A judged face.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceAnswer {
    /// Probability that it is forged, 0..1, as the network says.
    pub score: f64,
    /// Left, top, right, bottom of what was judged, in pixels of the picture.
    pub region: [f32; 4],
    /// Boxes that the network draws around what looks forged, the surest first, in pixels of the
    /// picture; empty where its method has none.
    pub boxes: Vec<ForgedBox>,
    /// A picture of the face and of what the network sees in it.
    pub overlay: PathBuf,
}

/// A face of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackAnswer {
    /// Its number in the video, from 0.
    pub track: usize,
    /// Probability that it is forged, 0..1.
    pub score: f64,
    /// Every frame that was looked at, in order.
    pub moments: Vec<Moment>,
    /// The frames of highest score, with their pictures.
    pub worst: Vec<(Moment, PathBuf)>,
}

/// A face in one frame of a video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// The frame, from 0.
    pub frame: usize,
    /// When it is shown, seconds after the first.
    pub seconds: f64,
    /// Probability that the face is forged, 0..1.
    pub score: f64,
    /// Left, top, right, bottom of what was judged, in pixels of the frame.
    pub region: [f32; 4],
}

impl Answer {
    /// The highest score of its faces; [`None`] where no face was judged.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        let scores: Vec<f64> = match &self.verdict {
            Verdict::Faces(faces) => faces.iter().map(|face| face.score).collect(),
            Verdict::Tracks(tracks) => tracks.iter().map(|track| track.score).collect(),
            Verdict::NoFace { .. } | Verdict::TooCompressed { .. } | Verdict::Unreadable { .. } => {
                Vec::new()
            }
        };
        scores.into_iter().reduce(f64::max)
    }

    /// `forged`, `real`, `no face`, `too compressed` or `unreadable`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (&self.verdict, self.score()) {
            (Verdict::Unreadable { .. }, _) => "unreadable",
            (Verdict::TooCompressed { .. }, _) => "too compressed",
            (_, Some(score)) => self.call(score),
            (_, None) => "no face",
        }
    }

    /// `forged` from the threshold on, else `real`.
    #[must_use]
    pub fn call(&self, score: f64) -> &'static str {
        match score >= self.threshold {
            true => "forged",
            false => "real",
        }
    }

    /// One JSON object in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut object = json!({
            "file": self.file.to_string_lossy(),
            "verdict": self.word(),
            "threshold": self.threshold,
        });
        if let Some(score) = self.score() {
            object["score"] = json!(score);
        }
        if let Some(partial) = &self.partial {
            object["partial"] = json!({
                "read": partial.read,
                "wanted": partial.wanted,
                "reason": partial.reason,
            });
        }
        match &self.verdict {
            Verdict::Faces(faces) => {
                let face = |face: &FaceAnswer| {
                    let found = face
                        .boxes
                        .iter()
                        .map(|found| json!({"box": found.corners, "confidence": found.confidence}));
                    json!({
                        "forged_boxes": found.collect::<Vec<_>>(),
                        "box": face.region,
                        "score": face.score,
                        "verdict": self.call(face.score),
                        "overlay": face.overlay.to_string_lossy(),
                    })
                };
                object["faces"] = faces.iter().map(face).collect();
            }
            Verdict::Tracks(tracks) => {
                object["tracks"] = tracks.iter().map(|track| self.track_json(track)).collect();
            }
            Verdict::NoFace { reason }
            | Verdict::TooCompressed { reason }
            | Verdict::Unreadable { reason } => {
                object["reason"] = json!(reason);
            }
        }
        object.to_string()
    }

    fn track_json(&self, track: &TrackAnswer) -> Value {
        let moment = |moment: &Moment| {
            json!({
                "frame": moment.frame,
                "seconds": moment.seconds,
                "score": moment.score,
                "box": moment.region,
            })
        };
        let worst = track.worst.iter().map(|(worst, overlay)| {
            let mut object = moment(worst);
            object["overlay"] = json!(overlay.to_string_lossy());
            object
        });
        json!({
            "track": track.track,
            "score": track.score,
            "verdict": self.call(track.score),
            "worst": worst.collect::<Vec<_>>(),
            "moments": track.moments.iter().map(moment).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(verdict: Verdict) -> Answer {
        Answer {
            file: "a \"b\".png".into(),
            verdict,
            threshold: 0.5,
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
        let reason = || "two\nlines".to_owned();
        for (verdict, word) in [
            (Verdict::Unreadable { reason: reason() }, "unreadable"),
            (Verdict::NoFace { reason: reason() }, "no face"),
            (
                Verdict::TooCompressed { reason: reason() },
                "too compressed",
            ),
        ] {
            let json = parsed(&answer(verdict));
            assert_eq!(json["verdict"], word);
            assert_eq!(json["reason"], "two\nlines");
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
        let moment = Moment {
            frame: 3,
            seconds: 0.12,
            score: 0.4,
            region: [0.0; 4],
        };
        let track = TrackAnswer {
            track: 0,
            score: 0.4,
            moments: vec![moment],
            worst: vec![(moment, "x.png".into())],
        };
        let json = parsed(&answer(Verdict::Tracks(vec![track])));
        assert_eq!(json["verdict"], "real");
        assert_eq!(json["tracks"][0]["worst"][0]["overlay"], "x.png");
    }
}
