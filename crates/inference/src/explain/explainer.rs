//! A detector, and what is to be shown of it.

use std::{collections::BTreeMap, path::Path};

use core_tensor_ops::MapSpec;
use face_preproc::crop::Face;
use runtime::{Event, Observer};

use crate::{
    Error, NotJudged, detector::Detector, files::telling, prediction::FramePrediction, videos::open,
};

/// By the number of its track, a face's crops in the order of time; the frames are not scored.
pub(super) type Tracks = BTreeMap<usize, Vec<(FramePrediction, Face)>>;

/// A detector and what is to be shown of it.
pub(super) struct Explainer<'a> {
    pub detector: &'a Detector,
    /// Places and names of the layers whose Grad-CAM is shown.
    pub layers: Vec<(usize, &'static str)>,
    pub out: &'a Path,
}

impl Explainer<'_> {
    /// The faces of a video.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) fn tracks(
        &self,
        file: &Path,
        observer: &mut dyn Observer,
    ) -> Result<Tracks, NotJudged> {
        let mut tracks = Tracks::new();
        let video = open(file)?;
        let followed = self
            .detector
            .follow(&video, telling(observer, file, &|| false), |seen| {
                let track = tracks.entry(seen.track).or_default();
                track.push((seen.frame, seen.face));
            });
        observer.event(Event::Ended);
        if let Some(partial) = followed.map_err(|error| error.of_file(file))?.partial {
            observer.event(Event::Said(&format!("{}: {partial}", file.display())));
        }
        Ok(tracks)
    }
}

/// The layers to show, by name.
///
/// # Errors
/// Where there is none of that name.
pub(super) fn chosen(
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
