//! The choice of the main track.

use face_detect::tracks::{Observation, Track, largest_track, masked_track};
use face_preproc::geometry::FaceBox;
use image::{ImageBuffer, Luma};

/// A track of squares: frame, left edge (and top), side.
fn track(id: usize, squares: &[(usize, f32, f32)]) -> Track {
    let observation = |&(frame, x, side): &(usize, f32, f32)| Observation {
        frame,
        bounds: FaceBox {
            x,
            y: x,
            width: side,
            height: side,
        },
        score: 1.0,
        landmarks: None,
    };
    Track {
        id,
        observations: squares.iter().map(observation).collect(),
    }
}

#[test]
fn the_largest_track_counts_area_and_time() {
    let brief = track(0, &[(0, 0.0, 30.0)]);
    let long = track(1, &[(0, 50.0, 20.0), (1, 50.0, 20.0), (2, 50.0, 20.0)]);
    let tracks = [brief, long];
    assert_eq!(largest_track(&tracks).unwrap().id, 1);
    assert_eq!(largest_track(&tracks[..1]).unwrap().id, 0);
    assert_eq!(largest_track(&[]), None);
}

#[test]
fn masks_overrule_size() {
    let tracks = [
        track(0, &[(0, 0.0, 40.0), (1, 0.0, 40.0)]),
        track(1, &[(1, 60.0, 10.0), (2, 200.0, 10.0)]),
    ];
    let mask = |x: u32| {
        ImageBuffer::from_fn(80, 80, move |column, row| {
            Luma([f32::from(
                column >= x && row >= x && column < x + 8 && row < x + 8,
            )])
        })
    };
    let forged: ImageBuffer<Luma<f32>, Vec<f32>> = mask(60);
    let chosen = masked_track(&tracks, [(1, forged.clone())]);
    assert_eq!(chosen.unwrap().id, 1);
    // Nothing forged within any box, or no masks: the largest.
    let empty = mask(100);
    assert_eq!(
        masked_track(&tracks, [(0, empty.clone()), (1, empty)])
            .unwrap()
            .id,
        0
    );
    assert_eq!(masked_track(&tracks, []).unwrap().id, 0);
    assert_eq!(masked_track(&[], [(0, forged)]), None);
}
