//! Verdicts on pictures.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use face_preproc::{
    geometry::Landmarks68,
    manifest::Manifest,
    pictures::{Limits, read_rgb, write_png},
};
use serde_json::json;

use crate::{
    Error,
    device::DeviceName,
    faces::cut,
    observer::{Event, Observer},
    run::Run,
    run_dir::RunDir,
    scoring::judge,
    showing::face_and_heat,
};

/// What to look at.
#[derive(Debug, Clone)]
pub struct DetectOptions {
    /// Pictures, folders of pictures, or manifests (`.json`).
    pub paths: Vec<PathBuf>,
    /// Where overlays go; absent: `detect/` in the run.
    pub out: Option<PathBuf>,
    /// Where the network runs.
    pub device: DeviceName,
}

/// The answer for one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The file.
    pub file: PathBuf,
    /// What is said of it.
    pub verdict: Verdict,
}

/// What is said of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// A face was judged.
    Face {
        /// Probability that it is forged, 0..1, as the network says.
        score: f64,
        /// Whether that reaches the run's threshold.
        forged: bool,
        /// The threshold.
        threshold: f64,
        /// Left, top, right, bottom of what was judged, in pixels of the picture.
        region: [f32; 4],
        /// A picture of the face and its heat map.
        overlay: PathBuf,
    },
    /// The file could not be read.
    Unreadable {
        /// Why, and what to do.
        reason: String,
    },
}

impl Answer {
    /// One JSON object in one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let file = self.file.to_string_lossy();
        match &self.verdict {
            Verdict::Face {
                score,
                forged,
                threshold,
                region,
                overlay,
            } => json!({
                "file": file,
                "verdict": if *forged { "forged" } else { "real" },
                "score": score,
                "threshold": threshold,
                "faces": [{ "box": region, "score": score, "overlay": overlay.to_string_lossy() }],
            }),
            Verdict::Unreadable { reason } => {
                json!({ "file": file, "verdict": "unreadable", "reason": reason })
            }
        }
        .to_string()
    }
}

/// What was found in all files.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectOutcome {
    /// Faces judged.
    pub faces: usize,
    /// Faces called forged.
    pub forged: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// The run's threshold.
    pub threshold: f64,
    /// Whether the run was trained on rendered faces.
    pub synthetic: bool,
}

/// A picture to look at.
struct Subject {
    file: PathBuf,
    landmarks: Option<Landmarks68>,
}

/// Judges every picture, one after the other; a file that cannot be read is named, and the rest
/// is done.
///
/// # Errors
/// Where the run cannot be loaded, there is nothing to look at, or an overlay cannot be written.
pub fn detect(
    run: &RunDir,
    options: &DetectOptions,
    observer: &mut dyn Observer,
    mut tell: impl FnMut(&Answer),
) -> Result<DetectOutcome, Error> {
    let run = Run::load(run, options.device)?;
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| run.dir.path().join("detect"));
    let mut outcome = DetectOutcome {
        faces: 0,
        forged: 0,
        unreadable: 0,
        threshold: run.best.threshold,
        synthetic: run.info.data.synthetic,
    };
    let mut subjects = Vec::new();
    let mut unreadable = Vec::new();
    for path in &options.paths {
        if let Err(reason) = list(path, &mut subjects) {
            unreadable.push(Answer {
                file: path.clone(),
                verdict: Verdict::Unreadable {
                    reason: reason.to_string(),
                },
            });
        }
    }
    let mut names = BTreeSet::new();
    let judged = subjects.iter().map(|subject| {
        let overlay = out.join(overlay_name(&subject.file, &mut names));
        look(&run, subject, overlay)
    });
    for answer in unreadable.into_iter().map(Ok).chain(judged) {
        let answer = answer?;
        match &answer.verdict {
            Verdict::Face { forged, .. } => {
                outcome.faces += 1;
                outcome.forged += usize::from(*forged);
            }
            Verdict::Unreadable { reason } => {
                outcome.unreadable += 1;
                observer.event(Event::Skipped {
                    what: "unreadable",
                    why: reason,
                });
            }
        }
        tell(&answer);
    }
    Ok(outcome)
}

/// The pictures that a path stands for.
fn list(path: &Path, subjects: &mut Vec<Subject>) -> Result<(), Error> {
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

fn look(run: &Run, subject: &Subject, overlay: PathBuf) -> Result<Answer, Error> {
    let file = subject.file.clone();
    let face = read_rgb(&file, &Limits::default())
        .map_err(Error::from)
        .and_then(|picture| cut(&picture, subject.landmarks.as_ref(), &run.recipe.crop));
    let face = match face {
        Ok(face) => face,
        Err(error) => {
            return Ok(Answer {
                file,
                verdict: Verdict::Unreadable {
                    reason: error.to_string(),
                },
            });
        }
    };
    let judged = judge(&*run.model, &[&face.image], true, &run.device);
    let judged = &judged[0];
    let shown = face_and_heat(&face.image, judged.heat_map.as_ref());
    if let Some(folder) = overlay.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    write_png(&overlay, &shown)?;
    let size = run.recipe.crop.size as f32;
    let to_picture = |point| match face.transform.inverse() {
        Some(back) => back.apply(point),
        None => point,
    };
    let ([left, top], [right, bottom]) = (to_picture([-0.5, -0.5]), to_picture([size - 0.5; 2]));
    Ok(Answer {
        file,
        verdict: Verdict::Face {
            score: judged.score,
            forged: judged.score >= run.best.threshold,
            threshold: run.best.threshold,
            region: [left, top, right, bottom],
            overlay,
        },
    })
}

/// The file's stem, with a number where two files share it.
fn overlay_name(file: &Path, taken: &mut BTreeSet<String>) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = format!("{stem}.png");
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{stem}-{count}.png");
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
        assert_eq!(names, ["x.png", "x-2.png", "y.png", "x-3.png"]);
    }

    #[test]
    fn answers_are_one_line_of_json() {
        let answer = Answer {
            file: "a \"b\".png".into(),
            verdict: Verdict::Unreadable {
                reason: "two\nlines".into(),
            },
        };
        let text = answer.to_json();
        assert_eq!(text.lines().count(), 1);
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["verdict"], "unreadable");
    }
}
