//! Faces through a video: found on key frames, followed by their landmarks in between.

use face_preproc::geometry::{FaceBox, Landmarks68};
use image::RgbImage;

use crate::combined::CombinedDetector;
use crate::detection::{FaceDetector, Overlap};
use crate::error::FaceDetectError;
use crate::finder::{Face, FaceFinder, FaceSearch, without_twins};
use crate::landmark68::{FaceLandmark68, LandmarkNetwork};
use crate::tracks::{Appearance, LinkConfig, Linker, Observation, Track};

/// A detection that overlaps a followed face more, as [`Overlap::Minimum`], is that face.
const CONFIRMS: f32 = 0.5;

/// Frames through which a face is to be followed before its place counts, where frames are sampled: its
/// landmarks came from a frame that may be seconds away and are a few percent off, and each frame leaves
/// about a quarter of that.
pub const LEAD: usize = 3;

/// Looks of the detector from one that is thorough to the next; each shot begins with one.
const THOROUGH: usize = 8;

/// How faces are followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackerConfig {
    /// The detector looks at every frame of which the index since the last look reaches this; 1
    /// looks at every frame.
    pub key_interval: usize,
    /// Least correlation ([`Appearance`]) of a followed face with itself a frame before.
    pub least_similarity: f32,
    /// Two frames that correlate less are on both sides of a cut.
    pub cut_similarity: f32,
    /// How many looks in a row may miss a face that is still followed.
    pub most_missed: usize,
    /// How faces are joined to tracks.
    pub link: LinkConfig,
}

impl Default for TrackerConfig {
    /// Choices; the README has what was measured.
    fn default() -> Self {
        Self {
            key_interval: 10,
            least_similarity: 0.6,
            cut_similarity: 0.5,
            most_missed: 2,
            link: LinkConfig::default(),
        }
    }
}

impl TrackerConfig {
    /// For frames sampled from a video, up to many seconds apart: a head may have moved anywhere, and
    /// a close-up changes the whole picture with it. A face is joined to the track that it resembles
    /// most by place and look together, wherever that was.
    #[must_use]
    pub fn sampled() -> Self {
        Self {
            key_interval: 4,
            cut_similarity: 0.3,
            link: LinkConfig {
                least_overlap: 0.0,
                least_similarity: 0.5,
                ..LinkConfig::default()
            },
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(), FaceDetectError> {
        FaceDetectError::check(
            self.key_interval > 0,
            "key_interval",
            self.key_interval as f64,
            "one or more",
        )?;
        for (name, value) in [
            ("least_similarity", self.least_similarity),
            ("cut_similarity", self.cut_similarity),
        ] {
            let fits = (-1.0..=1.0).contains(&value);
            FaceDetectError::check(fits, name, value.into(), "-1 to 1")?;
        }
        Ok(())
    }
}

/// What one frame shows.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameFaces {
    /// Index of the frame, from 0.
    pub frame: usize,
    /// Whether the frame starts a new shot.
    pub cut: bool,
    /// Its faces.
    pub search: FaceSearch,
    /// The track of each face found, in their order.
    pub tracks: Vec<usize>,
}

/// Follows the faces of one video, frame by frame.
#[derive(Debug)]
pub struct FaceTracker<'finder, D = CombinedDetector, L = FaceLandmark68> {
    finder: &'finder FaceFinder<D, L>,
    config: TrackerConfig,
    linker: Linker,
    followed: Vec<Followed>,
    last: Option<Appearance>,
    next_frame: usize,
    /// Frames since the detector looked.
    unseen: usize,
    /// Looks until the next one that is to be thorough.
    until_thorough: usize,
}

/// A face of the frame before.
#[derive(Clone, Debug)]
struct Followed {
    face: Face,
    appearance: Appearance,
    /// Looks of the detector in a row that missed it.
    missed: usize,
}

impl<'finder, D: FaceDetector, L: LandmarkNetwork> FaceTracker<'finder, D, L> {
    /// A tracker that has seen nothing; one for each video.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range.
    pub fn new(
        finder: &'finder FaceFinder<D, L>,
        config: TrackerConfig,
    ) -> Result<Self, FaceDetectError> {
        config.check()?;
        Ok(Self {
            finder,
            config,
            linker: Linker::new(config.link)?,
            followed: Vec::new(),
            last: None,
            next_frame: 0,
            unseen: 0,
            until_thorough: 0,
        })
    }

    /// Takes the next frame (8-bit sRGB).
    ///
    /// # Errors
    ///
    /// As [`FaceFinder::find`]; the frame then counts as not seen.
    pub fn push(&mut self, picture: &RgbImage) -> Result<FrameFaces, FaceDetectError> {
        let whole = Appearance::of_whole(picture)?;
        let cut = self
            .last
            .as_ref()
            .is_some_and(|last| last.similarity(&whole) < self.config.cut_similarity);
        if cut {
            self.linker.cut();
            self.followed.clear();
            self.until_thorough = 0;
        }
        let mut faces = self.follow(picture)?;
        let lost = faces.is_empty() || faces.len() < self.followed.len();
        self.unseen += 1;
        if lost || self.unseen >= self.config.key_interval {
            faces = self.look(picture, faces)?;
            self.unseen = 0;
        }
        self.last = Some(whole);
        let frame = self.next_frame;
        self.next_frame += 1;
        Ok(self.answer(frame, cut, faces))
    }

    /// The tracks of the video, by number.
    pub fn into_tracks(self) -> Vec<Track> {
        self.linker.into_tracks()
    }

    /// The faces of the frame before, where they are now; those that are still plausible.
    fn follow(&self, picture: &RgbImage) -> Result<Vec<Followed>, FaceDetectError> {
        let starts: Vec<(&RgbImage, Landmarks68)> = self
            .followed
            .iter()
            .map(|followed| (picture, followed.face.landmarks))
            .collect();
        let mut faces: Vec<Followed> = Vec::new();
        let fits = self.finder.landmarks().refine(&starts)?;
        for (fit, before) in fits.iter().zip(&self.followed) {
            let Some(face) = self.finder.plausible(fit, before.face.score) else {
                continue;
            };
            let appearance = Appearance::of(picture, &face.bounds)?;
            let similarity = appearance.similarity(&before.appearance);
            let taken = |other: &Followed| same(&other.face.bounds, &face.bounds);
            if similarity >= self.config.least_similarity && !faces.iter().any(taken) {
                faces.push(Followed {
                    face,
                    appearance,
                    missed: before.missed,
                });
            }
        }
        Ok(faces)
    }

    /// The followed faces that a look of the detector confirms or may miss, and those it finds
    /// besides.
    fn look(
        &mut self,
        picture: &RgbImage,
        mut faces: Vec<Followed>,
    ) -> Result<Vec<Followed>, FaceDetectError> {
        let detector = self.finder.detector();
        let detections = match self.until_thorough {
            0 => detector.detect(picture)?,
            _ => detector.detect_quickly(picture)?,
        };
        self.until_thorough = self.until_thorough.checked_sub(1).unwrap_or(THOROUGH - 1);
        for followed in &mut faces {
            let sight = detections
                .iter()
                .find(|detection| same(&detection.bounds, &followed.face.bounds));
            match sight {
                Some(detection) => {
                    followed.face.score = detection.score;
                    followed.missed = 0;
                }
                None => followed.missed += 1,
            }
        }
        faces.retain(|followed| followed.missed <= self.config.most_missed);
        let (boxes, scores): (Vec<_>, Vec<_>) = detections
            .iter()
            .filter(|detection| {
                !faces
                    .iter()
                    .any(|followed| same(&detection.bounds, &followed.face.bounds))
            })
            .map(|detection| ((picture, detection.bounds), detection.score))
            .unzip();
        let found = self
            .finder
            .landmarks()
            .locate(&boxes)?
            .iter()
            .zip(scores)
            .filter_map(|(fit, score)| self.finder.plausible(fit, score))
            .filter(|face| {
                !faces
                    .iter()
                    .any(|followed| same(&face.bounds, &followed.face.bounds))
            })
            .collect();
        for face in without_twins(found) {
            let appearance = Appearance::of(picture, &face.bounds)?;
            faces.push(Followed {
                face,
                appearance,
                missed: 0,
            });
        }
        Ok(faces)
    }

    /// Joins the faces of a frame to tracks and keeps them for the next frame.
    fn answer(&mut self, frame: usize, cut: bool, faces: Vec<Followed>) -> FrameFaces {
        self.followed = faces;
        let least = self.finder.least_side();
        let all = self.followed.iter().map(|followed| followed.face.clone());
        let search = FaceSearch::from_faces(all.collect(), least);
        let observations = self
            .followed
            .iter()
            .filter(|followed| followed.face.side() >= least)
            .map(
                |Followed {
                     face, appearance, ..
                 }| {
                    let observation = Observation {
                        frame,
                        bounds: face.bounds,
                        score: face.score,
                        landmarks: Some(face.landmarks),
                    };
                    (observation, appearance.clone())
                },
            )
            .collect();
        FrameFaces {
            frame,
            cut,
            search,
            tracks: self.linker.push(observations),
        }
    }
}

fn same(one: &FaceBox, other: &FaceBox) -> bool {
    Overlap::Minimum.of(one, other) > CONFIRMS
}
