//! Boxes around forged areas: `[x0, y0, x1, y1]`, the left, top, right and bottom edge in shares of
//! the picture's width and height, 0 ..= 1.
//!
//! Edges are those of pixels: the first pixel's outer edge is 0, the last one's is 1. The point `x`
//! of a picture `width` pixels wide (the first pixel's centre is 0) is the share
//! `(x + 0.5) / width`.

use face_preproc::geometry::{FaceBox, Similarity};

use crate::region::Region;

/// The whole picture.
pub const WHOLE: [f32; 4] = [0.0, 0.0, 1.0, 1.0];

/// The box of a region of a picture of that size.
pub fn of_region(region: Region, (width, height): (u32, u32)) -> [f32; 4] {
    let share = |v: u32, n: u32| (f64::from(v) / f64::from(n.max(1))) as f32;
    [
        share(region.x, width),
        share(region.y, height),
        share(region.right(), width),
        share(region.bottom(), height),
    ]
}

/// The box in the picture mirrored left to right. Twice is the identity, up to rounding.
pub fn mirror([x0, y0, x1, y1]: [f32; 4]) -> [f32; 4] {
    [1.0 - x1, y0, 1.0 - x0, y1]
}

/// The smallest box around the corners of a box carried through a similarity of a picture of that
/// size, cut off at the picture's edges; `None` when nothing of it is left.
pub fn transform(
    [x0, y0, x1, y1]: [f32; 4],
    by: &Similarity,
    (width, height): (u32, u32),
) -> Option<[f32; 4]> {
    let size = [width as f32, height as f32];
    let corners = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]].map(|[x, y]| {
        let [x, y] = by.apply([x * size[0] - 0.5, y * size[1] - 0.5]);
        [(x + 0.5) / size[0], (y + 0.5) / size[1]]
    });
    let around = FaceBox::around(&corners)?;
    clipped([
        around.x,
        around.y,
        around.x + around.width,
        around.y + around.height,
    ])
}

/// The part of a box within the picture; `None` when it has no area.
pub(crate) fn clipped(edges: [f32; 4]) -> Option<[f32; 4]> {
    let [x0, y0, x1, y1] = edges.map(|v| v.clamp(0.0, 1.0));
    (x0 < x1 && y0 < y1).then_some([x0, y0, x1, y1])
}
