//! A face followed through a video, from its crops to its scores.

use std::path::Path;

use image::RgbImage;

use super::{
    Moment, TrackAnswer,
    looking::{with_ending, write_picture},
};
use crate::{
    Error,
    detector::Detector,
    finding::face_and_finding,
    network::Network,
    predict::{judge, judge_clip},
};

/// Pictures of a track's highest scores.
const WORST: usize = 3;

/// A track while the video is read.
#[derive(Default)]
pub(super) struct TrackSoFar {
    /// Judged, or all that wait for it.
    moments: Vec<Moment>,
    /// Of the moments of highest score, the pictures of them.
    worst: Vec<(Moment, RgbImage)>,
    /// Crops of the moments that wait until the whole track is there.
    waiting: Vec<RgbImage>,
}

impl TrackSoFar {
    /// The next frame. Of single faces that are judged at once, the pictures of the highest scores
    /// alone are kept; crops of clips wait.
    pub(super) fn push(&mut self, mut moment: Moment, crop: RgbImage, detector: &Detector) {
        match &detector.network {
            Network::Faces(network) => {
                let judged = judge(&**network, &[&crop], true, &detector.device).remove(0);
                moment.score = detector.calibrated(judged.score);
                self.keep(moment, || face_and_finding(&crop, &judged));
            }
            Network::Clips { .. } => self.waiting.push(crop),
        }
        self.moments.push(moment);
    }

    fn keep(&mut self, moment: Moment, picture: impl FnOnce() -> RgbImage) {
        let least = self.worst.last().map(|(kept, _)| kept.score);
        if self.worst.len() == WORST && least.is_some_and(|least| moment.score <= least) {
            return;
        }
        self.worst.push((moment, picture()));
        self.worst
            .sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score));
        self.worst.truncate(WORST);
    }

    /// What is said of the track; [`None`] where it is too short for the network.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub(super) fn answer(
        mut self,
        track: usize,
        detector: &Detector,
        overlay: &Path,
    ) -> Result<Option<TrackAnswer>, Error> {
        let score = match &detector.network {
            Network::Faces(_) => {
                let scores: Vec<_> = self.moments.iter().map(|moment| moment.score).collect();
                Some(detector.video.of_video(&scores))
            }
            Network::Clips { .. } => self.judge_snippets(detector),
        };
        let Some(score) = score else {
            return Ok(None);
        };
        let mut worst = Vec::new();
        for (moment, shown) in self.worst {
            let ending = format!(".track-{track}.frame-{}.png", moment.frame);
            let path = with_ending(overlay, &ending);
            write_picture(&path, &shown)?;
            worst.push((moment, path));
        }
        Ok(Some(TrackAnswer {
            track,
            score,
            moments: self.moments,
            worst,
        }))
    }

    /// Judges all whole snippets of the track, `U` of them at a time, each time spread over all of
    /// it; the score is the mean. Moments outside of them are dropped.
    fn judge_snippets(&mut self, detector: &Detector) -> Option<f64> {
        let Network::Clips {
            network,
            snippets,
            length,
        } = &detector.network
        else {
            return None;
        };
        let frames: Vec<usize> = self.moments.iter().map(|moment| moment.frame).collect();
        let starts = whole_runs(&frames, *length);
        let passes = starts.len().div_ceil(*snippets);
        let mut sum = 0.0;
        for pass in 0..passes {
            let places: Vec<usize> = starts
                .iter()
                .skip(pass)
                .step_by(passes)
                .flat_map(|&start| start..start + length)
                .collect();
            let crops: Vec<_> = places.iter().map(|&place| &self.waiting[place]).collect();
            let judged = judge_clip(&**network, &crops, *length, &detector.device);
            sum += detector.video.probability(judged.score);
            for (place, score) in places.into_iter().zip(judged.frames) {
                self.moments[place].score = detector.calibrated(score);
            }
        }
        for (place, moment) in self.moments.clone().into_iter().enumerate() {
            if moment.score.is_finite() {
                let crop = self.waiting[place].clone();
                self.keep(moment, || crop);
            }
        }
        self.moments.retain(|moment| moment.score.is_finite());
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

/// Writes `track,frame,seconds,score,left,top,right,bottom`, a row for each face and frame.
pub(super) fn write_time_line(path: &Path, tracks: &[TrackAnswer]) -> Result<(), Error> {
    let damaged = |error: csv::Error| Error::Damaged {
        path: path.into(),
        reason: error.to_string(),
    };
    let mut table = csv::Writer::from_path(path).map_err(damaged)?;
    let header = [
        "track", "frame", "seconds", "score", "left", "top", "right", "bottom",
    ];
    table.write_record(header).map_err(damaged)?;
    for track in tracks {
        for moment in &track.moments {
            let row = (
                track.track,
                moment.frame,
                moment.seconds,
                moment.score,
                moment.region,
            );
            table.serialize(row).map_err(damaged)?;
        }
    }
    table.flush().map_err(Error::io(path))
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
