//! Verdicts on pictures and videos.

mod answer;
mod compression;
pub(crate) mod looking;
mod page;
pub(crate) mod track;
mod windows;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use face_preproc::{geometry::Landmarks68, manifest::Manifest};
use runtime::{DeviceName, Event, Observer};

use crate::{Error, detector::Detector};

pub use answer::{Answer, FaceAnswer, Moment, Partial, TrackAnswer, Verdict};
use looking::Looking;

/// What to look at.
#[derive(Debug, Clone)]
pub struct DetectOptions {
    /// Pictures, videos, folders of pictures, or manifests (`.json`).
    pub paths: Vec<PathBuf>,
    /// Where overlays go; absent: `detect/` in the run.
    pub out: Option<PathBuf>,
    /// Where the networks run.
    pub device: DeviceName,
    /// Pictures are crops of faces already: do not look for faces in them.
    pub whole: bool,
    /// What is too compressed to be judged is judged all the same.
    pub any_compression: bool,
    /// Frames of a video, spread over all of it.
    pub frames: usize,
    /// The command line, for the page of verdicts.
    pub command: Vec<String>,
}

/// What was found in all files.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectOutcome {
    /// Faces judged; a face of a video counts once.
    pub faces: usize,
    /// Faces called forged.
    pub forged: usize,
    /// Files in which there was nothing to judge.
    pub without_face: usize,
    /// Files that are too compressed to be judged.
    pub too_compressed: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Videos that could not be read as a whole.
    pub partial: usize,
    /// The run's threshold for single frames.
    pub threshold: f64,
    /// The run's threshold for videos.
    pub video_threshold: f64,
    /// Whether the run was trained on rendered faces.
    pub synthetic: bool,
    /// The page of all verdicts, to open in a browser.
    pub page: PathBuf,
}

/// A file to look at.
pub(crate) struct Subject {
    /// Picture or video.
    pub file: PathBuf,
    /// Of its face, where a manifest has them.
    pub landmarks: Option<Landmarks68>,
}

/// Judges every file, one after the other; a file that cannot be read is named, and the rest is
/// done.
///
/// # Errors
/// Where the run cannot be loaded, there is nothing to look at, or an overlay cannot be written.
pub fn detect(
    folder: &Path,
    options: &DetectOptions,
    observer: &mut dyn Observer,
    mut tell: impl FnMut(&Answer),
) -> Result<DetectOutcome, Error> {
    let detector = Detector::open(folder, &options.device.open()?)?;
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| detector.path.join("detect"));
    let mut outcome = DetectOutcome {
        faces: 0,
        forged: 0,
        without_face: 0,
        too_compressed: 0,
        unreadable: 0,
        partial: 0,
        threshold: detector.frame.threshold,
        video_threshold: detector.video.threshold,
        synthetic: detector.synthetic,
        page: out.join(page::PAGE),
    };
    let looking = Looking::new(&detector, options.whole, options.frames)?;
    let looking = looking.with_any_compression(options.any_compression);
    let mut files = Vec::new();
    let mut names = BTreeSet::new();
    for path in &options.paths {
        let mut subjects = Vec::new();
        let unlisted = list(path, &mut subjects).err().map(|error| Answer {
            file: path.clone(),
            verdict: Verdict::Unreadable {
                reason: error.to_string(),
            },
            threshold: detector.frame.threshold,
            partial: None,
        });
        let judged = subjects.iter().map(|subject| {
            let name = overlay_name(&subject.file, &mut names);
            looking.look(subject, &out.join(name), observer)
        });
        let judged: Vec<_> = unlisted.into_iter().map(Ok).chain(judged).collect();
        for answer in judged {
            let answer = answer?;
            outcome.count(&answer);
            if let Some(partial) = &answer.partial {
                outcome.partial += 1;
                observer.event(Event::Said(&format!(
                    "{}: {partial}",
                    answer.file.display()
                )));
            }
            if let Verdict::Unreadable { reason } = &answer.verdict {
                observer.event(Event::Skipped {
                    what: "unreadable",
                    why: reason,
                });
            }
            tell(&answer);
            files.push(page::of(&answer, &out));
        }
    }
    std::fs::create_dir_all(&out).map_err(Error::io(&out))?;
    page::write(&detector, &outcome, files, options)?;
    Ok(outcome)
}

impl DetectOutcome {
    fn count(&mut self, answer: &Answer) {
        let scores: Vec<f64> = match &answer.verdict {
            Verdict::Faces(faces) => faces.iter().map(|face| face.score).collect(),
            Verdict::Tracks(tracks) => tracks.iter().map(|track| track.score).collect(),
            Verdict::NoFace { .. } => {
                self.without_face += 1;
                return;
            }
            Verdict::TooCompressed { .. } => {
                self.too_compressed += 1;
                return;
            }
            Verdict::Unreadable { .. } => {
                self.unreadable += 1;
                return;
            }
        };
        self.faces += scores.len();
        self.forged += scores.iter().filter(|s| **s >= answer.threshold).count();
    }
}

/// The files that a path stands for.
///
/// # Errors
/// Where a manifest is wrong or a folder cannot be read.
pub(crate) fn list(path: &Path, subjects: &mut Vec<Subject>) -> Result<(), Error> {
    let manifest = if path.is_dir() {
        Manifest::from_folder(path)?
    } else if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        Manifest::read(path)?
    } else {
        subjects.push(Subject {
            file: path.to_owned(),
            landmarks: None,
        });
        return Ok(());
    };
    subjects.extend(manifest.rows.iter().map(|row| Subject {
        file: manifest.picture_path(row),
        landmarks: row.landmarks68,
    }));
    Ok(())
}

/// The file's stem, with a number where two files share it.
pub(crate) fn overlay_name(file: &Path, taken: &mut BTreeSet<String>) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = stem.to_string();
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{stem}-{count}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_of_files_with_one_name_do_not_overwrite_each_other() {
        let mut taken = BTreeSet::new();
        let names = ["a/x.jpg", "b/x.png", "b/y.png", "c/x.jpg"]
            .map(|file| overlay_name(Path::new(file), &mut taken));
        assert_eq!(names, ["x", "x-2", "y", "x-3"]);
    }
}
