//! The face as it is, then degraded as for LiSiam's second branch (its figure 4), six times.

use image::RgbImage;
use rand_chacha::ChaCha8Rng;
use synth_data::{DegradeConfig, Face, degrade};

pub(crate) fn row(face: Face<'_>, rng: &mut ChaCha8Rng) -> anyhow::Result<Vec<RgbImage>> {
    let mut cells = vec![face.image.clone()];
    for _ in 0..6 {
        cells.push(degrade(face.image, &DegradeConfig::default(), rng)?);
    }
    Ok(cells)
}
