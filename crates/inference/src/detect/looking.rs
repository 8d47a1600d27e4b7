//! Looking at one file: its faces, their crops, their scores.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use core_tensor_ops::ForgedBox;
use face_detect::{FaceFinder, FaceSearch, FaceTracker, TrackerConfig};
use face_preproc::{
    crop::Face,
    geometry::Landmarks68,
    pictures::{Limits, read_rgb, write_png},
};
use image::RgbImage;
use runtime::{Event, Observer};
use video::{Content, Video, VideoError, sample_uniform, snippets};

use super::{
    Answer, FaceAnswer, Moment, Partial, Subject, Verdict, compression,
    track::{TrackSoFar, write_time_line},
    windows::Windows,
};
use crate::{
    Error,
    detector::Detector,
    finding::face_and_finding,
    network::Network,
    predict::{Judged, judge},
};

/// By the number of its track, a face's moments and crops in the order of time.
pub(crate) type Tracks = BTreeMap<usize, Vec<(Moment, RgbImage)>>;

/// What is needed to look at files.
pub(crate) struct Looking<'a> {
    detector: &'a Detector,
    finder: FaceFinder,
    whole: bool,
    frames: usize,
    /// What is too compressed to be judged is judged all the same.
    any_compression: bool,
}

impl<'a> Looking<'a> {
    /// Loads the networks that find faces.
    ///
    /// # Errors
    /// Where their weights are damaged.
    pub(crate) fn new(detector: &'a Detector, whole: bool, frames: usize) -> Result<Self, Error> {
        Ok(Self {
            detector,
            finder: FaceFinder::shipped(&detector.device)?,
            whole,
            frames: frames.max(1),
            any_compression: false,
        })
    }

    /// Whether what is too compressed to be judged is judged all the same; not so at first.
    pub(super) fn with_any_compression(self, any_compression: bool) -> Self {
        Self {
            any_compression,
            ..self
        }
    }

    /// The answer for a file; pictures of it begin with `overlay`.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub(super) fn look(
        &self,
        subject: &Subject,
        overlay: &Path,
        observer: &mut dyn Observer,
    ) -> Result<Answer, Error> {
        let best = self.detector;
        let mut partial = None;
        let (verdict, decision) = match is_video(&subject.file) {
            true => (
                self.video(&subject.file, overlay, observer, &mut partial)?,
                &best.video,
            ),
            false => (self.picture(subject, overlay)?, &best.frame),
        };
        Ok(Answer {
            file: subject.file.clone(),
            verdict,
            threshold: decision.threshold,
            partial,
        })
    }

    fn picture(&self, subject: &Subject, overlay: &Path) -> Result<Verdict, Error> {
        let Network::Faces(network) = &self.detector.network else {
            return Ok(Verdict::NoFace {
                reason: "the run's network judges motion: give it a video".into(),
            });
        };
        let picture = match read_rgb(&subject.file, &Limits::default()) {
            Ok(picture) => picture,
            Err(error) => {
                let reason = error.to_string();
                return Ok(Verdict::Unreadable { reason });
            }
        };
        if !self.any_compression
            && let Some(reason) = compression::of_picture(&picture)
        {
            return Ok(Verdict::TooCompressed { reason });
        }
        let faces = match self.faces(&picture, subject.landmarks.as_ref()) {
            Ok(Ok(faces)) => faces,
            Ok(Err(reason)) => return Ok(Verdict::NoFace { reason }),
            Err(error) => {
                let reason = error.to_string();
                return Ok(Verdict::Unreadable { reason });
            }
        };
        let mut answers = Vec::new();
        for (index, face) in faces.iter().enumerate() {
            let judged = judge(&**network, &[&face.image], true, &self.detector.device).remove(0);
            let path = match index {
                0 => with_ending(overlay, ".png"),
                index => with_ending(overlay, &format!(".face-{}.png", index + 1)),
            };
            write_picture(&path, &face_and_finding(&face.image, &judged))?;
            answers.push(FaceAnswer {
                score: self.detector.calibrated(judged.score),
                region: self.region(face),
                boxes: self.boxes(face, &judged),
                overlay: path,
            });
        }
        Ok(Verdict::Faces(answers))
    }

    /// The crops of a picture's faces, or why there are none.
    ///
    /// # Errors
    /// Where a crop cannot be cut, or the networks that find faces fail.
    pub(crate) fn faces(
        &self,
        picture: &RgbImage,
        landmarks: Option<&Landmarks68>,
    ) -> Result<Result<Vec<Face>, String>, Error> {
        let crop = &self.detector.crop;
        if landmarks.is_some() || self.whole {
            return Ok(Ok(vec![Face::cut(picture, landmarks, crop)?]));
        }
        Ok(match self.finder.find(picture)? {
            FaceSearch::Found(found) => Ok(found
                .iter()
                .map(|face| Face::cut(picture, Some(&face.landmarks), crop))
                .collect::<Result<_, _>>()?),
            FaceSearch::TooSmall { largest, least } => Err(too_small(largest, least)),
            FaceSearch::NotFound => Err("no face found".into()),
        })
    }

    /// The frames of a video to look at, ascending: single ones, or the snippets of a network that
    /// judges clips.
    fn wanted(&self, count: usize) -> Vec<usize> {
        match self.detector.network {
            Network::Faces(_) => sample_uniform(count, self.frames),
            Network::Clips { length, .. } => {
                let runs = snippets(count, self.frames.div_ceil(length), length.min(count));
                let frames: BTreeSet<usize> = runs.into_iter().flatten().collect();
                frames.into_iter().collect()
            }
        }
    }

    fn video(
        &self,
        file: &Path,
        overlay: &Path,
        observer: &mut dyn Observer,
        partial: &mut Option<Partial>,
    ) -> Result<Verdict, Error> {
        if !self.any_compression
            && let Some(reason) = compression::of_video(file)
        {
            return Ok(Verdict::TooCompressed { reason });
        }
        let mut tracks: BTreeMap<usize, TrackSoFar> = BTreeMap::new();
        let nothing = self.follow(file, observer, partial, |track, moment, crop| {
            tracks
                .entry(track)
                .or_default()
                .push(moment, crop, self.detector);
        })?;
        if let Some(verdict) = nothing {
            return Ok(verdict);
        }
        let mut answers = Vec::new();
        for (number, track) in tracks {
            answers.extend(track.answer(number, self.detector, overlay)?);
        }
        if answers.is_empty() {
            let reason = "no face is seen in as many successive frames as the network looks at";
            return Ok(Verdict::NoFace {
                reason: reason.into(),
            });
        }
        write_time_line(&with_ending(overlay, ".csv"), &answers)?;
        Ok(Verdict::Tracks(answers))
    }

    /// The moments, not yet scored, and the crops of each track of a video's faces, or what is to be
    /// said of the video where there are none.
    ///
    /// # Errors
    /// As [`Looking::follow`].
    pub(crate) fn tracks(
        &self,
        file: &Path,
        observer: &mut dyn Observer,
    ) -> Result<Result<Tracks, Verdict>, Error> {
        let mut tracks = Tracks::new();
        let mut partial = None;
        let nothing = self.follow(file, observer, &mut partial, |track, moment, crop| {
            tracks.entry(track).or_default().push((moment, crop));
        })?;
        if let Some(partial) = partial {
            observer.event(Event::Said(&format!("{}: {partial}", file.display())));
        }
        Ok(nothing.map_or(Ok(tracks), Err))
    }

    /// Follows the faces of a video: `see` is given the number of each face's track, the moment,
    /// not yet scored, and the crop, in the order of time. Where it was given none, what is to be
    /// said of the video. Where it could not be read as a whole, `partial` says how much was.
    ///
    /// # Errors
    /// Where a crop cannot be cut, or the networks that find faces fail.
    pub(crate) fn follow(
        &self,
        file: &Path,
        observer: &mut dyn Observer,
        partial: &mut Option<Partial>,
        mut see: impl FnMut(usize, Moment, RgbImage),
    ) -> Result<Option<Verdict>, Error> {
        let unreadable = |error: &dyn std::fmt::Display| {
            let reason = format!("{}: {error}", file.display());
            Ok(Some(Verdict::Unreadable { reason }))
        };
        let video = match Video::open(file, &video::Limits::default()) {
            Ok(video) => video,
            Err(error) => return unreadable(&error),
        };
        let wanted = self.wanted(video.info().frame_count);
        let frames = match video.frames_at(&wanted) {
            Ok(frames) => frames,
            Err(error) => return unreadable(&error),
        };
        let mut tracker = FaceTracker::new(&self.finder, TrackerConfig::sampled())?;
        let mut windows = Windows::new(match self.detector.network {
            Network::Faces(_) => 1,
            Network::Clips { length, .. } => length,
        });
        let (mut read, mut any) = (0, false);
        let (mut too_small_faces, mut broken) = (None::<(f32, f32)>, None);
        observer.event(Event::Began {
            what: "frames",
            total: wanted.len(),
            done: 0,
        });
        for frame in frames {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    broken = Some(error);
                    continue;
                }
            };
            read += 1;
            let seen = tracker.push(&frame.picture)?;
            if let FaceSearch::TooSmall { largest, least } = seen.search {
                let most = too_small_faces.map_or(largest, |(most, _)| largest.max(most));
                too_small_faces = Some((most, least));
            }
            for (face, &track) in seen.search.faces().iter().zip(&seen.tracks) {
                let around =
                    windows.around(track, frame.index, &frame.picture, face, &self.finder)?;
                let face = Face::cut(&frame.picture, Some(&around), &self.detector.crop)?;
                let moment = Moment {
                    frame: frame.index,
                    seconds: frame.time_seconds,
                    score: f64::NAN,
                    region: self.region(&face),
                };
                see(track, moment, face.image);
                any = true;
            }
            observer.event(Event::Advanced {
                done: read,
                note: &file.to_string_lossy(),
            });
        }
        observer.event(Event::Ended);
        if let Some(error) = broken {
            if read == 0 {
                return unreadable(&error);
            }
            *partial = Some(Partial {
                read,
                wanted: wanted.len(),
                reason: match error {
                    VideoError::Partial { reason, .. } => reason.to_string(),
                    other => other.to_string(),
                },
            });
        }
        if any {
            return Ok(None);
        }
        let reason = match too_small_faces {
            Some((largest, least)) => too_small(largest, least),
            None => format!("no face found in {read} frames"),
        };
        Ok(Some(Verdict::NoFace { reason }))
    }

    /// The boxes that the network draws, in pixels of the picture.
    fn boxes(&self, face: &Face, judged: &Judged) -> Vec<ForgedBox> {
        let [left, top, right, bottom] = self.region(face);
        let [width, height] = [right - left, bottom - top];
        let to_picture = |found: &ForgedBox| {
            let [x0, y0, x1, y1] = found.corners;
            ForgedBox {
                corners: [
                    left + x0 * width,
                    top + y0 * height,
                    left + x1 * width,
                    top + y1 * height,
                ],
                ..*found
            }
        };
        let found = judged.boxes.iter().flatten();
        found.map(to_picture).collect()
    }

    /// Left, top, right, bottom of a crop in pixels of its picture.
    fn region(&self, face: &Face) -> [f32; 4] {
        let size = self.detector.crop.size as f32;
        let back = face.transform.inverse();
        let to_picture = |point| back.as_ref().map_or(point, |back| back.apply(point));
        let [[left, top], [right, bottom]] = [[-0.5; 2], [size - 0.5; 2]].map(to_picture);
        [left, top, right, bottom]
    }
}

fn too_small(largest: f32, least: f32) -> String {
    format!("its faces are too small to judge: {largest:.0} px, and {least:.0} are needed")
}

/// Whether a file is a video: by its content, and where that is not known by its name.
pub(crate) fn is_video(file: &Path) -> bool {
    match Content::of(file) {
        Ok(content) if content.is_video() => return true,
        Ok(content) if content.is_picture() => return false,
        _ => {}
    }
    let ending = file.extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    video::ENDINGS.contains(&ending.as_str())
}

pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

pub(crate) fn write_picture(path: &Path, picture: &RgbImage) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    Ok(write_png(path, picture)?)
}
