//! Masks carried along with their pictures.

use image::Luma;

use super::CropError;
use crate::geometry::Similarity;
use crate::pictures::Mask;

/// A mask of a picture, carried through the `transform` of a crop of that picture to the crop's
/// `size` x `size` pixels. Beyond the picture nothing is forged: 0.
///
/// Each pixel is the mean of bilinear samples on a regular grid fine enough not to skip a pixel of
/// the source, so a shrunk mask keeps its area; values stay within those of the source and 0.
///
/// # Errors
///
/// [`CropError::Degenerate`] for a transform without an inverse.
pub fn crop_mask(mask: &Mask, transform: &Similarity, size: u32) -> Result<Mask, CropError> {
    let back = transform.inverse().ok_or(CropError::Degenerate)?;
    let taps = back.scale().ceil().clamp(1.0, 32.0) as u32;
    let weight = 1.0 / (taps * taps) as f32;
    let offset = |tap: u32| (tap as f32 + 0.5) / taps as f32 - 0.5;
    Ok(Mask::from_fn(size, size, |x, y| {
        let mut sum = 0.0;
        for dy in (0..taps).map(offset) {
            for dx in (0..taps).map(offset) {
                sum += bilinear(mask, back.apply([x as f32 + dx, y as f32 + dy]));
            }
        }
        Luma([sum * weight])
    }))
}

/// The mask between its pixel centres, 0 beyond them.
fn bilinear(mask: &Mask, [x, y]: [f32; 2]) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    let at = |x: f32, y: f32| {
        let inside = x >= 0.0 && y >= 0.0 && x < mask.width() as f32 && y < mask.height() as f32;
        if inside {
            mask.get_pixel(x as u32, y as u32)[0]
        } else {
            0.0
        }
    };
    let row = |y: f32| at(left, y) * (1.0 - fx) + at(left + 1.0, y) * fx;
    row(top) * (1.0 - fy) + row(top + 1.0) * fy
}
