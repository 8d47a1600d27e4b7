//! Faces of successive frames joined to tracks.

use face_preproc::geometry::{FaceBox, Landmarks68};

use super::Appearance;
use crate::error::FaceDetectError;

/// A face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Index of the frame.
    pub frame: usize,
    /// Where, in pixels.
    pub bounds: FaceBox,
    /// The detector's score, `0..=1`.
    pub score: f32,
    /// Landmarks in pixels, where they were looked for.
    pub landmarks: Option<Landmarks68>,
}

/// One face over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Number of the track, from 0 in the order of first appearance.
    pub id: usize,
    /// At least one; frames rise strictly, and may leave some out.
    pub observations: Vec<Observation>,
}

/// When two faces are one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkConfig {
    /// Least intersection over union of a track's last box and the next, `0..=1`.
    pub least_overlap: f32,
    /// Least correlation of what they look like, `-1..=1`.
    pub least_similarity: f32,
    /// A track that was not seen for more frames than these has ended.
    pub longest_gap: usize,
}

impl Default for LinkConfig {
    /// Choices: measured on talking heads, see the README.
    fn default() -> Self {
        Self {
            least_overlap: 0.3,
            least_similarity: 0.3,
            longest_gap: 30,
        }
    }
}

/// Joins faces frame by frame: of all pairs of a running track and a new face that overlap and look
/// alike enough, the pair of largest overlap plus similarity is joined first (greedy; ties go to
/// the older track, then to the earlier face).
#[derive(Clone, Debug)]
pub struct Linker {
    config: LinkConfig,
    tracks: Vec<Track>,
    running: Vec<Running>,
}

/// A track that has not ended.
#[derive(Clone, Debug)]
struct Running {
    id: usize,
    /// What its last face looked like.
    appearance: Appearance,
}

impl Linker {
    /// A linker that has seen nothing.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range.
    pub fn new(config: LinkConfig) -> Result<Self, FaceDetectError> {
        FaceDetectError::check(
            (0.0..=1.0).contains(&config.least_overlap),
            "least_overlap",
            config.least_overlap.into(),
            "0 to 1",
        )?;
        FaceDetectError::check(
            (-1.0..=1.0).contains(&config.least_similarity),
            "least_similarity",
            config.least_similarity.into(),
            "-1 to 1",
        )?;
        Ok(Self {
            config,
            tracks: Vec::new(),
            running: Vec::new(),
        })
    }

    /// Ends all tracks: the next faces start new ones. For a cut.
    pub fn cut(&mut self) {
        self.running.clear();
    }

    /// Takes the faces of the next frame and what they look like: all of one index, above every
    /// index before. Returns each face's track, in the order of the faces.
    pub fn push(&mut self, faces: Vec<(Observation, Appearance)>) -> Vec<usize> {
        let Some(frame) = faces.first().map(|(face, _)| face.frame) else {
            return Vec::new();
        };
        let (tracks, gap) = (&self.tracks, self.config.longest_gap);
        self.running.retain(|running| {
            let last = tracks[running.id].last().frame;
            last < frame && frame - last <= gap.saturating_add(1)
        });
        let mut pairs = Vec::new();
        for (old, running) in self.running.iter().enumerate() {
            for (new, face) in faces.iter().enumerate() {
                if let Some(affinity) = self.affinity(running, face) {
                    pairs.push((affinity, old, new));
                }
            }
        }
        pairs.sort_by(|one, other| {
            let by_place = (one.1, one.2).cmp(&(other.1, other.2));
            other.0.total_cmp(&one.0).then(by_place)
        });
        let mut owners: Vec<Option<usize>> = vec![None; faces.len()];
        for (_, old, new) in pairs {
            if owners[new].is_none() && !owners.contains(&Some(old)) {
                owners[new] = Some(old);
            }
        }
        faces
            .into_iter()
            .zip(owners)
            .map(|((face, appearance), owner)| self.append(face, appearance, owner))
            .collect()
    }

    /// Adds a face to a running track, or to a new one.
    fn append(&mut self, face: Observation, appearance: Appearance, to: Option<usize>) -> usize {
        let id = match to {
            Some(place) => {
                self.running[place].appearance = appearance;
                self.running[place].id
            }
            None => {
                let id = self.tracks.len();
                self.running.push(Running { id, appearance });
                self.tracks.push(Track {
                    id,
                    observations: Vec::new(),
                });
                id
            }
        };
        self.tracks[id].observations.push(face);
        id
    }

    /// All tracks, by number.
    pub fn into_tracks(self) -> Vec<Track> {
        self.tracks
    }

    /// Overlap plus similarity; `None` where either is too small.
    fn affinity(
        &self,
        old: &Running,
        (face, appearance): &(Observation, Appearance),
    ) -> Option<f32> {
        let overlap = self.tracks[old.id].last().bounds.iou(&face.bounds);
        let similarity = old.appearance.similarity(appearance);
        (overlap >= self.config.least_overlap && similarity >= self.config.least_similarity)
            .then_some(overlap + similarity)
    }
}

impl Track {
    /// The latest observation.
    fn last(&self) -> &Observation {
        self.observations
            .last()
            .expect("a track holds at least one observation")
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// Two looks that do not resemble each other.
    fn look(vertical: bool) -> Appearance {
        let picture = RgbImage::from_fn(32, 32, |x, y| {
            Rgb([if vertical { x * 8 } else { y * 8 } as u8; 3])
        });
        Appearance::of_whole(&picture).unwrap()
    }

    fn face(frame: usize, x: f32, vertical: bool) -> (Observation, Appearance) {
        let bounds = FaceBox {
            x,
            y: 0.0,
            width: 100.0,
            height: 100.0,
        };
        let observation = Observation {
            frame,
            bounds,
            score: 0.9,
            landmarks: None,
        };
        (observation, look(vertical))
    }

    fn linker() -> Linker {
        Linker::new(LinkConfig::default()).unwrap()
    }

    #[test]
    fn two_faces_that_move_keep_their_tracks_in_any_order() {
        let mut linker = linker();
        assert_eq!(
            linker.push(vec![face(0, 0.0, true), face(0, 300.0, true)]),
            [0, 1]
        );
        assert_eq!(
            linker.push(vec![face(1, 280.0, true), face(1, 20.0, true)]),
            [1, 0]
        );
        assert!(linker.push(Vec::new()).is_empty());
        assert_eq!(linker.push(vec![face(3, 40.0, true)]), [0]);
        let tracks = linker.into_tracks();
        let frames: Vec<usize> = tracks[0]
            .observations
            .iter()
            .map(|face| face.frame)
            .collect();
        assert_eq!((tracks.len(), frames), (2, vec![0, 1, 3]));
    }

    #[test]
    fn the_larger_overlap_is_joined_first() {
        let mut linker = linker();
        linker.push(vec![face(0, 0.0, true), face(0, 30.0, true)]);
        // Both new faces overlap both tracks: 35 is nearer to the second, 10 to the first.
        assert_eq!(
            linker.push(vec![face(1, 35.0, true), face(1, 10.0, true)]),
            [1, 0]
        );
    }

    #[test]
    fn another_look_another_place_a_long_gap_and_a_cut_start_tracks() {
        let mut linker = linker();
        assert_eq!(linker.push(vec![face(0, 0.0, true)]), [0]);
        assert_eq!(linker.push(vec![face(1, 0.0, false)]), [1]);
        assert_eq!(linker.push(vec![face(2, 90.0, true)]), [2]);
        assert_eq!(linker.push(vec![face(33, 90.0, true)]), [2]);
        assert_eq!(linker.push(vec![face(65, 90.0, true)]), [3]);
        linker.cut();
        assert_eq!(linker.push(vec![face(66, 90.0, true)]), [4]);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for config in [
            LinkConfig {
                least_overlap: f32::NAN,
                ..LinkConfig::default()
            },
            LinkConfig {
                least_similarity: 2.0,
                ..LinkConfig::default()
            },
        ] {
            assert!(matches!(
                Linker::new(config),
                Err(FaceDetectError::Config { .. })
            ));
        }
    }
}
