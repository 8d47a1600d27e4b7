//! The faces of a video, followed through it.

use std::{collections::BTreeSet, ops::ControlFlow};

use answers::Partial;
use face_detect::{FaceSearch, FaceTracker, LEAD, TrackerConfig};
use face_preproc::crop::Face;
use video::{Video, VideoError, sample_uniform, snippets};

use crate::{
    NotJudged, Unreadable,
    detector::Detector,
    network::Network,
    prediction::{FramePrediction, region},
    windows::Windows,
};

/// How far a video has been looked at; told before the first frame, and after each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Frames that were judged.
    pub read: usize,
    /// Frames that will have been in the end.
    pub wanted: usize,
}

/// How a video was followed.
pub(crate) struct Followed {
    /// When the first frame that was judged behind each cut is shown, in seconds.
    pub cuts: Vec<f64>,
    /// Where it could not be read as a whole, how much was.
    pub partial: Option<Partial>,
}

/// A face in a frame.
pub(crate) struct Seen {
    /// The number of its track.
    pub track: usize,
    /// When, and where; not yet scored.
    pub frame: FramePrediction,
    /// Its crop.
    pub face: Face,
}

impl Detector {
    /// Follows the faces of a video: `see` is given each in the order of time.
    ///
    /// # Errors
    /// Where there was none to see, a crop cannot be cut, or `progress` stopped it.
    pub(crate) fn follow(
        &self,
        video: &Video,
        mut progress: impl FnMut(Progress) -> ControlFlow<()>,
        mut see: impl FnMut(Seen),
    ) -> Result<Followed, NotJudged> {
        let unreadable = |source| Unreadable::Video { path: None, source };
        let judged = self.wanted(video.info().frame_count);
        let frames = video.frames_at(&self.led(&judged)).map_err(unreadable)?;
        let wanted = judged.len();
        let mut tracker = FaceTracker::new(self.finder()?, TrackerConfig::sampled())?;
        let mut windows = Windows::new(self.network.snippet_length());
        let (mut read, mut any) = (0, false);
        let (mut cuts, mut cut) = (Vec::new(), false);
        let (mut too_small, mut broken) = (None::<(f32, f32)>, None);
        if progress(Progress { read, wanted }).is_break() {
            return Err(NotJudged::Stopped);
        }
        for frame in frames {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    broken = Some(error);
                    continue;
                }
            };
            let seen = tracker.push(&frame.picture)?;
            cut |= seen.cut;
            if !judged.contains(&frame.index) {
                continue;
            }
            read += 1;
            if std::mem::take(&mut cut) {
                cuts.push(frame.time_seconds);
            }
            if let FaceSearch::TooSmall { largest, least } = seen.search {
                let most = too_small.map_or(largest, |(most, _)| largest.max(most));
                too_small = Some((most, least));
            }
            for (face, &track) in seen.search.faces().iter().zip(&seen.tracks) {
                let around = windows.around(track, frame.index, face.landmarks);
                let face = Face::cut(&frame.picture, Some(&around), &self.config.crop)?;
                see(Seen {
                    track,
                    frame: FramePrediction {
                        frame: frame.index,
                        seconds: frame.time_seconds,
                        score: f64::NAN,
                        region: region(&face),
                    },
                    face,
                });
                any = true;
            }
            if progress(Progress { read, wanted }).is_break() {
                return Err(NotJudged::Stopped);
            }
        }
        match (any, broken, too_small) {
            (true, broken, _) => Ok(Followed {
                cuts,
                partial: broken.map(|error| Partial {
                    read,
                    wanted,
                    reason: match error {
                        VideoError::Partial { reason, .. } => reason.to_string(),
                        other => other.to_string(),
                    },
                }),
            }),
            // A face may have been in what could not be read.
            (false, Some(error), _) => Err(unreadable(error).into()),
            (false, None, Some((largest, least))) => {
                Err(NotJudged::FaceTooSmall { largest, least })
            }
            (false, None, None) => Err(NotJudged::NoFace { frames: read }),
        }
    }

    /// The frames of a video to judge: single ones, or the snippets of a network that judges clips.
    fn wanted(&self, count: usize) -> BTreeSet<usize> {
        let frames = self.options.frames.max(1);
        match self.network {
            Network::Faces(_) => sample_uniform(count, frames).into_iter().collect(),
            Network::Clips { length, .. } => {
                let runs = snippets(count, frames.div_ceil(length), length.min(count));
                runs.into_iter().flatten().collect()
            }
        }
    }

    /// The frames of a video to read, ascending: those to judge, and before them those through which the
    /// faces of snippets are followed.
    fn led(&self, judged: &BTreeSet<usize>) -> Vec<usize> {
        let lead = match self.network {
            Network::Faces(_) => 0,
            Network::Clips { .. } => LEAD,
        };
        let with_lead = judged
            .iter()
            .flat_map(|&frame| frame.saturating_sub(lead)..=frame);
        with_lead.collect::<BTreeSet<_>>().into_iter().collect()
    }
}
