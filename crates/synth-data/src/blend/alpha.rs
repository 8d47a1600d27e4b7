//! Alpha blending.

use image::RgbImage;

use super::sizes::check;
use crate::{
    error::Error,
    lanes::{BLOCK, byte},
    mask::Mask,
};

/// `mask * source + (1 - mask) * target`, rounded. Pixels where the mask is zero keep the target's
/// bytes.
///
/// Eq. 1 of Face X-ray (Li et al., CVPR 2020), `I_M = M I_F + (1 - M) I_B`.
///
/// # Errors
/// [`Error::SizeMismatch`] when the three sizes differ.
#[doc(alias = "XRAY eq 1")]
pub fn blend(target: &RgbImage, source: &RgbImage, mask: &Mask) -> Result<RgbImage, Error> {
    check(target, source, mask)?;
    let mut out = target.clone();
    pulp::Arch::new().dispatch(Blending {
        pixels: out.as_chunks_mut().0,
        source: source.as_chunks().0,
        mask: mask.as_raw(),
    });
    Ok(out)
}

/// [`blend`] with the best vector instructions there are.
struct Blending<'a> {
    pixels: &'a mut [[u8; 3]],
    source: &'a [[u8; 3]],
    mask: &'a [f32],
}

impl pulp::NullaryFnOnce for Blending<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let blocks = self.pixels.chunks_mut(BLOCK);
        let sources = self.source.chunks(BLOCK);
        for ((pixels, sources), mask) in blocks.zip(sources).zip(self.mask.chunks(BLOCK)) {
            let mut weights = [[0.0; 3]; BLOCK];
            for (weight, &m) in weights.iter_mut().zip(mask) {
                *weight = [m; 3];
            }
            let values = pixels.as_flattened_mut().iter_mut();
            let values = values
                .zip(sources.as_flattened())
                .zip(weights.as_flattened());
            for ((t, &s), m) in values {
                let from = f32::from(*t);
                *t = byte(from + m * (f32::from(s) - from));
            }
        }
    }
}
