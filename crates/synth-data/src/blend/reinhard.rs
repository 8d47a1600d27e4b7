//! Colour transfer by mean and standard deviation (Reinhard et al., IEEE CG&A 2001), in CIE
//! L*a*b*.

use image::RgbImage;

use super::sizes::check;
use crate::{
    color::{lab_to_rgb, rgb_to_lab},
    error::Error,
    mask::Mask,
};

/// The most that a channel's contrast grows or shrinks. A flat patch of skin against a textured
/// one would otherwise turn noise into colour.
const MAX_GAIN: f64 = 3.0;

/// Mean and standard deviation of L*, a* and b*.
struct Moments {
    mean: [f64; 3],
    deviation: [f64; 3],
}

/// The source with each channel of L*a*b* shifted and scaled so that its mean and standard
/// deviation inside the mask (weighted by it) are the target's. Where the mask is zero the source
/// keeps its bytes.
///
/// # Errors
/// [`Error::SizeMismatch`] when the three sizes differ.
pub fn transfer(source: &RgbImage, target: &RgbImage, mask: &Mask) -> Result<RgbImage, Error> {
    check(target, source, mask)?;
    let mut out = source.clone();
    let weights: Vec<f32> = mask.iter().copied().filter(|&m| m > 0.0).collect();
    let source_lab = inside(source, mask);
    let (Some(from), Some(to)) = (
        moments(&source_lab, &weights),
        moments(&inside(target, mask), &weights),
    ) else {
        return Ok(out);
    };
    let gain: [f32; 3] = std::array::from_fn(|c| gain(from.deviation[c], to.deviation[c]) as f32);
    let pixels = out.as_chunks_mut::<3>().0.iter_mut().zip(mask.iter());
    let set = pixels.filter(|(_, m)| **m > 0.0);
    for ((pixel, _), lab) in set.zip(source_lab) {
        *pixel = lab_to_rgb(std::array::from_fn(|c| {
            to.mean[c] as f32 + gain[c] * (lab[c] - from.mean[c] as f32)
        }));
    }
    Ok(out)
}

fn gain(from: f64, to: f64) -> f64 {
    if from > 0.0 {
        (to / from).clamp(1.0 / MAX_GAIN, MAX_GAIN)
    } else {
        1.0
    }
}

/// L*a*b* of the pixels where the mask is set, in reading order.
fn inside(image: &RgbImage, mask: &Mask) -> Vec<[f32; 3]> {
    let pixels = image.as_chunks::<3>().0.iter().zip(mask.iter());
    pixels
        .filter(|(_, m)| **m > 0.0)
        .map(|(&rgb, _)| rgb_to_lab(rgb))
        .collect()
}

/// `None` without any weight.
fn moments(lab: &[[f32; 3]], weights: &[f32]) -> Option<Moments> {
    let mut total = 0.0;
    let (mut sum, mut squares) = ([0.0; 3], [0.0; 3]);
    for (lab, &w) in lab.iter().zip(weights) {
        let w = f64::from(w);
        total += w;
        for c in 0..3 {
            let v = f64::from(lab[c]);
            sum[c] += w * v;
            squares[c] += w * v * v;
        }
    }
    (total > 0.0).then(|| {
        let mean = sum.map(|s| s / total);
        let deviation =
            std::array::from_fn(|c| (squares[c] / total - mean[c] * mean[c]).max(0.0).sqrt());
        Moments { mean, deviation }
    })
}
