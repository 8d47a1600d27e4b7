//! The snippet model: what it looks at within snippets and across them.

use core_tensor_ops::ClipDetector;
use explain::grad_cam;
use face_preproc::crop::Face;
use image::RgbImage;
use model_snippet::{Place, Snippet, Weighting};
use report::ExplainedFace;

use super::{
    explainer::{Explainer, Tracks},
    outcome::Explained,
    picture::{grad_cam_caption, grid, heat_cells, scaled, under},
};
use crate::{
    Error, NotJudged, files::write_picture, forward::to_clips, prediction::FramePrediction,
    videos::whole_runs,
};

impl Explainer<'_> {
    /// The faces of a video, each in `snippets` snippets of `length` frames, or as many as it is
    /// seen in.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub(super) fn clips(
        &self,
        network: &Snippet,
        [snippets, length]: [usize; 2],
        tracks: Tracks,
        name: &str,
    ) -> Result<Explained, Error> {
        let mut explained = Vec::new();
        for (track, seen) in tracks {
            let frames: Vec<_> = seen.iter().map(|(frame, _)| frame.frame).collect();
            let starts = whole_runs(&frames, length);
            let chosen = video::sample_uniform(starts.len(), snippets);
            let clip: Vec<_> = chosen
                .into_iter()
                .flat_map(|place| &seen[starts[place]..][..length])
                .collect();
            if !clip.is_empty() {
                let name = format!("{name}.track-{track}");
                explained.push(self.clip(network, &clip, length, track, &name)?);
            }
        }
        Ok(match explained.is_empty() {
            true => Err(NotJudged::TooShort { frames: length }),
            false => Ok(explained),
        })
    }

    fn clip(
        &self,
        network: &Snippet,
        clip: &[&(FramePrediction, Face)],
        length: usize,
        track: usize,
        name: &str,
    ) -> Result<ExplainedFace, Error> {
        let crops: Vec<&RgbImage> = clip.iter().map(|(_, face)| &face.image).collect();
        let snippets = clip.len() / length;
        let frames = to_clips(
            &network.input_spec(),
            &crops,
            [1, snippets, length],
            &self.detector.device,
        );
        let mut pictures = Vec::new();
        let mut show = |word: &str, picture: &RgbImage, caption: String| -> Result<(), Error> {
            let file = format!("{name}.{word}.png");
            write_picture(&self.out.join(&file), picture)?;
            pictures.push((file, caption));
            Ok(())
        };
        let plain: Vec<_> = crops.iter().map(|crop| (*crop).clone()).collect();
        let seconds = |place: usize| clip[place].0.seconds;
        let caption = format!(
            "the face as the network sees it: a row for each snippet of {length} successive frames, from {:.2} s to {:.2} s",
            seconds(0),
            seconds(clip.len() - 1)
        );
        show("frames", &grid(&plain, length), caption)?;
        for &(layer, layer_name) in &self.layers {
            let frames = frames.clone().autodiff();
            let maps = grad_cam(layer, |tap| network.clip_logits(frames, tap))?;
            let (maps, largest) = scaled(maps);
            let caption = grad_cam_caption(layer_name, largest);
            let word = format!("grad-cam-{layer_name}");
            show(&word, &grid(&under(&crops, &maps), length), caption)?;
        }
        let maps = network.explain(frames, Weighting::Gradient);
        let probability = maps.forged_probability.into_data();
        let probability = probability.iter::<f64>().next();
        let score = probability.map_or(f64::NAN, |score| {
            self.detector.config.video.probability(score)
        });
        let last = maps.intra.last().map(|map| map.place);
        for intra in maps
            .intra
            .into_iter()
            .filter(|map| self.shows(map.place, last))
        {
            let [_, _, _, height, width] = intra.map.dims();
            let (maps, largest) = scaled(intra.map.reshape([clip.len(), height, width]));
            let at = at(intra.place);
            let caption = match largest > 0.0 {
                true => format!("Intra-SMA of {at}: motion that speaks for forged"),
                false => format!("Intra-SMA of {at}: no motion speaks for forged"),
            };
            let word = format!("intra-{}", at.replace(' ', "-"));
            show(&word, &grid(&under(&crops, &maps), length), caption)?;
        }
        let last = maps.inter.last().map(|map| map.place);
        for inter in maps
            .inter
            .into_iter()
            .filter(|map| self.shows(map.place, last))
        {
            let at = at(inter.place);
            let word = format!("u-t-{}", at.replace(' ', "-"));
            let cells = heat_cells(inter.map.reshape([snippets, length]));
            let caption = format!("U-T map of {at}: which frames speak for forged");
            show(&word, &cells, caption)?;
        }
        Ok(ExplainedFace {
            name: format!("Face {track}"),
            word: self.detector.config.video.word(score),
            score,
            pictures,
        })
    }

    /// Whether the maps of a block are shown: the last ones where the last layer is asked for, else
    /// all those of the layers asked for.
    fn shows(&self, place: Place, last: Option<Place>) -> bool {
        let of_layer = |(layer, _): &(usize, &str)| *layer == place.stage + 1;
        match self.layers.as_slice() {
            [_] => Some(place) == last || self.layers.iter().any(of_layer),
            layers => layers.iter().any(of_layer),
        }
    }
}

fn at(place: Place) -> String {
    format!("layer{} block {}", place.stage + 1, place.block)
}
