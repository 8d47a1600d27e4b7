//! Many files, one after the other.

use std::{fs, path::Path};

use core_tensor_ops::ClipDetector;
use face_preproc::geometry::Landmarks68;
use inputs::{Input, Kind, Names, list};
use report::{ExplainedFile, Explanations, write_explanations};
use runtime::Observer;

use super::{
    explainer::{Explainer, chosen},
    outcome::{ExplainOptions, ExplainOutcome, Explained},
};
use crate::{Error, NotJudged, detector::Detector, files::read_picture, network::Network};

/// Explains every file, one after the other, and writes `index.html` with its pictures; a file that
/// cannot be read is named, and the rest is done. Of a video, a network that judges motion looks at as
/// many frames as it was built for.
///
/// # Errors
/// Where the network has no such layer, or a picture cannot be written.
pub fn explain(
    detector: &Detector,
    options: &ExplainOptions,
    observer: &mut dyn Observer,
) -> Result<ExplainOutcome, Error> {
    let out = &options.out;
    fs::create_dir_all(out).map_err(Error::io(out))?;
    let mut detector = detector.clone();
    let layers = match &detector.network {
        Network::Faces(network) => network.layers(),
        Network::Clips {
            network,
            snippets,
            length,
        } => {
            detector.options.frames = snippets * length;
            network.layers()
        }
    };
    let explainer = Explainer {
        layers: chosen(&layers, options.layer.as_deref(), &detector.path)?,
        detector: &detector,
        out,
    };
    let listing = list(&options.paths, options.recursive);
    let mut outcome = ExplainOutcome {
        passed_over: listing.passed_over,
        page: out.join("index.html"),
        ..ExplainOutcome::default()
    };
    let mut files = Vec::new();
    let mut names = Names::default();
    for Input { file, landmarks } in listing.inputs {
        let known = landmarks.and_then(|landmarks| Ok((landmarks, Kind::of(&file)?)));
        let explained = match known {
            Err(error) => Err(error.into()),
            Ok((_, Kind::Video)) => explainer.video(&file, &names.of(&file), observer)?,
            Ok((landmarks, Kind::Picture)) => {
                explainer.image(&file, landmarks.as_deref(), &names.of(&file))?
            }
        };
        files.push(outcome.take(&file, explained, observer));
    }
    let page = explainer.page(files, &outcome, options);
    write_explanations(&page, &outcome.page)?;
    Ok(outcome)
}

impl Explainer<'_> {
    fn video(
        &self,
        file: &Path,
        name: &str,
        observer: &mut dyn Observer,
    ) -> Result<Explained, Error> {
        let tracks = match self.tracks(file, observer) {
            Ok(tracks) => tracks,
            Err(why) => return Ok(Err(why)),
        };
        match &self.detector.network {
            Network::Faces(network) => Ok(Ok(self.video_of_faces(&**network, tracks, name)?)),
            Network::Clips {
                network,
                snippets,
                length,
            } => self.clips(network, [*snippets, *length], tracks, name),
        }
    }

    fn image(
        &self,
        file: &Path,
        landmarks: Option<&Landmarks68>,
        name: &str,
    ) -> Result<Explained, Error> {
        let Network::Faces(network) = &self.detector.network else {
            return Ok(Err(NotJudged::NeedsVideo));
        };
        let faces = read_picture(file).and_then(|image| match landmarks {
            Some(landmarks) => Ok(vec![self.detector.cut_face(&image, landmarks)?]),
            None => self.detector.find_faces(&image),
        });
        match faces {
            Ok(faces) => self.faces(&**network, &faces, name).map(Ok),
            Err(why) => Ok(Err(why)),
        }
    }

    fn page(
        &self,
        files: Vec<ExplainedFile>,
        outcome: &ExplainOutcome,
        options: &ExplainOptions,
    ) -> Explanations {
        let config = &self.detector.config;
        let mut notes = Vec::new();
        if config.synthetic {
            notes.push(
                "This run was trained on synthetic faces: what it looks at in photographs means little."
                    .into(),
            );
        }
        notes.extend(config.origin.iter().map(|origin| format!("{origin}.")));
        if outcome.passed_over.count() > 0 {
            notes.push(format!("Passed over: {}.", outcome.passed_over));
        }
        Explanations {
            title: format!("What {} looks at", config.name),
            answer: format!(
                "{} faces; {} files without a face, {} unreadable. Pictures are called forged from a score of {:.3} on, videos from {:.3}.",
                outcome.faces,
                outcome.without_face,
                outcome.unreadable,
                config.frame.threshold,
                config.video.threshold
            ),
            notes,
            files,
            command: options.command.join(" "),
        }
    }
}
