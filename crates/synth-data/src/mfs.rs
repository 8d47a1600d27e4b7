//! The multi-scale facial swap (MFS) of Dong et al., "Implicit Identity Leakage" (CVPR 2023,
//! "ADM"), section 4.2: from a fake picture and the real one that it was made from, a new fake with
//! the true places of its artefacts.

use face_preproc::geometry::FaceBox;
use forgery_masks::dssim_map;
use image::RgbImage;
use rand::{Rng, RngExt};

use crate::{
    blend::Blending,
    boxes,
    error::{Error, Role},
    i2g::{Face, check},
    mask::{self, Mask},
    region::{Region, crop, paste, same_size},
    smooth_field::SmoothField,
};

mod config;
mod swap;
mod window;

pub use config::{ElasticConfig, MfsConfig, PartialBoxes, SearchArea, WindowShape};
pub use swap::{Swap, SwapWeights};
pub use window::most_dissimilar_window;

/// A new fake picture, and where its artefacts are.
#[derive(Debug, Clone)]
pub struct MfsForgery {
    /// `I'_F`, of the size of both pictures.
    pub image: RgbImage,
    /// Of the same size: the weight of the fake `I_F` at each pixel, so `M` of Eq. 3 where the
    /// fake goes into the source, and `1 - M` where the source goes into the fake.
    pub mask: Mask,
    /// The true boxes `[x0, y0, x1, y1]` in shares of the picture, see [`boxes`]. The first is that
    /// of a global swap, the whole picture, where there is one.
    pub boxes: Vec<[f32; 4]>,
    /// How it was made.
    pub kind: Swap,
    /// The blending method, of [`Blending::Alpha`] and [`Blending::PoissonNormal`]; none for an
    /// untouched fake.
    pub blending: Option<Blending>,
}

/// A new fake from a fake picture and the real one that it was made from: ADM paper, 4.2.
///
/// Both pictures must be of one size and show the same scene in the same place, as frames of a
/// forged video and of its original do when both are cut by one transform.
///
/// Draws from `rng`, in this order: the swap; for a partial one, the window's size; the blending
/// method; for a global one, whether and how the mask is deformed.
///
/// # Errors
/// [`Error::Config`] for a configuration out of range; [`Error::SizeMismatch`];
/// [`Error::EmptyPicture`], [`Error::NonFinite`], [`Error::Degenerate`] and
/// [`Error::OutsidePicture`] for a bad face; [`Error::EmptyMask`] when the face has no area inside
/// the picture; [`Error::Ssim`] for a picture below 11 x 11 pixels.
pub fn forge(
    fake: Face<'_>,
    source: Face<'_>,
    config: &MfsConfig,
    rng: &mut impl Rng,
) -> Result<MfsForgery, Error> {
    config.validate()?;
    check(source, Role::Real)?;
    check(fake, Role::Fake)?;
    same_size(source.image.dimensions(), fake.image.dimensions())?;
    let kind = config.swaps.draw(rng);
    match kind {
        Swap::FakeIntoSource => {
            let blending = draw_blending(config, rng);
            let mask = face_mask(source, config, rng)?;
            let (image, blending) = blend(fake.image, source.image, &mask, blending)?;
            Ok(global(image, mask, kind, Some(blending)))
        }
        Swap::SourceIntoFake => {
            let blending = draw_blending(config, rng);
            let mut mask = face_mask(fake, config, rng)?;
            let (image, blending) = blend(source.image, fake.image, &mask, blending)?;
            mask.iter_mut().for_each(|m| *m = 1.0 - *m);
            Ok(global(image, mask, kind, Some(blending)))
        }
        Swap::Untouched => {
            let (width, height) = fake.image.dimensions();
            let mask = Mask::from_pixel(width, height, image::Luma([1.0]));
            Ok(global(fake.image.clone(), mask, kind, None))
        }
        Swap::Partial => partial(fake, source, config, rng),
    }
}

fn global(image: RgbImage, mask: Mask, kind: Swap, blending: Option<Blending>) -> MfsForgery {
    MfsForgery {
        image,
        mask,
        boxes: vec![boxes::WHOLE],
        kind,
        blending,
    }
}

fn draw_blending(config: &MfsConfig, rng: &mut impl Rng) -> Blending {
    if rng.random_bool(config.poisson) {
        Blending::PoissonNormal
    } else {
        Blending::Alpha
    }
}

/// The window of the fake with the greatest dissimilarity, put into the source.
fn partial(
    fake: Face<'_>,
    source: Face<'_>,
    config: &MfsConfig,
    rng: &mut impl Rng,
) -> Result<MfsForgery, Error> {
    let size = source.image.dimensions();
    let window = config.draw_window(size, rng);
    let blending = draw_blending(config, rng);
    let window = find_window(fake, source, window, config)?;
    let drawn = Mask::from_fn(size.0, size.1, |x, y| {
        let inside =
            (window.x..window.right()).contains(&x) && (window.y..window.bottom()).contains(&y);
        image::Luma([f32::from(u8::from(inside))])
    });
    let mask = blurred(&drawn, config);
    let (image, blending) = blend(fake.image, source.image, &mask, blending)?;
    let found = boxes::of_region(window, size);
    Ok(MfsForgery {
        image,
        mask,
        boxes: match config.partial_boxes {
            PartialBoxes::Window => vec![found],
            PartialBoxes::PictureAndWindow => vec![boxes::WHOLE, found],
        },
        kind: Swap::Partial,
        blending: Some(blending),
    })
}

/// The place of a window of that width and height where fake and source are the least alike.
///
/// # Errors
/// [`Error::Ssim`] for pictures of different sizes or below 11 x 11 pixels; [`Error::EmptyMask`]
/// when the face has no area inside the picture.
pub fn find_window(
    fake: Face<'_>,
    source: Face<'_>,
    window: (u32, u32),
    config: &MfsConfig,
) -> Result<Region, Error> {
    let mut dssim = dssim_map(fake.image, source.image)?;
    let size = dssim.dimensions();
    let area = match config.search {
        SearchArea::Picture => Region::whole(size),
        SearchArea::Face => {
            let hull = hull_mask(source);
            for (d, m) in dssim.iter_mut().zip(hull.iter()) {
                if *m < 0.5 {
                    *d = 0.0;
                }
            }
            face_area(source, window).ok_or(Error::EmptyMask)?
        }
    };
    let step = [area.width, area.height].map(|side| (config.stride * side as f32) as u32);
    most_dissimilar_window(&dssim, window, area, step).ok_or(Error::EmptyMask)
}

/// How much larger than the landmarks' box the area is in which a window is looked for.
const FACE_MARGIN: f32 = 0.2;

/// The landmarks' box with its margin, at least as large as the window, within the picture.
fn face_area(face: Face<'_>, window: (u32, u32)) -> Option<Region> {
    let (width, height) = face.image.dimensions();
    let around = FaceBox::around(face.landmarks)?.with_margin(FACE_MARGIN);
    let span = |start: f32, length: f32, least: u32, n: u32| {
        let least = least.min(n);
        let first = (start.ceil().max(0.0) as u32).min(n - 1);
        let last = ((start + length).floor().max(0.0) as u32).min(n - 1);
        if last >= first && last - first + 1 >= least {
            return (first, last - first + 1);
        }
        let first = (start + (length - least as f32 + 1.0) / 2.0).round();
        ((first.max(0.0) as u32).min(n - least), least)
    };
    if width == 0 || height == 0 {
        return None;
    }
    let (x, width) = span(around.x, around.width, window.0, width);
    let (y, height) = span(around.y, around.height, window.1, height);
    Some(Region {
        x,
        y,
        width,
        height,
    })
}

fn hull_mask(face: Face<'_>) -> Mask {
    let (width, height) = face.image.dimensions();
    mask::fill_convex(&mask::convex_hull(face.landmarks), width, height)
}

/// The mask of a global swap: the convex hull of the landmarks of the face that is replaced,
/// deformed and blurred.
fn face_mask(face: Face<'_>, config: &MfsConfig, rng: &mut impl Rng) -> Result<Mask, Error> {
    let size = face.image.dimensions();
    let mut mask = hull_mask(face);
    if rng.random_bool(config.elastic.probability) {
        let [low, high] = config.elastic.alpha;
        // Displacements go as alpha / sigma, and sigma goes with the height.
        let alpha = rng.random_range(low..=high) * config.scale(size).powi(2);
        let sigma = config.elastic.sigma * size.1 as f32;
        mask = SmoothField::random(alpha, sigma, size, rng).deform(&mask);
    }
    let mask = blurred(&mask, config);
    match mask::support(&mask, 0.0) {
        Some(_) => Ok(mask),
        None => Err(Error::EmptyMask),
    }
}

fn blurred(mask: &Mask, config: &MfsConfig) -> Mask {
    let scale = config.scale(mask.dimensions());
    let radius = (config.blur_kernel * scale / 2.0).floor() as usize;
    mask::gaussian_blur(mask, config.blur_sigma * scale, radius)
}

/// `I'_F = BLENDING(I_F, I_S, M)`: the fake `i_f` put into the source `i_s` where the mask `m` is
/// set, all of one size; and the method that did it. With alpha blending, the paper's example,
/// that is `I_F * M + I_S * (1 - M)`. Poisson blending that finds nothing to solve for, as with a
/// mask a few pixels large, gives way to alpha blending.
///
/// # Errors
/// [`Error::SizeMismatch`] when the sizes differ; [`Error::EmptyMask`] when the mask is zero
/// everywhere.
#[doc(alias = "ADM eq 3")]
pub fn blend(
    i_f: &RgbImage,
    i_s: &RgbImage,
    m: &Mask,
    blending: Blending,
) -> Result<(RgbImage, Blending), Error> {
    let size = i_s.dimensions();
    same_size(size, i_f.dimensions())?;
    same_size(size, m.dimensions())?;
    let region = if blending.reaches_beyond_mask() {
        Region::whole(size)
    } else {
        mask::support(m, 0.0).ok_or(Error::EmptyMask)?
    };
    let (target, source, mask) = (crop(i_s, region)?, crop(i_f, region)?, crop(m, region)?);
    let mut blended = blending.blend(&target, &source, &mask)?;
    let mut by = blending;
    let poisson = matches!(blending, Blending::PoissonNormal | Blending::PoissonMixed);
    if poisson && blended == target {
        by = Blending::Alpha;
        blended = by.blend(&target, &source, &mask)?;
    }
    Ok((paste(i_s, &blended, region)?, by))
}
