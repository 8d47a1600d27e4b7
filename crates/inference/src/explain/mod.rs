//! What a detector looks at in pictures and videos.

mod clip;
mod face;
mod picture;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use core_tensor_ops::{ClipDetector, MapSpec};
use face_preproc::pictures::{Limits, read_rgb};
use report::{ExplainedFace, ExplainedFile, Explanations, write_explanations};
use runtime::{DeviceName, Event, Observer};

use crate::{
    Error,
    detect::{
        Subject, Verdict, list,
        looking::{Looking, is_video},
        overlay_name,
    },
    detector::Detector,
    network::Network,
};

/// What to explain.
#[derive(Debug, Clone)]
pub struct ExplainOptions {
    /// Pictures, videos, folders of pictures, or manifests (`.json`).
    pub paths: Vec<PathBuf>,
    /// The layer whose Grad-CAM is shown, or `all`; absent: the last.
    pub layer: Option<String>,
    /// Where the page goes; absent: `explain/` in the run.
    pub out: Option<PathBuf>,
    /// Where the networks run.
    pub device: DeviceName,
    /// Pictures are crops of faces already: do not look for faces in them.
    pub whole: bool,
    /// Frames of a video, spread over all of it, where the network judges single faces.
    pub frames: usize,
    /// The command line, for the page.
    pub command: Vec<String>,
}

/// What was explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainOutcome {
    /// Faces; a face of a video counts once.
    pub faces: usize,
    /// Files in which there was nothing to explain.
    pub without_face: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// The page, to open in a browser.
    pub page: PathBuf,
}

/// A loaded run and what is to be shown of it.
struct Explainer<'a> {
    detector: &'a Detector,
    /// Places and names of the layers whose Grad-CAM is shown.
    layers: Vec<(usize, &'static str)>,
    out: &'a Path,
}

/// The faces of a file, or what is to be said where there are none.
type Explained = Result<Vec<ExplainedFace>, Verdict>;

/// Explains every file, one after the other, and writes `index.html` with its pictures; a file that
/// cannot be read is named, and the rest is done.
///
/// # Errors
/// Where the run cannot be loaded, it has no such layer, or a picture cannot be written.
pub fn explain(
    folder: &Path,
    options: &ExplainOptions,
    observer: &mut dyn Observer,
) -> Result<ExplainOutcome, Error> {
    let detector = Detector::open(folder, &options.device.open()?)?;
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| detector.path.join("explain"));
    std::fs::create_dir_all(&out).map_err(Error::io(&out))?;
    let (layers, frames) = match &detector.network {
        Network::Faces(network) => (network.layers(), options.frames),
        Network::Clips {
            network,
            snippets,
            length,
        } => (network.layers(), snippets * length),
    };
    let explainer = Explainer {
        detector: &detector,
        layers: chosen(&layers, options.layer.as_deref(), folder)?,
        out: &out,
    };
    let looking = Looking::new(&detector, options.whole, frames)?;
    let mut outcome = ExplainOutcome {
        faces: 0,
        without_face: 0,
        unreadable: 0,
        page: out.join("index.html"),
    };
    let mut files = Vec::new();
    let mut names = BTreeSet::new();
    for path in &options.paths {
        let mut subjects = Vec::new();
        if let Err(error) = list(path, &mut subjects) {
            let reason = error.to_string();
            files.push(outcome.take(path, Err(Verdict::Unreadable { reason }), observer));
        }
        for subject in &subjects {
            let name = overlay_name(&subject.file, &mut names);
            let explained = explainer.file(&looking, subject, &name, observer)?;
            files.push(outcome.take(&subject.file, explained, observer));
        }
    }
    let page = explainer.page(files, &outcome, options);
    write_explanations(&page, &outcome.page)?;
    Ok(outcome)
}

/// The layers to show, by name.
fn chosen(
    layers: &[MapSpec],
    wanted: Option<&str>,
    folder: &Path,
) -> Result<Vec<(usize, &'static str)>, Error> {
    let mut all = layers.iter().map(|layer| layer.name).enumerate();
    let chosen: Vec<_> = match wanted {
        None => all.next_back().into_iter().collect(),
        Some("all") => all.collect(),
        Some(name) => all.filter(|(_, layer)| *layer == name).collect(),
    };
    if chosen.is_empty() {
        let names: Vec<_> = layers.iter().map(|layer| layer.name).collect();
        let wanted = wanted.unwrap_or_default();
        return Err(Error::NoLayer {
            path: folder.to_owned(),
            wanted: wanted.into(),
            known: names.join(", "),
        });
    }
    Ok(chosen)
}

impl Explainer<'_> {
    fn file(
        &self,
        looking: &Looking<'_>,
        subject: &Subject,
        name: &str,
        observer: &mut dyn Observer,
    ) -> Result<Explained, Error> {
        if is_video(&subject.file) {
            return match &self.detector.network {
                Network::Faces(network) => {
                    self.video_of_faces(&**network, looking, &subject.file, name, observer)
                }
                Network::Clips {
                    network,
                    snippets,
                    length,
                } => {
                    let shape = [*snippets, *length];
                    self.clips(network, shape, looking, &subject.file, name, observer)
                }
            };
        }
        let Network::Faces(network) = &self.detector.network else {
            return Ok(Err(Verdict::NoFace {
                reason: "the run's network judges motion: give it a video".into(),
            }));
        };
        let faces = read_rgb(&subject.file, &Limits::default())
            .map_err(Error::from)
            .and_then(|picture| looking.faces(&picture, subject.landmarks.as_ref()));
        match faces {
            Ok(Ok(faces)) => self.picture(&**network, &faces, name).map(Ok),
            Ok(Err(reason)) => Ok(Err(Verdict::NoFace { reason })),
            Err(error) => Ok(Err(Verdict::Unreadable {
                reason: error.to_string(),
            })),
        }
    }

    fn page(
        &self,
        files: Vec<ExplainedFile>,
        outcome: &ExplainOutcome,
        options: &ExplainOptions,
    ) -> Explanations {
        let mut notes = Vec::new();
        if self.detector.synthetic {
            notes.push(
                "This run was trained on synthetic faces: what it looks at in photographs means little."
                    .into(),
            );
        }
        Explanations {
            title: format!("What {} looks at", self.detector.name),
            answer: format!(
                "{} faces; {} files without a face, {} unreadable. Pictures are called forged from a score of {:.3} on, videos from {:.3}.",
                outcome.faces,
                outcome.without_face,
                outcome.unreadable,
                self.detector.frame.threshold,
                self.detector.video.threshold
            ),
            notes,
            files,
            command: options.command.join(" "),
        }
    }
}

impl ExplainOutcome {
    /// Counts what was said of a file, and says what could not be read.
    fn take(
        &mut self,
        file: &Path,
        explained: Explained,
        observer: &mut dyn Observer,
    ) -> ExplainedFile {
        let (reason, faces) = match explained {
            Ok(faces) => (None, faces),
            Err(Verdict::Unreadable { reason }) => {
                self.unreadable += 1;
                observer.event(Event::Skipped {
                    what: "unreadable",
                    why: &reason,
                });
                (Some(reason), Vec::new())
            }
            Err(Verdict::NoFace { reason } | Verdict::TooCompressed { reason }) => {
                self.without_face += 1;
                (Some(reason), Vec::new())
            }
            Err(Verdict::Faces(_) | Verdict::Tracks(_)) => (None, Vec::new()),
        };
        self.faces += faces.len();
        ExplainedFile {
            name: file.display().to_string(),
            reason,
            faces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_go_by_name() {
        let layers = ["stem", "layer1", "layer2"].map(|name| MapSpec {
            name,
            channels: 1,
            stride: 2,
        });
        let of = |wanted| chosen(&layers, wanted, Path::new("runs/x"));
        assert_eq!(of(None).unwrap(), [(2, "layer2")]);
        assert_eq!(of(Some("layer1")).unwrap(), [(1, "layer1")]);
        assert_eq!(of(Some("all")).unwrap().len(), 3);
        let error = of(Some("fc")).unwrap_err().to_string();
        assert!(error.contains("known: stem, layer1, layer2"), "{error}");
    }
}
