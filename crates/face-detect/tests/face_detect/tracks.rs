//! Smoothing, and the choice of the main track.

use face_detect::tracks::{Observation, Track, largest_track, masked_track, smoothed_boxes};
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
fn radius_zero_changes_nothing() {
    let track = track(0, &[(0, 1.0, 10.0), (1, 5.0, 12.0), (9, 3.0, 11.0)]);
    let boxes: Vec<FaceBox> = track.observations.iter().map(|face| face.bounds).collect();
    assert_eq!(smoothed_boxes(&track, 0), boxes);
}

#[test]
fn neighbours_count_by_their_distance_in_frames() {
    // Weights 2, 1 at one frame away; frame 4 is beyond the radius of every other.
    let track = track(0, &[(0, 0.0, 10.0), (1, 3.0, 10.0), (4, 50.0, 10.0)]);
    let boxes = smoothed_boxes(&track, 1);
    let left: Vec<f32> = boxes.iter().map(|bounds| bounds.x).collect();
    assert_eq!(left, [1.0, 2.0, 50.0]);
    assert!(boxes.iter().all(|bounds| bounds.width == 10.0));
}

#[test]
fn a_steady_motion_stays_as_it_is_and_trembling_shrinks() {
    let steady: Vec<_> = (0..20)
        .map(|frame| (frame, 2.0 * frame as f32, 30.0))
        .collect();
    let smoothed = smoothed_boxes(&track(0, &steady), 3);
    for (frame, bounds) in smoothed.iter().enumerate().skip(3).take(14) {
        assert!((bounds.x - 2.0 * frame as f32).abs() < 1e-4);
    }
    let trembling: Vec<_> = (0..20)
        .map(|frame| (frame, (frame % 2) as f32 * 4.0, 30.0))
        .collect();
    let smoothed = smoothed_boxes(&track(0, &trembling), 3);
    for bounds in &smoothed[3..17] {
        assert!((bounds.x - 2.0).abs() < 0.3, "{}", bounds.x);
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
