//! Asking a detector about videos.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
    mem,
    ops::ControlFlow,
    path::Path,
};

use answers::Coverage;
use face_preproc::crop::Face;
use video::{Limits, Video};

use crate::{
    NotJudged, Unreadable, compression,
    detector::Detector,
    follow::{Followed, Progress, Seen},
    forward::{Batch, predict_clip},
    images::BATCH,
    network::Network,
    prediction::{
        FacePrediction, FramePrediction, Prediction, TrackPrediction, VideoPrediction,
        highest_stretch,
    },
};

/// Frames of a track's highest scores that are kept.
const TOP: usize = 3;

impl Detector {
    /// Follows the faces of a video and judges each. `progress` is told of every frame that was looked
    /// at, and can stop it: [`NotJudged::Stopped`].
    ///
    /// # Errors
    /// Why there is nothing to judge.
    pub fn predict_video(
        &self,
        path: impl AsRef<Path>,
        progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<VideoPrediction, NotJudged> {
        let path = path.as_ref();
        let video = open(path)?;
        self.predict_opened(&video, progress)
            .map_err(|error| error.of_file(path))
    }

    /// As [`predict_video`](Self::predict_video), of what the caller has opened, such as bytes in memory:
    /// H.264 in MP4 or MOV, as [`Video::from_reader`] reads it.
    ///
    /// # Errors
    /// As [`predict_video`](Self::predict_video).
    pub fn predict_video_from(
        &self,
        reader: impl Read + Seek + Send + 'static,
        progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<VideoPrediction, NotJudged> {
        let video = Video::from_reader(reader, &Limits::default())
            .map_err(|source| Unreadable::Video { path: None, source })?;
        self.predict_opened(&video, progress)
    }

    fn predict_opened(
        &self,
        video: &Video,
        mut progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<VideoPrediction, NotJudged> {
        if !self.options.any_compression {
            compression::check_video(video)?;
        }
        let mut tracks = Tracks {
            detector: self,
            by_number: BTreeMap::new(),
            waiting: Vec::new(),
        };
        let mut looked_at = 0;
        let counted = |told: Progress| {
            looked_at = told.read;
            progress(told)
        };
        let Followed { cuts, partial } = self.follow(video, counted, |seen| tracks.push(seen))?;
        let tracks = tracks.finish();
        if tracks.is_empty() {
            return Err(NotJudged::TooShort {
                frames: self.network.snippet_length(),
            });
        }
        let info = video.info();
        Ok(VideoPrediction {
            tracks,
            threshold: self.config.video.threshold,
            size: [info.width, info.height],
            seconds: info.duration_seconds,
            coverage: Coverage {
                looked_at,
                frames: info.frame_count,
            },
            cuts,
            partial,
        })
    }
}

/// Opens the video of a file.
pub(crate) fn open(path: &Path) -> Result<Video, NotJudged> {
    let opened = Video::open(path, &Limits::default());
    opened.map_err(|source| {
        let path = Some(path.to_owned());
        Unreadable::Video { path, source }.into()
    })
}

/// The tracks of a video while it is read.
struct Tracks<'a> {
    detector: &'a Detector,
    by_number: BTreeMap<usize, Track>,
    /// Single faces that are still to be judged, in the order of time.
    waiting: Vec<Seen>,
}

/// A track.
#[derive(Default)]
struct Track {
    /// Judged or, of clips, all that wait for it.
    frames: Vec<FramePrediction>,
    /// The frames of highest score, with their faces.
    top: Vec<(FramePrediction, FacePrediction)>,
    /// Faces of clips, which wait until the whole track is there.
    faces: Vec<Face>,
}

impl Tracks<'_> {
    fn push(&mut self, seen: Seen) {
        match self.detector.network {
            Network::Faces(_) => {
                self.waiting.push(seen);
                if self.waiting.len() == BATCH {
                    self.judge_faces();
                }
            }
            Network::Clips { .. } => {
                let track = self.by_number.entry(seen.track).or_default();
                track.frames.push(seen.frame);
                track.faces.push(seen.face);
            }
        }
    }

    /// Judges the single faces that wait. Of these only the ones of highest score keep their crops.
    fn judge_faces(&mut self) {
        let Network::Faces(network) = &self.detector.network else {
            return;
        };
        let waiting = mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return;
        }
        let crops: Vec<_> = waiting.iter().map(|seen| &seen.face.image).collect();
        let batch = Batch::new(&**network, &crops, &self.detector.device);
        for (index, seen) in waiting.into_iter().enumerate() {
            let score = self.detector.calibrated(batch.scores[index]);
            let frame = FramePrediction {
                score,
                ..seen.frame
            };
            let track = self.by_number.entry(seen.track).or_default();
            track.frames.push(frame);
            track.keep(frame, || FacePrediction {
                face: seen.face,
                prediction: Prediction {
                    score,
                    ..batch.prediction(index, true)
                },
            });
        }
    }

    /// What is said of each track that is long enough for the network.
    fn finish(mut self) -> Vec<TrackPrediction> {
        self.judge_faces();
        let tracks = mem::take(&mut self.by_number).into_iter();
        tracks
            .filter_map(|(number, mut track)| {
                let (whole, highest) = match &self.detector.network {
                    Network::Faces(_) => {
                        let decision = &self.detector.config.video;
                        let scores: Vec<_> = track.frames.iter().map(|frame| frame.score).collect();
                        let highest = highest_stretch(&track.frames, decision);
                        (decision.of_video(&scores), highest)
                    }
                    Network::Clips { .. } => (track.judge_snippets(self.detector)?, None),
                };
                Some(TrackPrediction {
                    track: number,
                    score: highest.map_or(whole, |stretch| stretch.score.max(whole)),
                    whole,
                    highest,
                    frames: track.frames,
                    top: track.top,
                })
            })
            .collect()
    }
}

impl Track {
    fn keep(&mut self, frame: FramePrediction, face: impl FnOnce() -> FacePrediction) {
        let least = self.top.last().map(|(kept, _)| kept.score);
        if self.top.len() == TOP && least.is_some_and(|least| frame.score <= least) {
            return;
        }
        self.top.push((frame, face()));
        self.top
            .sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score));
        self.top.truncate(TOP);
    }

    /// Judges all whole snippets of the track, `U` of them at a time, each time spread over all of it, the
    /// last filled up; the score is the mean. Frames outside of them are dropped.
    fn judge_snippets(&mut self, detector: &Detector) -> Option<f64> {
        let Network::Clips {
            network,
            snippets,
            length,
        } = &detector.network
        else {
            return None;
        };
        let numbers: Vec<usize> = self.frames.iter().map(|frame| frame.frame).collect();
        let starts = whole_runs(&numbers, *length);
        let passes = starts.len().div_ceil(*snippets);
        let mut sum = 0.0;
        for pass in 0..passes {
            let of_pass = starts.iter().copied().skip(pass).step_by(passes);
            let mut of_pass: Vec<_> = of_pass.collect();
            // As evaluation has it: the network compares as many snippets as it learnt from.
            let last = of_pass[of_pass.len() - 1];
            of_pass.resize(of_pass.len().max(*snippets), last);
            let places: Vec<usize> = of_pass
                .into_iter()
                .flat_map(|start| start..start + length)
                .collect();
            let crops: Vec<_> = (places.iter())
                .map(|&place| &self.faces[place].image)
                .collect();
            let judged = predict_clip(&**network, &crops, *length, &detector.device);
            sum += detector.config.video.probability(judged.score);
            for (place, score) in places.into_iter().zip(judged.frames) {
                self.frames[place].score = detector.calibrated(score);
            }
        }
        for (frame, face) in self
            .frames
            .clone()
            .into_iter()
            .zip(mem::take(&mut self.faces))
        {
            if frame.score.is_finite() {
                self.keep(frame, || FacePrediction {
                    face,
                    prediction: Prediction {
                        score: frame.score,
                        heat_map: None,
                        boxes: None,
                    },
                });
            }
        }
        self.frames.retain(|frame| frame.score.is_finite());
        (passes > 0).then(|| sum / passes as f64)
    }
}

/// Places where `length` successive frames begin, without overlap.
pub(crate) fn whole_runs(frames: &[usize], length: usize) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut place = 0;
    while place + length <= frames.len() {
        if frames[place + length - 1] == frames[place] + length - 1 {
            starts.push(place);
            place += length;
        } else {
            place += 1;
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_whole_and_do_not_overlap() {
        assert_eq!(whole_runs(&[0, 1, 2, 3, 4, 9, 11, 12, 13], 3), [0, 6]);
        assert_eq!(whole_runs(&[0, 1, 2, 3], 2), [0, 2]);
        assert!(whole_runs(&[4, 6, 8], 2).is_empty());
    }
}
