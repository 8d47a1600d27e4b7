//! Arithmetic of boxes. A box is `[x0, y0, x1, y1]`: left, top, right and lower edge in shares of
//! the crop's width and height.

use crate::priors::Prior;

/// Area of a box; 0 if its edges are out of order.
fn area([x0, y0, x1, y1]: [f32; 4]) -> f32 {
    (x1 - x0).max(0.0) * (y1 - y0).max(0.0)
}

/// Intersection over union, in `0..=1`; 0 where neither box has an area.
pub fn intersection_over_union(a: [f32; 4], b: [f32; 4]) -> f32 {
    let common = area([
        a[0].max(b[0]),
        a[1].max(b[1]),
        a[2].min(b[2]),
        a[3].min(b[3]),
    ]);
    let union = area(a) + area(b) - common;
    if union > 0.0 { common / union } else { 0.0 }
}

/// The part of a box that lies on the crop; `None` if a number is not finite or nothing is left.
pub fn clipped(corners: [f32; 4]) -> Option<[f32; 4]> {
    if corners.iter().any(|edge| !edge.is_finite()) {
        return None;
    }
    let clipped = corners.map(|edge| edge.clamp(0.0, 1.0));
    (area(clipped) > 0.0).then_some(clipped)
}

/// A true box as the offsets `g` that a head should give for a prior: the centre's distance in
/// sides of the prior over `variances[0]`, the logarithms of the ratio of sides over
/// `variances[1]` (SSD, Liu et al., ECCV 2016; the variances are its code's).
///
/// Finite for every box with an area.
pub fn encode(corners: [f32; 4], prior: &Prior, variances: [f32; 2]) -> [f32; 4] {
    let [x0, y0, x1, y1] = corners;
    let centre = |low: f32, high: f32, axis: usize| {
        ((low + high) / 2.0 - prior.centre[axis]) / (variances[0] * prior.size[axis])
    };
    let side =
        |low: f32, high: f32, axis: usize| ((high - low) / prior.size[axis]).ln() / variances[1];
    [
        centre(x0, x1, 0),
        centre(y0, y1, 1),
        side(x0, x1, 0),
        side(y0, y1, 1),
    ]
}

/// The box that a head's offsets mean: the inverse of [`encode`]. It may leave the crop.
pub fn decode(offsets: [f32; 4], prior: &Prior, variances: [f32; 2]) -> [f32; 4] {
    let centre = |axis: usize| prior.centre[axis] + offsets[axis] * variances[0] * prior.size[axis];
    let side = |axis: usize| prior.size[axis] * (offsets[2 + axis] * variances[1]).exp();
    Prior {
        centre: [centre(0), centre(1)],
        size: [side(0), side(1)],
    }
    .corners()
}
