//! Which anchors a picture's true windows make positive (section 4.1).

use thiserror::Error;

use crate::boxes::{clipped, encode, intersection_over_union};
use crate::priors::Prior;

/// The windows of one picture that hold artifacts; none in a real picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdmTarget {
    windows: Vec<[f32; 4]>,
}

/// A window that is none.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("a true window must be finite and have an area on the crop, unlike {0:?}")]
pub struct WindowError(pub [f32; 4]);

impl AdmTarget {
    /// The whole picture as a box.
    pub const WHOLE: [f32; 4] = [0.0, 0.0, 1.0, 1.0];

    /// A real picture.
    pub fn real() -> Self {
        Self::default()
    }

    /// A picture that is forged everywhere: a global swap.
    pub fn whole() -> Self {
        Self {
            windows: vec![Self::WHOLE],
        }
    }

    /// A forged picture's windows, each `[x0, y0, x1, y1]` in shares of the crop's width and
    /// height. What lies outside of the crop is cut off.
    ///
    /// # Errors
    ///
    /// [`WindowError`] for a window with a number that is not finite or without an area on the crop.
    pub fn new(windows: &[[f32; 4]]) -> Result<Self, WindowError> {
        let windows = windows
            .iter()
            .map(|&window| clipped(window).ok_or(WindowError(window)))
            .collect::<Result<_, _>>()?;
        Ok(Self { windows })
    }

    /// The windows, within `0..=1`.
    pub fn windows(&self) -> &[[f32; 4]] {
        &self.windows
    }

    /// The same with the whole picture before the windows of a forged picture, unless it is one of
    /// them: the official code's boxes of a partial swap.
    #[must_use]
    pub fn with_whole(&self) -> Self {
        if self.windows.is_empty() || self.windows.contains(&Self::WHOLE) {
            return self.clone();
        }
        let windows = [&[Self::WHOLE], self.windows.as_slice()].concat();
        Self { windows }
    }
}

/// What the heads should say of each anchor.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// `x` of Eq. 5: whether the anchor is fake.
    pub positive: Vec<bool>,
    /// The [encoded](encode) window of each positive anchor; zeros for the others.
    pub offsets: Vec<[f32; 4]>,
}

impl Assignment {
    /// Number of positive anchors.
    pub fn positives(&self) -> usize {
        self.positive.iter().filter(|&&positive| positive).count()
    }
}

/// Assigns anchors to windows as SSD does: an anchor belongs to the window that it overlaps most
/// and is positive from `overlap` on; the anchor that overlaps a window most is positive and
/// belongs to that window in any case, to the last of several. Among equals the first wins.
pub fn assign(
    target: &AdmTarget,
    priors: &[Prior],
    overlap: f32,
    variances: [f32; 2],
) -> Assignment {
    let mut best: Vec<Option<(usize, f32)>> = vec![None; priors.len()];
    let mut forced = Vec::with_capacity(target.windows.len());
    for (window, &corners) in target.windows.iter().enumerate() {
        let mut closest: Option<(usize, f32)> = None;
        for (index, prior) in priors.iter().enumerate() {
            let iou = intersection_over_union(corners, prior.corners());
            if closest.is_none_or(|(_, most)| iou > most) {
                closest = Some((index, iou));
            }
            if best[index].is_none_or(|(_, most)| iou > most) {
                best[index] = Some((window, iou));
            }
        }
        forced.extend(closest.map(|(index, _)| index));
    }
    for (window, &index) in forced.iter().enumerate() {
        best[index] = Some((window, f32::INFINITY));
    }
    let windows = best
        .into_iter()
        .map(|best| best.filter(|&(_, iou)| iou >= overlap));
    let (positive, offsets) = windows
        .zip(priors)
        .map(|(window, prior)| match window {
            Some((window, _)) => (true, encode(target.windows[window], prior, variances)),
            None => (false, [0.0; 4]),
        })
        .unzip();
    Assignment { positive, offsets }
}
