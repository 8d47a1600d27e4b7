//! Alpha blending.

use image::RgbImage;

use crate::{error::Error, mask::Mask};

/// `mask * source + (1 - mask) * target`, rounded. Pixels where the mask is zero keep the target's
/// bytes.
///
/// # Errors
/// [`Error::SizeMismatch`] when the three sizes differ.
pub fn blend(target: &RgbImage, source: &RgbImage, mask: &Mask) -> Result<RgbImage, Error> {
    super::check(target, source, mask)?;
    let mut out = target.clone();
    let pixels = out.as_chunks_mut::<3>().0.iter_mut();
    let sources = source.as_chunks::<3>().0;
    pulp::Arch::new().dispatch(|| {
        for ((pixel, source), &m) in pixels.zip(sources).zip(mask.as_raw()) {
            for (t, &s) in pixel.iter_mut().zip(source) {
                let from = f32::from(*t);
                *t = (from + m * (f32::from(s) - from) + 0.5) as u8;
            }
        }
    });
    Ok(out)
}
