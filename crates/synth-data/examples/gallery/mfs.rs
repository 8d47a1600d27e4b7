//! The real picture, a fake made from it (another's face, alpha-blended), then facial swaps of the
//! two with their true boxes: global in both directions, partial twice, and one of the mix
//! augmented; and the mask of the first partial swap.

use image::RgbImage;
use rand_chacha::ChaCha8Rng;
use synth_data::{
    Blending, Face, I2gConfig, MfsConfig,
    augment::{AugmentConfig, Sample, augment},
    i2g::{self, BlendingWeights},
    mfs::{self, Swap, SwapWeights},
};

use crate::{outlined, shown};

pub(crate) fn row(
    real: Face<'_>,
    source: Face<'_>,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Vec<RgbImage>> {
    let config = I2gConfig {
        blendings: BlendingWeights::only(Blending::Alpha),
        ..I2gConfig::default()
    };
    let fake = i2g::forge(real, source, &config, rng)?.image;
    let mut cells = vec![real.image.clone(), fake.clone()];
    let fake = Face {
        image: &fake,
        landmarks: real.landmarks,
    };
    let mut masks = Vec::new();
    for swap in [
        Swap::FakeIntoSource,
        Swap::SourceIntoFake,
        Swap::Partial,
        Swap::Partial,
    ] {
        let config = MfsConfig {
            swaps: SwapWeights::only(swap),
            ..MfsConfig::default()
        };
        let made = mfs::forge(fake, real, &config, rng)?;
        println!("  {:?} {:?} {:?}", made.kind, made.blending, made.boxes);
        cells.push(outlined(&made.image, &made.boxes));
        masks.push(made.mask);
    }
    let made = mfs::forge(fake, real, &MfsConfig::official(), rng)?;
    let sample = Sample {
        image: made.image,
        mask: made.mask,
        landmarks: *real.landmarks,
        boxes: made.boxes,
    };
    let sample = augment(&sample, &AugmentConfig::adm(), rng)?;
    cells.push(outlined(&sample.image, &sample.boxes));
    cells.push(shown(&masks[2]));
    Ok(cells)
}
