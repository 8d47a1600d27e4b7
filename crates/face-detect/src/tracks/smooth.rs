//! Boxes that do not tremble.

use face_preproc::geometry::FaceBox;

use super::Track;

/// The boxes of a track, centre and sides each averaged over the observations at most `radius`
/// frames away, weighted by a triangle that reaches zero one frame beyond. Radius 0 changes
/// nothing.
///
/// One box for each observation, in order.
pub fn smoothed_boxes(track: &Track, radius: usize) -> Vec<FaceBox> {
    let observations = &track.observations;
    // The window's first observation; it moves on as frames rise.
    let mut first = 0;
    observations
        .iter()
        .map(|middle| {
            while observations[first].frame.saturating_add(radius) < middle.frame {
                first += 1;
            }
            let near = observations[first..]
                .iter()
                .take_while(|other| other.frame <= middle.frame.saturating_add(radius));
            let (mut sum, mut total) = ([0.0; 4], 0.0);
            for other in near {
                let weight = (1 + radius - other.frame.abs_diff(middle.frame)) as f64;
                let [x, y] = other.bounds.center();
                let values = [x, y, other.bounds.width, other.bounds.height];
                for (sum, value) in sum.iter_mut().zip(values) {
                    *sum += weight * f64::from(value);
                }
                total += weight;
            }
            let [x, y, width, height] = sum.map(|sum| (sum / total) as f32);
            FaceBox {
                x: x - width / 2.0,
                y: y - height / 2.0,
                width,
                height,
            }
        })
        .collect()
}
