//! What an answer begins with, and what becomes of it.

use std::path::Path;

use answers::{Answer, MomentAnswer, Origin, SCHEMA};
use inputs::{InputError, Kind};
use metrics::Decision;

use crate::{NotJudged, prediction::FramePrediction};

/// A frame's score and place, with its picture.
pub(super) fn moment(seen: &FramePrediction, overlay: Option<String>) -> MomentAnswer {
    MomentAnswer {
        frame: seen.frame,
        seconds: seen.seconds,
        frame_score: seen.score,
        region: seen.region,
        overlay,
    }
}

/// What an answer begins with.
pub(super) struct Question<'a> {
    pub file: &'a Path,
    pub kind: Option<Kind>,
    /// Width and height of a picture.
    pub size: Option<[u32; 2]>,
    /// The file in which the whole of it is shown.
    pub whole: Option<String>,
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
            schema: SCHEMA,
            file: self.file.into(),
            kind: self.kind,
            size: self.size,
            whole: self.whole.clone(),
            verdict: verdict.to_owned(),
            score: None,
            threshold: self.decision.threshold,
            uncertain_from: self.decision.uncertain_from,
            frame_threshold: self.frames.map(|frames| frames.threshold),
            trained_on_synthetic_faces: self.synthetic,
            origin: self.origin.cloned(),
            reason: None,
            seconds: None,
            coverage: None,
            cuts: Vec::new(),
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

    /// The answer of a file that cannot even be opened.
    pub(super) fn not_read(&self, error: &InputError) -> Answer {
        Answer {
            reason: Some(error.to_string()),
            ..self.answer("unreadable")
        }
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

#[cfg(test)]
mod tests {
    use answers::FaceAnswer;
    use serde_json::{Value, json};

    use super::*;

    fn question() -> Question<'static> {
        Question {
            file: Path::new("a \"b\".png"),
            kind: Some(Kind::Picture),
            size: None,
            whole: None,
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
