//! A page of verdicts on pictures and videos: what was said of each face, over time where there is
//! time, and the pictures that show it.

use std::path::Path;

use askama::Template;

use crate::chart::{Axis, Chart};
use crate::{ReportError, write_page};

/// Width and height of a time line.
const TIME_LINE: (f64, f64) = (860.0, 190.0);

/// Verdicts on some files.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// What judged.
    pub title: String,
    /// One sentence in answer to "is any of it forged".
    pub answer: String,
    /// What a reader must know before believing it.
    pub notes: Vec<String>,
    /// Scores from here on are called forged.
    pub threshold: f64,
    /// The files, in order.
    pub files: Vec<FileVerdict>,
    /// The command that made the page.
    pub command: String,
}

/// What is said of a file.
#[derive(Clone, Debug)]
pub struct FileVerdict {
    /// The file.
    pub name: String,
    /// `forged`, `uncertain`, `real`, or why there is no score: `no face`, `unreadable`.
    pub word: String,
    /// Why nothing was judged, or how much was.
    pub reason: Option<String>,
    /// Its faces.
    pub faces: Vec<FaceVerdict>,
}

/// What is said of a face.
#[derive(Clone, Debug)]
pub struct FaceVerdict {
    /// Where it is, or from when to when.
    pub name: String,
    /// `forged`, `uncertain` or `real`.
    pub word: String,
    /// Probability of forged, in [0, 1].
    pub score: f64,
    /// (seconds, score) of each frame looked at; empty for a picture.
    pub moments: Vec<(f64, f64)>,
    /// Pictures of it: file relative to the page, and what it shows.
    pub pictures: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "verdicts.html")]
struct Page<'a> {
    verdicts: &'a Verdicts,
}

impl Page<'_> {
    /// The scores over time with the threshold; nothing for a picture.
    fn time_line(&self, face: &FaceVerdict) -> Option<Chart> {
        let [(first, _), .., (last, _)] = face.moments[..] else {
            return None;
        };
        let mut chart = Chart::new(
            format!("Scores of {} over time", face.name),
            Axis::fixed("seconds", first, last),
            Axis::fixed("score", 0.0, 1.0),
            TIME_LINE,
        );
        let threshold = self.verdicts.threshold;
        chart.line("guess", [(first, threshold), (last, threshold)]);
        chart.line("s0", face.moments.iter().copied());
        let above = face.moments.iter().filter(|(_, score)| *score >= threshold);
        chart.dots("s1", above.copied());
        Some(chart)
    }
}

/// Writes the page to `path`, replacing what is there. It needs no script and no network; the
/// pictures are files beside it.
///
/// # Errors
///
/// The file cannot be written.
pub fn write_verdicts(verdicts: &Verdicts, path: &Path) -> Result<(), ReportError> {
    write_page(&Page { verdicts }.render()?, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_has_a_time_line_and_a_picture_has_none() {
        let face = |moments: Vec<(f64, f64)>| FaceVerdict {
            name: "face 0 <b>".into(),
            word: "forged".into(),
            score: 0.7,
            moments,
            pictures: vec![("a.png".into(), "the surest frame".into())],
        };
        let verdicts = Verdicts {
            threshold: 0.5,
            files: vec![FileVerdict {
                name: "x & y.mp4".into(),
                word: "forged".into(),
                reason: None,
                faces: vec![face(vec![(0.0, 0.2), (0.5, 0.9), (1.0, 0.4)]), face(vec![])],
            }],
            ..Verdicts::default()
        };
        let page = Page {
            verdicts: &verdicts,
        };
        let text = page.render().unwrap();
        assert_eq!(text.matches("<svg").count(), 1);
        assert!(
            text.contains("x &#38; y.mp4") && !text.contains("<b>"),
            "{text}"
        );
    }
}
