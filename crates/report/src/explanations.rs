//! A page on what a detector looks at: each face beside maps of it.

use std::path::Path;

use askama::Template;

use crate::gallery::heat_gradient;
use crate::{ReportError, write_page};

/// Explanations of some files.
#[derive(Clone, Debug, Default)]
pub struct Explanations {
    /// What is explained.
    pub title: String,
    /// What is there, in one sentence.
    pub answer: String,
    /// What a reader must know before believing it.
    pub notes: Vec<String>,
    /// The files, in order.
    pub files: Vec<ExplainedFile>,
    /// The command that made the page.
    pub command: String,
}

/// The faces of a file.
#[derive(Clone, Debug, Default)]
pub struct ExplainedFile {
    /// The file.
    pub name: String,
    /// Why there are no faces.
    pub reason: Option<String>,
    /// Its faces.
    pub faces: Vec<ExplainedFace>,
}

/// A face and maps of it.
#[derive(Clone, Debug)]
pub struct ExplainedFace {
    /// Which it is.
    pub name: String,
    /// `forged` or `real`.
    pub word: &'static str,
    /// Probability of forged, in [0, 1].
    pub score: f64,
    /// File relative to the page, and what it shows.
    pub pictures: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "explanations.html")]
struct Page<'a> {
    page: &'a Explanations,
    heat_gradient: String,
}

/// Writes the page to `path`, replacing what is there. It needs no script and no network; the
/// pictures are files beside it.
///
/// # Errors
///
/// The file cannot be written.
pub fn write_explanations(page: &Explanations, path: &Path) -> Result<(), ReportError> {
    let heat_gradient = heat_gradient();
    let page = Page {
        page,
        heat_gradient,
    };
    write_page(&page.render()?, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_reasons_and_names_are_there_and_escaped() {
        let page = Explanations {
            files: vec![
                ExplainedFile {
                    name: "a & b.png".into(),
                    faces: vec![ExplainedFace {
                        name: "Face 1".into(),
                        word: "forged",
                        score: 0.75,
                        pictures: vec![("a.png".into(), "<i>Grad-CAM".into())],
                    }],
                    ..ExplainedFile::default()
                },
                ExplainedFile {
                    name: "c.png".into(),
                    reason: Some("no face found".into()),
                    ..ExplainedFile::default()
                },
            ],
            ..Explanations::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.html");
        write_explanations(&page, &path).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        for wanted in [
            "a &#38; b.png",
            "score 0.750",
            "src=\"a.png\"",
            "no face found",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(!text.contains("<i>"));
    }
}
