//! The face as it was, then two pairs: the real one, the forged one with its boxes, the mask, and
//! eight times their difference.

use image::RgbImage;
use rand_chacha::ChaCha8Rng;
use synth_data::{Face, SbiConfig, sbi};

use crate::{difference, outlined, shown};

pub(crate) fn row(face: Face<'_>, rng: &mut ChaCha8Rng) -> anyhow::Result<Vec<RgbImage>> {
    let mut cells = vec![face.image.clone()];
    for _ in 0..2 {
        let made = sbi::forge(face, &SbiConfig::default(), rng)?;
        let difference = difference(&made.image, &made.real);
        let forged = outlined(&made.image, &made.boxes);
        cells.extend([made.real, forged, shown(&made.mask), difference]);
    }
    Ok(cells)
}
