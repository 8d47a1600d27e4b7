//! Target, aligned source, mask, one forgery for each blending method (all with the same mask), and
//! the last method's forgery augmented. The first rows take the whole face, the next ones a part.

use image::RgbImage;
use rand_chacha::ChaCha8Rng;
use synth_data::{
    Blending, Face, Hull, I2gConfig, Region,
    align::{alignment, warp},
    augment::{AugmentConfig, Sample, augment},
    i2g,
};

use crate::shown;

const HULLS: [Hull; 8] = [
    Hull::WholeFace,
    Hull::WholeFace,
    Hull::WholeFace,
    Hull::WholeFace,
    Hull::Eyes,
    Hull::Nose,
    Hull::Mouth,
    Hull::LowerHalf,
];

pub(crate) fn row(
    row: usize,
    target: Face<'_>,
    source: Face<'_>,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Vec<RgbImage>> {
    let config = I2gConfig::default();
    let mask = i2g::draw_mask(target, HULLS[row % HULLS.len()], &config, rng)?;
    let to_target = alignment(source.landmarks, target.landmarks)?;
    let whole = Region::whole(target.image.dimensions());
    let aligned = warp(source.image, &to_target, whole, config.interpolation)?;
    let mut cells = vec![target.image.clone(), aligned, shown(&mask)];
    for blending in Blending::ALL {
        cells.push(i2g::stitch(target, source, &mask, blending, &config)?);
    }
    let sample = Sample {
        image: cells[cells.len() - 1].clone(),
        mask,
        landmarks: *target.landmarks,
        boxes: Vec::new(),
    };
    cells.push(augment(&sample, &AugmentConfig::default(), rng)?.image);
    Ok(cells)
}
