//! Perturbations of the pictures of a clip.

use std::{fmt, str::FromStr};

use image::{RgbImage, imageops};
use rayon::prelude::*;
use runtime::{Purpose, generator};
use synth_data::{
    perturb,
    perturb::{Level, Perturbation as OfPictures},
};
use video::{Quality, recompress};

use crate::Error;

/// What is done to pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Perturbation {
    /// To each picture for itself.
    Picture(OfPictures),
    /// The compression of videos: H.264 with the constant quantiser 30, 32, 35, 38, 40, which stands
    /// for x264's crf of that number.
    Compression,
}

impl Perturbation {
    /// All seven.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let of_pictures = OfPictures::ALL.map(Self::Picture);
        of_pictures.into_iter().chain([Self::Compression]).collect()
    }

    /// Its name on the command line and in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Picture(kind) => kind.name(),
            Self::Compression => "compression",
        }
    }

    /// The perturbed pictures of a clip, of the rows of these `numbers`. Noise and blocks depend on
    /// the seed, the row and the level alone.
    ///
    /// # Errors
    /// Where a picture cannot be coded as a video: one without pixels, or of more than 65,535 on a
    /// side.
    pub(crate) fn apply(
        self,
        pictures: &[RgbImage],
        numbers: &[u64],
        level: Level,
        seed: u64,
    ) -> Result<Vec<RgbImage>, Error> {
        match self {
            Self::Picture(kind) => {
                let draw = (kind as u64) << 8 | u64::from(level.number());
                let pairs = pictures.par_iter().zip(numbers);
                let perturbed = pairs.map(|(picture, &number)| {
                    let mut rng = generator(seed, Purpose::Perturbation, number, draw);
                    perturb(picture, kind, level, &mut rng)
                });
                Ok(perturbed.collect())
            }
            Self::Compression => {
                let quantiser = level.choose([30, 32, 35, 38, 40]);
                let Some(quality) = quantiser.and_then(Quality::new) else {
                    return Ok(pictures.to_vec());
                };
                // Crops of a store may differ in size; each run of one size is a video.
                let videos = pictures.chunk_by(|a, b| a.dimensions() == b.dimensions());
                let mut coded = Vec::with_capacity(pictures.len());
                for video in videos {
                    coded.extend(compress(video, quality)?);
                }
                Ok(coded)
            }
        }
    }
}

impl fmt::Display for Perturbation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Perturbation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = Self::all();
        let found = all.iter().find(|kind| kind.name() == text.trim());
        found.copied().ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|kind| kind.name()).collect();
            format!("'{text}' is none of {}", names.join(", "))
        })
    }
}

/// [`recompress`] of pictures of one size, which may be odd: they are coded with their last row and
/// column repeated.
fn compress(pictures: &[RgbImage], quality: Quality) -> Result<Vec<RgbImage>, Error> {
    let Some(first) = pictures.first() else {
        return Ok(Vec::new());
    };
    let (width, height) = first.dimensions();
    let even = (width.next_multiple_of(2), height.next_multiple_of(2));
    if even == (width, height) {
        return Ok(recompress(pictures, quality)?);
    }
    let padded: Vec<_> = pictures
        .iter()
        .map(|picture| {
            RgbImage::from_fn(even.0, even.1, |x, y| {
                *picture.get_pixel(x.min(width - 1), y.min(height - 1))
            })
        })
        .collect();
    let coded = recompress(&padded, quality)?;
    let crop = |picture| imageops::crop_imm(picture, 0, 0, width, height).to_image();
    Ok(coded.iter().map(crop).collect())
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn pictures() -> Vec<RgbImage> {
        let wave = |x: u32, y: u32, t: u32| {
            (128.0 + 90.0 * ((x + 2 * y + 3 * t) as f32 * 0.2).sin()) as u8
        };
        let picture = |t| RgbImage::from_fn(49, 37, |x, y| Rgb([wave(x, y, t), 90, (5 * x) as u8]));
        (0..3).map(picture).collect()
    }

    fn distance(a: &RgbImage, b: &RgbImage) -> f64 {
        let pairs = a.iter().zip(b.iter());
        pairs
            .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
            .sum::<f64>()
    }

    #[test]
    fn compression_takes_odd_and_mixed_sizes_and_grows_with_the_level() {
        let mut clip = pictures();
        clip.push(RgbImage::from_pixel(32, 32, Rgb([10, 200, 60])));
        let rows = [4, 5, 6, 7];
        let lost = |level: Level| {
            let coded = Perturbation::Compression
                .apply(&clip, &rows, level, 1)
                .unwrap();
            assert_eq!(coded.len(), 4);
            let pairs = clip.iter().zip(&coded);
            pairs
                .map(|(a, b)| {
                    assert_eq!(a.dimensions(), b.dimensions());
                    distance(a, b)
                })
                .sum::<f64>()
        };
        assert_eq!(lost(Level::NONE), 0.0);
        assert!(0.0 < lost(Level::ALL[0]) && lost(Level::ALL[0]) < lost(Level::ALL[4]));
    }

    #[test]
    fn noise_differs_from_frame_to_frame_and_repeats_by_row() {
        let still = vec![pictures()[0].clone(); 2];
        let noise: Perturbation = "noise".parse().unwrap();
        let apply = |numbers: &[u64]| noise.apply(&still, numbers, Level::ALL[1], 7).unwrap();
        let both = apply(&[3, 4]);
        assert_ne!(both[0], both[1]);
        assert_eq!(apply(&[4, 3])[0], both[1]);
        let unknown = "fog".parse::<Perturbation>().unwrap_err();
        assert!(unknown.contains("compression"), "{unknown}");
    }
}
