//! The inconsistency image generator (PCL paper, section 3.2 and Algorithm 1, lines 3-6).

use face_preproc::geometry::{Landmarks68, all_finite};
use image::RgbImage;
use rand::{Rng, RngExt};

use crate::{
    align::{alignment, warp},
    blend::Blending,
    elastic::Elastic,
    error::{Error, Role},
    mask::{self, Hull, Mask},
    region::{Region, crop, paste},
};

mod config;

pub use config::{BlendingWeights, HullWeights, I2gConfig};
pub(crate) use config::{pick, positive_sum};

/// Landmarks enclose an area if it is at least this share of their extent squared: a face has
/// about a half, a line has none.
const LEAST_AREA: f64 = 1e-3;

/// A picture of a face and its landmarks in that picture's pixels.
#[derive(Debug, Clone, Copy)]
pub struct Face<'a> {
    /// The face crop.
    pub image: &'a RgbImage,
    /// Its landmarks.
    pub landmarks: &'a Landmarks68,
}

/// A forged picture, and how it was made.
#[derive(Debug, Clone)]
pub struct Forgery {
    /// Of the target's size.
    pub image: RgbImage,
    /// Of the same size: 1 where the pixels are the source's, 0 where they are the target's.
    pub mask: Mask,
    /// The blending method drawn.
    pub blending: Blending,
    /// The part of the face drawn.
    pub hull: Hull,
}

/// Puts the source's face, or a part of it, into the target: Alg. 1, lines 3-6.
///
/// The two pictures may differ in size. Draws from `rng`, in this order: the part, the elastic
/// deformation's strength and its 32 displacements, the blending method.
///
/// # Errors
/// [`Error::Config`] for a configuration out of range; [`Error::EmptyPicture`],
/// [`Error::NonFinite`], [`Error::Degenerate`] and [`Error::OutsidePicture`] for a bad face;
/// [`Error::EmptyMask`] when the drawn part has no area inside the target.
pub fn forge(
    target: Face<'_>,
    source: Face<'_>,
    config: &I2gConfig,
    rng: &mut impl Rng,
) -> Result<Forgery, Error> {
    config.validate()?;
    check(target, Role::Target)?;
    check(source, Role::Source)?;
    let hull = config.hulls.draw(rng);
    let mask = draw_mask(target, hull, config, rng)?;
    let blending = config.blendings.draw(rng);
    let image = stitch(target, source, &mask, blending, config)?;
    Ok(Forgery {
        image,
        mask,
        blending,
        hull,
    })
}

/// The convex hull of a part of the target's face, elastically deformed and blurred: Alg. 1, lines
/// 4 and 5. Of the target's size.
///
/// # Errors
/// [`Error::EmptyMask`] when the part has no area inside the picture.
pub fn draw_mask(
    target: Face<'_>,
    hull: Hull,
    config: &I2gConfig,
    rng: &mut impl Rng,
) -> Result<Mask, Error> {
    let (width, height) = target.image.dimensions();
    let scale = config.scale((width, height));
    let corners = mask::convex_hull(&hull.select(target.landmarks));
    let drawn = mask::fill_convex(&corners, width, height);
    let [low, high] = config.elastic_sigma;
    let sigma = rng.random_range(low..=high) * scale;
    let deformed = Elastic::random(sigma, rng).deform(&drawn);
    let mask = mask::blur(&deformed, config.blur_kernel * scale);
    if !mask.iter().any(|&m| m > 0.0) {
        return Err(Error::EmptyMask);
    }
    Ok(mask)
}

/// Aligns the source to the target and blends it in where the mask is set: Alg. 1, lines 3 and 6.
///
/// # Errors
/// [`Error::Degenerate`] when no similarity aligns the faces, [`Error::SizeMismatch`] when the
/// mask is not of the target's size.
pub fn stitch(
    target: Face<'_>,
    source: Face<'_>,
    mask: &Mask,
    blending: Blending,
    config: &I2gConfig,
) -> Result<RgbImage, Error> {
    let size = target.image.dimensions();
    crate::region::same_size(size, mask.dimensions())?;
    let region = if blending.reaches_beyond_mask() {
        Region::whole(size)
    } else {
        mask::support(mask, 0.0).ok_or(Error::EmptyMask)?
    };
    let to_target = alignment(source.landmarks, target.landmarks)?;
    let aligned = warp(source.image, &to_target, region, config.interpolation)?;
    let blended = blending.blend(&crop(target.image, region)?, &aligned, &crop(mask, region)?)?;
    paste(target.image, &blended, region)
}

/// Whether a face can take part in a forgery.
pub(crate) fn check(face: Face<'_>, role: Role) -> Result<(), Error> {
    let (width, height) = face.image.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::EmptyPicture(role));
    }
    if let Some(index) = face.landmarks.iter().position(|p| !all_finite(&[*p])) {
        return Err(Error::NonFinite { role, index });
    }
    let within = |v: f32, n: u32| (-0.5..n as f32 - 0.5).contains(&v);
    let outside = face
        .landmarks
        .iter()
        .filter(|[x, y]| !within(*x, width) || !within(*y, height))
        .count();
    if 2 * outside > face.landmarks.len() {
        return Err(Error::OutsidePicture { role, outside });
    }
    let hull = mask::convex_hull(face.landmarks);
    if mask::area(&hull) < LEAST_AREA * extent(&hull).powi(2) || hull.len() < 3 {
        return Err(Error::Degenerate(role));
    }
    Ok(())
}

/// The longest distance of a corner from the first.
fn extent(hull: &[[f32; 2]]) -> f64 {
    let from = |p: &[f32; 2]| f64::from(p[0] - hull[0][0]).hypot(f64::from(p[1] - hull[0][1]));
    hull.iter().map(from).fold(0.0, f64::max)
}
