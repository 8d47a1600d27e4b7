//! A prediction in files: pictures of faces, and scores over time.

use std::path::Path;

use answers::{Answer, BoxAnswer, FaceAnswer, TrackAnswer};
use face_preproc::pictures::{write_atomically, write_jpeg, write_png};
use image::{RgbImage, imageops};

use super::answer::{Question, moment};
use crate::{
    Error,
    overlay::face_and_finding,
    prediction::{ImagePrediction, TrackPrediction, VideoPrediction},
};

/// The longer side of a whole picture that is shown, in pixels, and its quality as JPEG.
const WHOLE: u32 = 1600;
const QUALITY: u8 = 85;

/// Where files that show a prediction go. What cannot be written costs no answer.
pub(super) struct Shown<'a> {
    folder: &'a Path,
    /// What their names begin with. No two endings that follow are the end of each other, so that files of
    /// different names do not meet.
    name: &'a str,
    /// The first thing that went wrong.
    unwritten: Option<String>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(folder: &'a Path, name: &'a str) -> Self {
        Self {
            folder,
            name,
            unwritten: None,
        }
    }

    /// The answer, with a picture of each face of an image.
    pub(super) fn image(mut self, question: &Question<'_>, seen: &ImagePrediction) -> Answer {
        let faces = seen.faces.iter().enumerate().map(|(index, face)| {
            let boxes = face.boxes().into_iter().map(|found| BoxAnswer {
                corners: found.corners,
                confidence: found.confidence,
            });
            FaceAnswer {
                verdict: question.decision.word(face.score()).to_owned(),
                score: face.score(),
                region: face.region(),
                forged_boxes: boxes.collect(),
                overlay: self.picture(&format!("face-{}", index + 1), &face_and_finding(face)),
            }
        });
        let faces: Vec<_> = faces.collect();
        let judged = question.judged(faces.iter().map(|face| face.score));
        Answer {
            turned: seen.turned,
            unwritten: self.unwritten,
            faces: Some(faces),
            ..judged
        }
    }

    /// The answer, with the highest scores of each face of a video, and all of them over time.
    pub(super) fn video(mut self, question: &Question<'_>, seen: VideoPrediction) -> Answer {
        let tracks = seen.tracks.into_iter().map(|track| {
            let TrackPrediction {
                track,
                score,
                whole,
                highest,
                frames,
                top,
            } = track;
            let worst = top.iter().map(|(frame, face)| {
                let what = format!("track-{track}.frame-{}", frame.frame);
                moment(frame, self.picture(&what, &face_and_finding(face)))
            });
            TrackAnswer {
                track,
                verdict: question.decision.word(score).to_owned(),
                score,
                whole,
                highest_stretch: highest,
                worst: worst.collect(),
                moments: frames.iter().map(|seen| moment(seen, None)).collect(),
            }
        });
        let tracks: Vec<_> = tracks.collect();
        let path = self.folder.join(format!("{}.csv", self.name));
        let written = time_line(&tracks, &path)
            .and_then(|table| write_atomically(&path, &table).map_err(Error::io(&path)));
        self.wrote(written);
        let judged = question.judged(tracks.iter().map(|track| track.score));
        Answer {
            unwritten: self.unwritten,
            size: Some(seen.size),
            seconds: Some(seen.seconds),
            coverage: Some(seen.coverage),
            cuts: seen.cuts,
            partial: seen.partial,
            tracks: Some(tracks),
            ..judged
        }
    }

    /// Writes the whole picture as a browser shows it, no longer than [`WHOLE`] pixels; its name, where it could
    /// be written.
    pub(super) fn whole(&mut self, picture: &RgbImage) -> Option<String> {
        let name = format!("{}.whole.jpg", self.name);
        let (width, height) = picture.dimensions();
        let path = self.folder.join(&name);
        let written = match WHOLE as f32 / width.max(height) as f32 {
            share if share < 1.0 => {
                let scaled = |side| ((side as f32 * share).round() as u32).max(1);
                let (width, height) = (scaled(width), scaled(height));
                write_jpeg(path, &imageops::thumbnail(picture, width, height), QUALITY)
            }
            _ => write_jpeg(path, picture, QUALITY),
        };
        self.wrote(written.map_err(Error::from)).then_some(name)
    }

    /// Writes a picture; its name, where it could be written.
    fn picture(&mut self, what: &str, picture: &RgbImage) -> Option<String> {
        let name = format!("{}.{what}.png", self.name);
        let written = write_png(self.folder.join(&name), picture);
        self.wrote(written.map_err(Error::from)).then_some(name)
    }

    fn wrote(&mut self, written: Result<(), Error>) -> bool {
        let why = written.err().map(|error| error.to_string());
        let done = why.is_none();
        self.unwritten = self.unwritten.take().or(why);
        done
    }
}

/// `track,frame,seconds,frame_score,left,top,right,bottom`, a row for each face and frame.
fn time_line(tracks: &[TrackAnswer], path: &Path) -> Result<Vec<u8>, Error> {
    let damaged = |error: csv::Error| Error::Damaged {
        path: path.into(),
        reason: error.to_string(),
    };
    let mut table = csv::Writer::from_writer(Vec::new());
    let header = [
        "track",
        "frame",
        "seconds",
        "frame_score",
        "left",
        "top",
        "right",
        "bottom",
    ];
    table.write_record(header).map_err(damaged)?;
    for track in tracks {
        for seen in &track.moments {
            let row = (
                track.track,
                seen.frame,
                seen.seconds,
                seen.frame_score,
                seen.region,
            );
            table.serialize(row).map_err(damaged)?;
        }
    }
    table
        .into_inner()
        .map_err(|error| damaged(error.into_error().into()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use answers::Coverage;
    use inputs::Kind;
    use metrics::Decision;

    use super::*;
    use crate::prediction::FramePrediction;

    fn film(folder: &Path, score: f64) -> Answer {
        let question = Question {
            file: Path::new("film.mp4"),
            kind: Some(Kind::Video),
            decision: Decision::default(),
            frames: None,
            synthetic: false,
            size: None,
            whole: None,
            origin: None,
        };
        let frame = FramePrediction {
            frame: 3,
            seconds: 0.12,
            score,
            region: [1.0, 2.0, 3.0, 4.5],
        };
        let seen = VideoPrediction {
            tracks: vec![TrackPrediction {
                track: 0,
                score,
                whole: score,
                highest: None,
                frames: vec![frame],
                top: Vec::new(),
            }],
            threshold: 0.5,
            size: [8, 6],
            seconds: 0.16,
            coverage: Coverage {
                looked_at: 2,
                frames: 2,
            },
            cuts: Vec::new(),
            partial: None,
        };
        Shown::new(folder, "film").video(&question, seen)
    }

    /// A time line that is there is whole: the old one stays until the new one takes its place.
    #[test]
    fn a_time_line_is_never_half_written() {
        let folder = tempfile::tempdir().unwrap();
        film(folder.path(), 0.25);
        let path = folder.path().join("film.csv");
        let table = fs::read_to_string(&path).unwrap();
        assert_eq!(table.lines().nth(1), Some("0,3,0.12,0.25,1.0,2.0,3.0,4.5"));
        let old = folder.path().join("old.csv");
        fs::hard_link(&path, &old).unwrap();
        film(folder.path(), 0.75);
        assert_eq!(fs::read_to_string(old).unwrap(), table);
        assert!(fs::read_to_string(path).unwrap().contains("0.75"));
    }

    #[test]
    fn what_cannot_be_written_costs_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let answer = film(&folder.path().join("absent"), 0.75);
        assert_eq!(
            (answer.verdict.as_str(), answer.score),
            ("forged", Some(0.75))
        );
        let why = answer.unwritten.unwrap();
        assert!(why.contains("film.csv"), "{why}");
    }
}
