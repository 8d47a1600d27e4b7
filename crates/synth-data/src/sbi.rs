//! Self-blended images (SBI) of Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended
//! Images" (CVPR 2022): a face blended with a slightly changed copy of itself, and the real picture
//! that it is paired with. Numbers that the paper leaves open are its official code's.

use face_preproc::geometry::Landmarks68;
use image::RgbImage;
use rand::{Rng, RngExt};

use crate::{
    augment::jpeg::recompress,
    blend::alpha,
    boxes,
    error::{Error, Role},
    i2g::{Face, check},
    mask::{Mask, convex_hull, fill_convex, support},
    resize::{Axis, Sampling, shrink_and_restore, stretch},
    smooth_field::SmoothField,
};

mod color;
mod config;
mod soft_mask;

pub use color::{ColorConfig, ColorShift, sharpen};
pub use config::{GrainConfig, MaskConfig, SbiBoxes, SbiConfig};
pub use soft_mask::soft_mask;

/// The share of the mask's peak from which a pixel is inside its box.
const INSIDE: f32 = 0.5;

/// A self-blended image and its real twin.
#[derive(Debug, Clone)]
pub struct SbiForgery {
    /// The face blended with itself.
    pub image: RgbImage,
    /// The real one of the pair, of the same size: the target, with what both pictures share. In
    /// half of the cases its colours and grain were changed, so that these tell nothing.
    pub real: RgbImage,
    /// Of the same size: the source's share of each pixel of `image`.
    pub mask: Mask,
    /// The true boxes `[x0, y0, x1, y1]` in shares of the picture, see [`boxes`].
    pub boxes: Vec<[f32; 4]>,
}

/// Blends a face with itself.
///
/// Draws from `rng`, in this order: the side that is changed, its colours and grain; the part of
/// the face; shift and scale of the source; the mask's deformation; the side that kernels are meant
/// for, both kernels and the standard deviation; the ratio; shared colours and JPEG.
///
/// The picture is neither mirrored nor cropped: for that see [`crate::augment::geometric`].
///
/// # Errors
/// [`Error::Config`] and [`Error::Chance`] for a configuration out of range;
/// [`Error::EmptyPicture`], [`Error::NonFinite`], [`Error::Degenerate`] and
/// [`Error::OutsidePicture`] for a bad face; [`Error::EmptyMask`] when the part of the face has no
/// area inside the picture; [`Error::Jpeg`] for a side above 65,535.
pub fn forge(face: Face<'_>, config: &SbiConfig, rng: &mut impl Rng) -> Result<SbiForgery, Error> {
    config.validate()?;
    check(face, Role::Real)?;
    let source_changes = rng.random();
    let changed = change(face.image, config, rng)?;
    let (source, target) = if source_changes {
        (&changed, face.image)
    } else {
        (face.image, &changed)
    };
    let hull = config.hulls.draw(rng);
    let size = face.image.dimensions();
    let axes = draw_stretch(size, config, rng);
    let landmarks = hull.select(&stretched(face.landmarks, axes));
    let drawn = fill_convex(&convex_hull(&landmarks), size.0, size.1);
    let mask = draw_mask(&drawn, &config.mask, rng);
    let ratio = config.ratios[rng.random_range(0..config.ratios.len())];
    let edges = support(&mask, INSIDE).ok_or(Error::EmptyMask)?;
    let mut mask = mask;
    mask.iter_mut().for_each(|m| *m *= ratio);
    let source = stretch(source, axes, Sampling::Bilinear)?;
    let mut image = alpha::blend(target, &source, &mask)?;
    let mut real = target.clone();

    let colors = config.shared_color.draw(rng);
    let quality = config.shared_jpeg.draw(rng);
    for picture in [&mut image, &mut real] {
        *picture = colors.apply(picture);
        if let Some(quality) = quality {
            *picture = recompress(picture, quality.round() as u8)?;
        }
    }
    let around = boxes::of_region(edges, size);
    Ok(SbiForgery {
        image,
        real,
        mask,
        boxes: match config.boxes {
            SbiBoxes::Picture => vec![boxes::WHOLE],
            SbiBoxes::Mask => vec![around],
            SbiBoxes::PictureAndMask => vec![boxes::WHOLE, around],
        },
    })
}

/// Other colours and another grain.
fn change(image: &RgbImage, config: &SbiConfig, rng: &mut impl Rng) -> Result<RgbImage, Error> {
    let coloured = config.color.draw(rng).apply(image);
    let grain = &config.grain;
    let between =
        |[low, high]: [f32; 2], rng: &mut _| -> f32 { RngExt::random_range(rng, low..=high) };
    if rng.random() {
        let factor = grain.shrinking[rng.random_range(0..grain.shrinking.len())];
        let size = (coloured.width() / factor, coloured.height() / factor);
        shrink_and_restore(&coloured, size, Sampling::Nearest)
    } else {
        let strength = between(grain.sharpening, rng);
        let lightness = between(grain.lightness, rng);
        Ok(sharpen(&coloured, strength, lightness))
    }
}

/// The mask deformed and blurred, with a peak of 1, or empty.
fn draw_mask(drawn: &Mask, config: &MaskConfig, rng: &mut impl Rng) -> Mask {
    let (width, height) = drawn.dimensions();
    let shorter = width.min(height) as f32;
    let scale = shorter / config.elastic_side as f32;
    let (alpha, sigma) = (
        config.elastic_alpha * scale * scale,
        config.elastic_sigma * scale,
    );
    let deformed = SmoothField::random(alpha, sigma, (width, height), rng).deform(drawn);
    let [least, most] = config.side;
    let scale = shorter / rng.random_range(least..=most) as f32;
    let radii = [(); 2].map(|()| {
        let [least, most] = config.kernel;
        let radius = rng.random_range(least / 2..=most / 2);
        (radius as f32 * scale).round() as usize
    });
    let [low, high] = config.sigma;
    let sigma = rng.random_range(low..=high) * scale;
    soft_mask(&deformed, radii, sigma)
}

/// How far and by which factors the source is moved and scaled along x and y, about its centre.
fn draw_stretch(size: (u32, u32), config: &SbiConfig, rng: &mut impl Rng) -> [Axis; 2] {
    let [low, high] = config.scale;
    let shifts = config
        .shift
        .map(|most| most * rng.random_range(-1.0..=1.0f32));
    let scales = [(); 2].map(|()| 1.0 / rng.random_range(low..=high));
    let axis = |k: usize, length: u32| {
        let middle = (length as f32 - 1.0) / 2.0;
        let shift = shifts[k] * length as f32;
        Axis {
            length,
            scale: scales[k],
            offset: middle - scales[k] * (middle + shift),
        }
    };
    [axis(0, size.0), axis(1, size.1)]
}

/// The landmarks of the stretched picture.
fn stretched(landmarks: &Landmarks68, axes: [Axis; 2]) -> Landmarks68 {
    landmarks.map(|point| [0, 1].map(|k| (point[k] - axes[k].offset) / axes[k].scale))
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// Dots are found at the stretched landmarks, and as large as they ought to be.
    #[test]
    fn stretching_carries_landmarks() {
        let mut landmarks = [[30.0, 40.0]; 68];
        landmarks[1] = [70.0, 20.0];
        let near = |p: &[f32; 2], x: u32, y: u32| {
            (x as f32 - p[0]).abs() < 2.5 && (y as f32 - p[1]).abs() < 2.5
        };
        let image = RgbImage::from_fn(96, 80, |x, y| {
            Rgb([if landmarks[..2].iter().any(|p| near(p, x, y)) {
                250
            } else {
                10
            }; 3])
        });
        for [x, y] in [[(1.05, 3.2), (0.96, -1.5)], [(0.9, -4.0), (1.1, 2.0)]] {
            let axis = |length, (scale, offset)| Axis {
                length,
                scale,
                offset,
            };
            let axes = [axis(96, x), axis(80, y)];
            let moved = stretch(&image, axes, Sampling::Bilinear).unwrap();
            for [x, y] in &stretched(&landmarks, axes)[..2] {
                let pixel = moved.get_pixel(x.round() as u32, y.round() as u32);
                assert_eq!(pixel.0, [250; 3], "{axes:?} {x} {y}");
            }
            let bright: f32 = moved.pixels().map(|p| f32::from(p.0[0] - 10) / 240.0).sum();
            let want = 50.0 / (x.0 * y.0);
            assert!((bright - want).abs() < 1.0, "{bright} {want}");
        }
    }
}
