//! The tracker's logic, with networks that see bright squares instead of faces.

use std::cell::Cell;

use face_detect::{
    Detection, FaceDetectError, FaceDetector, FaceFinder, FaceSearch, FaceTracker, FinderConfig,
    LandmarkFit, LandmarkNetwork, TrackerConfig,
};
use face_preproc::geometry::{FaceBox, Landmarks68, MEAN_FACE68};
use image::{Rgb, RgbImage};

/// Side of a "face", in pixels.
const SIDE: f32 = 60.0;

/// Finds squares by their red channel, 200 and above, and counts how often it looked.
#[derive(Default)]
struct Squares {
    looks: Cell<usize>,
}

fn squares(picture: &RgbImage) -> Vec<FaceBox> {
    let red = |x: i64, y: i64| {
        let inside = x >= 0 && y >= 0;
        inside && picture.get_pixel(x as u32, y as u32)[0] >= 200
    };
    picture
        .enumerate_pixels()
        .map(|(x, y, _)| (i64::from(x), i64::from(y)))
        .filter(|&(x, y)| red(x, y) && !red(x - 1, y) && !red(x, y - 1))
        .map(|(x, y)| FaceBox {
            x: x as f32,
            y: y as f32,
            width: SIDE,
            height: SIDE,
        })
        .collect()
}

impl FaceDetector for Squares {
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        self.looks.set(self.looks.get() + 1);
        let found = |picture: &&RgbImage| {
            squares(picture)
                .into_iter()
                .map(|bounds| Detection {
                    bounds,
                    score: 0.9,
                    points: None,
                })
                .collect()
        };
        Ok(pictures.iter().map(found).collect())
    }
}

/// Puts the mean face into the square nearest to where it is told to look; without a square near,
/// it disagrees with itself.
struct NearestSquare;

impl NearestSquare {
    fn fit(picture: &RgbImage, around: &FaceBox) -> LandmarkFit {
        let near = squares(picture)
            .into_iter()
            .max_by(|one, other| one.iou(around).total_cmp(&other.iou(around)))
            .filter(|square| square.iou(around) > 0.2);
        let [x, y] = near.unwrap_or(*around).center();
        LandmarkFit {
            landmarks: MEAN_FACE68.map(|[u, v]| [x + u * SIDE, y + v * SIDE]),
            disagreement: if near.is_some() { 0.01 } else { 0.5 },
        }
    }
}

impl LandmarkNetwork for NearestSquare {
    fn locate(&self, faces: &[(&RgbImage, FaceBox)]) -> Result<Vec<LandmarkFit>, FaceDetectError> {
        let fit = |(picture, bounds): &(&RgbImage, FaceBox)| Self::fit(picture, bounds);
        Ok(faces.iter().map(fit).collect())
    }

    fn refine(
        &self,
        faces: &[(&RgbImage, Landmarks68)],
    ) -> Result<Vec<LandmarkFit>, FaceDetectError> {
        let fit = |(picture, landmarks): &(&RgbImage, Landmarks68)| {
            Self::fit(picture, &FaceBox::around(landmarks).unwrap())
        };
        Ok(faces.iter().map(fit).collect())
    }
}

/// A frame with squares of a look of their own at some places, before a background.
fn frame(places: &[u32], background: u8) -> RgbImage {
    RgbImage::from_fn(400, 120, |x, y| {
        let square = places
            .iter()
            .find(|&&place| (place..place + SIDE as u32).contains(&x) && (30..90).contains(&y));
        match square {
            Some(&place) => Rgb([250, (3 * (x - place)) as u8, (2 * y) as u8]),
            None if background == 0 => Rgb([0, (x / 2) as u8, 0]),
            None => Rgb([0, 200 - (x / 2) as u8, background]),
        }
    })
}

fn finder(config: FinderConfig) -> FaceFinder<Squares, NearestSquare> {
    FaceFinder::new(Squares::default(), NearestSquare, config).unwrap()
}

/// The tracks of the faces of each frame, and how often the detector looked.
fn run(frames: &[RgbImage], config: TrackerConfig) -> (Vec<Vec<usize>>, usize) {
    let detector = Squares::default();
    let finder = FaceFinder::new(&detector, NearestSquare, FinderConfig::default()).unwrap();
    let mut tracker = FaceTracker::new(&finder, config).unwrap();
    let tracks = frames
        .iter()
        .map(|frame| tracker.push(frame).unwrap().tracks)
        .collect();
    (tracks, detector.looks.get())
}

#[test]
fn a_moving_face_is_one_track_and_the_detector_rests() {
    let frames: Vec<RgbImage> = (0..21).map(|i| frame(&[5 * i], 0)).collect();
    let (tracks, looks) = run(&frames, TrackerConfig::default());
    assert!(tracks.iter().all(|tracks| tracks == &[0]), "{tracks:?}");
    // Frames 0, 10 and 20.
    assert_eq!(looks, 3);
}

#[test]
fn a_second_face_is_found_on_the_next_key_frame() {
    let frames: Vec<RgbImage> = (0..12)
        .map(|i| {
            if i < 4 {
                frame(&[10], 0)
            } else {
                frame(&[10, 200], 0)
            }
        })
        .collect();
    let (tracks, _) = run(&frames, TrackerConfig::default());
    assert_eq!(tracks[9], [0]);
    assert_eq!(tracks[10], [0, 1]);
    assert_eq!(tracks[11], [0, 1]);
}

#[test]
fn a_face_that_jumps_is_found_at_once() {
    let frames = [
        frame(&[10], 0),
        frame(&[10], 0),
        frame(&[300], 0),
        frame(&[300], 0),
    ];
    let (tracks, looks) = run(&frames, TrackerConfig::default());
    assert_eq!(tracks, [[0], [0], [1], [1]]);
    assert_eq!(looks, 2);
}

#[test]
fn in_sampled_frames_a_face_may_be_anywhere() {
    let alone = [&[10][..], &[300], &[200]];
    let together = [&[200, 20][..]; 5];
    let frames = [&alone[..], &together].concat();
    let frames: Vec<_> = frames.iter().map(|places| frame(places, 0)).collect();
    let (tracks, _) = run(&frames, TrackerConfig::sampled());
    assert_eq!(tracks[..3], [[0], [0], [0]]);
    // The second is found on the next key frame and does not take the first one's track.
    assert_eq!(tracks[7], [0, 1]);
    let cut = [frame(&[10], 0), frame(&[10], 255)];
    assert_eq!(run(&cut, TrackerConfig::sampled()).0, [[0], [1]]);
}

#[test]
fn a_cut_starts_new_tracks_even_in_the_same_place() {
    let frames = [frame(&[10], 0), frame(&[10], 255), frame(&[10], 255)];
    let (tracks, _) = run(&frames, TrackerConfig::default());
    assert_eq!(tracks, [[0], [1], [1]]);
}

#[test]
fn none_and_too_small_are_answers() {
    let detector = Squares::default();
    let config = FinderConfig {
        least_side: 100.0,
        ..FinderConfig::default()
    };
    let finder = FaceFinder::new(&detector, NearestSquare, config).unwrap();
    let mut tracker = FaceTracker::new(&finder, TrackerConfig::default()).unwrap();
    let empty = tracker.push(&frame(&[], 0)).unwrap();
    assert_eq!((empty.search, empty.frame), (FaceSearch::NotFound, 0));
    let small = tracker.push(&frame(&[10], 0)).unwrap();
    assert!(matches!(
        small.search,
        FaceSearch::TooSmall { largest, least: 100.0 } if (largest - SIDE).abs() < 1.0
    ));
    assert!(small.tracks.is_empty());
    assert!(tracker.into_tracks().is_empty());
}

#[test]
fn a_batch_answers_for_each_picture() {
    let finder = finder(FinderConfig::default());
    let pictures = [frame(&[], 0), frame(&[10, 200], 0), frame(&[50], 0)];
    let found = finder.find_batch(&pictures.each_ref()).unwrap();
    let counts: Vec<usize> = found.iter().map(|search| search.faces().len()).collect();
    assert_eq!(counts, [0, 2, 1]);
    assert_eq!(finder.find(&pictures[1]).unwrap(), found[1]);
}

#[test]
fn senseless_numbers_are_refused() {
    let finder = finder(FinderConfig::default());
    for config in [
        TrackerConfig {
            key_interval: 0,
            ..TrackerConfig::default()
        },
        TrackerConfig {
            cut_similarity: f32::NAN,
            ..TrackerConfig::default()
        },
    ] {
        assert!(matches!(
            FaceTracker::new(&finder, config),
            Err(FaceDetectError::Config { .. })
        ));
    }
}
