//! Masks: the convex hull of landmarks, drawn with soft edges and blurred.

use face_preproc::geometry::Landmarks68;
pub use face_preproc::pictures::Mask;
use serde::{Deserialize, Serialize};

use crate::{blur, region::Region};

/// Rows that a pixel is divided into where the edge of a hull crosses it.
const SUBROWS: usize = 4;

/// The part of the face whose landmarks span the forged region.
///
/// The paper takes the whole face; the other parts are an option for forgeries that change only
/// one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hull {
    /// All 68 landmarks.
    WholeFace,
    /// Both eyes with their brows.
    Eyes,
    /// The nose.
    Nose,
    /// The lips.
    Mouth,
    /// The jaw without its upper ends, the nostrils and the lips.
    LowerHalf,
}

impl Hull {
    /// Every part.
    pub const ALL: [Self; 5] = [
        Self::WholeFace,
        Self::Eyes,
        Self::Nose,
        Self::Mouth,
        Self::LowerHalf,
    ];

    /// The landmarks that belong to the part.
    pub fn select(self, landmarks: &Landmarks68) -> Vec<[f32; 2]> {
        let parts: &[(usize, usize)] = match self {
            Self::WholeFace => &[(0, 67)],
            Self::Eyes => &[(17, 26), (36, 47)],
            Self::Nose => &[(27, 35)],
            Self::Mouth => &[(48, 67)],
            Self::LowerHalf => &[(2, 14), (31, 35), (48, 67)],
        };
        parts
            .iter()
            .flat_map(|&(first, last)| &landmarks[first..=last])
            .copied()
            .collect()
    }
}

/// The convex hull of finite points, without repeated or collinear corners, starting at the
/// leftmost one (Andrew's monotone chain). Fewer than three corners: the points enclose nothing.
pub fn convex_hull(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut points = points.to_vec();
    points.sort_by(|p, q| p[0].total_cmp(&q[0]).then(p[1].total_cmp(&q[1])));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut hull = half_hull(points.iter().copied());
    hull.pop();
    hull.extend(half_hull(points.iter().rev().copied()));
    hull.pop();
    hull
}

fn half_hull(points: impl Iterator<Item = [f32; 2]>) -> Vec<[f32; 2]> {
    let mut chain: Vec<[f32; 2]> = Vec::new();
    for p in points {
        while let [.., a, b] = chain[..] {
            if cross(a, b, p) > 0.0 {
                break;
            }
            chain.pop();
        }
        chain.push(p);
    }
    chain
}

/// Twice the signed area of the triangle `a b c`, in double precision.
fn cross(a: [f32; 2], b: [f32; 2], c: [f32; 2]) -> f64 {
    let d = |i: usize, p: [f32; 2]| f64::from(p[i]) - f64::from(a[i]);
    d(0, b) * d(1, c) - d(1, b) * d(0, c)
}

/// The area of a polygon in square pixels, whichever way round its corners run.
pub fn area(polygon: &[[f32; 2]]) -> f64 {
    let Some(&first) = polygon.first() else {
        return 0.0;
    };
    let twice: f64 = polygon.windows(2).map(|e| cross(first, e[0], e[1])).sum();
    twice.abs() / 2.0
}

/// A mask of `width` x `height` pixels that holds, for every pixel, the share of its square that
/// a convex polygon covers. What lies outside the picture is cut off.
pub fn fill_convex(polygon: &[[f32; 2]], width: u32, height: u32) -> Mask {
    let mut mask = Mask::new(width, height);
    let (top, bottom) = extent(polygon.iter().map(|p| p[1]));
    if width == 0 || top >= bottom {
        return mask;
    }
    for (y, row) in mask.chunks_exact_mut(width as usize).enumerate() {
        let y = y as f32;
        if y + 0.5 < top || y - 0.5 > bottom {
            continue;
        }
        for sub in 0..SUBROWS {
            let line = y - 0.5 + (sub as f32 + 0.5) / SUBROWS as f32;
            if let Some(span) = crossing(polygon, line) {
                cover(row, span, 1.0 / SUBROWS as f32);
            }
        }
    }
    mask
}

/// The least and the greatest of some numbers.
fn extent(values: impl Iterator<Item = f32>) -> (f32, f32) {
    values.fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), v| {
        (lo.min(v), hi.max(v))
    })
}

/// The stretch of the horizontal line `y` inside a convex polygon.
fn crossing(polygon: &[[f32; 2]], y: f32) -> Option<(f32, f32)> {
    let next = polygon.iter().cycle().skip(1);
    let hits = polygon.iter().zip(next).filter_map(|(p, q)| {
        let crosses = (p[1] <= y) != (q[1] <= y);
        crosses.then(|| p[0] + (y - p[1]) / (q[1] - p[1]) * (q[0] - p[0]))
    });
    let (left, right) = extent(hits);
    (left < right).then_some((left, right))
}

/// Adds `weight` times the share of each pixel that lies between `left` and `right`.
fn cover(row: &mut [f32], (left, right): (f32, f32), weight: f32) {
    let left = left.max(-0.5);
    let right = right.min(row.len() as f32 - 0.5);
    if left >= right {
        return;
    }
    let pixel = |x: f32| ((x + 0.5) as usize).min(row.len() - 1);
    let (first, last) = (pixel(left), pixel(right));
    let mut partly = |x: usize| {
        let middle = x as f32;
        row[x] += weight * (right.min(middle + 0.5) - left.max(middle - 0.5)).max(0.0);
    };
    partly(first);
    if first < last {
        partly(last);
        row[first + 1..last].iter_mut().for_each(|v| *v += weight);
    }
}

/// The smallest region that holds every pixel above `threshold`; `None` where there is none.
pub fn support(mask: &Mask, threshold: f32) -> Option<Region> {
    let width = mask.width() as usize;
    if width == 0 {
        return None;
    }
    let (mut left, mut right) = (usize::MAX, 0);
    let (mut top, mut bottom) = (u32::MAX, 0);
    for (y, row) in (0u32..).zip(mask.as_raw().chunks_exact(width)) {
        // Without an early end the test takes many pixels at once.
        if !row.iter().fold(false, |any, &m| any | (m > threshold)) {
            continue;
        }
        let Some(first) = row.iter().position(|&m| m > threshold) else {
            continue;
        };
        let last = row.iter().rposition(|&m| m > threshold).unwrap_or(first);
        (left, right) = (left.min(first), right.max(last));
        (top, bottom) = (top.min(y), y);
    }
    (top <= bottom).then(|| Region {
        x: left as u32,
        y: top,
        width: (right + 1 - left) as u32,
        height: bottom + 1 - top,
    })
}

/// The standard deviation, in pixels, of "a Gaussian kernel of size `size`": 0.3 ((size - 1) / 2
/// - 1) + 0.8, the rule of OpenCV's `getGaussianKernel`; never below 0.3. Size 16 gives 2.75.
pub fn kernel_sigma(size: f32) -> f32 {
    (0.3 * ((size - 1.0) * 0.5 - 1.0) + 0.8).max(0.3)
}

/// The mask blurred by a Gaussian kernel of `size` pixels (paper 3.2: "a Gaussian kernel of size
/// 16"), borders replicated. An even size has no middle tap, so the next odd number of taps is
/// taken (17 for 16), with the standard deviation [`kernel_sigma`]`(size)`. Values stay in 0 ..= 1.
pub fn blur(mask: &Mask, size: f32) -> Mask {
    let radius = (size / 2.0).floor().max(0.0) as usize;
    gaussian_blur(mask, kernel_sigma(size), radius)
}

/// The mask convolved with a Gaussian of standard deviation `sigma` pixels, cut off beyond `radius`
/// pixels; borders replicated. Values stay in 0 ..= 1.
pub fn gaussian_blur(mask: &Mask, sigma: f32, radius: usize) -> Mask {
    let Some(region) = support(mask, 0.0) else {
        return mask.clone();
    };
    if radius == 0 {
        return mask.clone();
    }
    let region = region.grown(radius as u32, mask.dimensions());
    let (width, height) = (region.width as usize, region.height as usize);
    let stride = mask.width() as usize;
    let offset = region.y as usize * stride + region.x as usize;
    let mut inner = Vec::with_capacity(width * height);
    for y in 0..height {
        inner.extend_from_slice(&mask.as_raw()[offset + y * stride..][..width]);
    }
    let kernel = blur::gaussian(sigma, radius);
    let blurred = blur::convolve(&inner, width, height, 1, &kernel);
    let mut out = Mask::new(mask.width(), mask.height());
    let rows = out.chunks_exact_mut(stride).skip(region.y as usize);
    for (out, row) in rows.zip(blurred.chunks_exact(width)) {
        for (o, v) in out[region.x as usize..].iter_mut().zip(row) {
            *o = v.clamp(0.0, 1.0);
        }
    }
    out
}
