//! Face crops of one size, with landmarks and masks carried along.
//!
//! A crop is cut as a square window of whole pixels, shrunk with an antialiased bicubic filter
//! (kornia-rs; the filter of Pillow's `BICUBIC`) and, where the face is to be turned upright, warped
//! bilinearly at a scale close to one. The [`Similarity`] that comes with each crop maps source
//! pixels to crop pixels exactly, by pixel centres, so nothing drifts by half a pixel.

mod face;
mod mask;
mod spec;
mod window;

use image::RgbImage;
use kornia_image::{Image, ImageError};
use kornia_imgproc::interpolation::InterpolationMode;
use kornia_imgproc::resize::resize_fast_u8;
use kornia_imgproc::warp::warp_affine_u8;

use crate::geometry::{
    self, FaceBox, Landmarks68, Similarity, all_finite, arcface_landmarks, arcface_points,
    five_points, pupil_points,
};
use window::{Window, square};

pub use face::Face;
pub use mask::crop_mask;
pub use spec::{Border, CropError, CropMethod, CropSpec};

/// A face cut out of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceCrop {
    /// The crop, `size` x `size` pixels of 8-bit RGB.
    pub image: RgbImage,
    /// The landmarks, in pixels of the crop.
    pub landmarks: Landmarks68,
    /// From pixels of the source to pixels of the crop.
    pub transform: Similarity,
}

/// Cuts a face out of a picture as `spec` says.
///
/// # Errors
///
/// [`CropError`] for a spec out of range, for landmarks that are not finite, coincide, or lie beside
/// the picture, and for a window more than four times as large as the picture.
pub fn crop_face(
    picture: &RgbImage,
    landmarks: &Landmarks68,
    spec: &CropSpec,
) -> Result<FaceCrop, CropError> {
    spec.check()?;
    let (image, transform) = match Placement::of(Some(picture), landmarks, spec)? {
        Placement::Window(window) => cut(picture, &window, spec)?,
        Placement::Turned(transform) => (warp(picture, &transform, spec)?, transform),
    };
    Ok(FaceCrop {
        image,
        landmarks: geometry::transform(landmarks, &transform),
        transform,
    })
}

/// Cuts a face out as `spec` says, moved by `moved` within the crop: what [`crop_face`] gives, carried
/// through that similarity, but resampled once and with the picture's own pixels wherever the moved
/// crop reaches beyond the plain one.
///
/// # Errors
///
/// As [`crop_face`]; [`CropError::Degenerate`] for a similarity that cannot be undone.
pub fn crop_face_moved(
    picture: &RgbImage,
    landmarks: &Landmarks68,
    spec: &CropSpec,
    moved: &Similarity,
) -> Result<FaceCrop, CropError> {
    spec.check()?;
    let transform = Placement::of(Some(picture), landmarks, spec)?
        .transform(spec.size)
        .then(moved);
    Ok(FaceCrop {
        image: warp(picture, &transform, spec)?,
        landmarks: geometry::transform(landmarks, &transform),
        transform,
    })
}

/// The landmarks in pixels of the crop that [`crop_face`] cuts, without its picture.
///
/// # Errors
///
/// As [`crop_face`], but for landmarks beside the picture.
pub fn crop_landmarks(landmarks: &Landmarks68, spec: &CropSpec) -> Result<Landmarks68, CropError> {
    spec.check()?;
    let transform = Placement::of(None, landmarks, spec)?.transform(spec.size);
    Ok(geometry::transform(landmarks, &transform))
}

/// Where a face's crop lies in its picture.
enum Placement {
    /// A square of whole pixels.
    Window(Window),
    /// Turned and scaled.
    Turned(Similarity),
}

impl Placement {
    /// `picture`, where it is known, must have the window in it or near it.
    fn of(
        picture: Option<&RgbImage>,
        landmarks: &Landmarks68,
        spec: &CropSpec,
    ) -> Result<Self, CropError> {
        let five = five_points(landmarks);
        match spec.method {
            CropMethod::Box { margin } => {
                let around = FaceBox::around(landmarks).ok_or(CropError::LandmarksNotFinite)?;
                let square = around.squared().with_margin(margin);
                Ok(Self::Window(match picture {
                    Some(picture) => Window::of_box(&square, picture)?,
                    None => Window::of_square(&square)?,
                }))
            }
            CropMethod::Align5 { face_width } => {
                Self::fit(&five, &five_points(&spec.template(face_width)))
            }
            CropMethod::Pupils5 { distance } => {
                Self::fit(&five, &pupil_points(distance, spec.size))
            }
            CropMethod::Arcface5 { margin } => Self::fit(
                &arcface_landmarks(landmarks),
                &arcface_points(margin, spec.size),
            ),
            CropMethod::Align68 { face_width } => Self::fit(landmarks, &spec.template(face_width)),
        }
    }

    /// So that `points` come to lie on `template`.
    fn fit(points: &[[f32; 2]], template: &[[f32; 2]]) -> Result<Self, CropError> {
        if !all_finite(points) {
            return Err(CropError::LandmarksNotFinite);
        }
        let transform = Similarity::fit(points, template).ok_or(CropError::Degenerate)?;
        Ok(Self::Turned(transform))
    }

    /// From pixels of the picture to pixels of a crop of `size` x `size`.
    fn transform(&self, size: u32) -> Similarity {
        match self {
            Self::Window(window) => window.to_square(size),
            Self::Turned(transform) => *transform,
        }
    }
}

/// The whole of a picture as a square of `size` x `size` pixels: the shorter side is padded evenly
/// by repeating the outermost pixels, nothing is cut off. For pictures that are face crops already.
///
/// Returns the square and the transform from pixels of the source to pixels of the square.
///
/// # Errors
///
/// [`CropError::Spec`] for size zero, [`CropError::EmptyPicture`].
pub fn resize_whole(picture: &RgbImage, size: u32) -> Result<(RgbImage, Similarity), CropError> {
    let spec = CropSpec {
        size,
        ..CropSpec::default()
    };
    spec.check()?;
    cut(picture, &Window::of_whole(picture)?, &spec)
}

/// As [`resize_whole`], moved by `moved` within the square in one warp.
///
/// # Errors
///
/// As [`resize_whole`]; [`CropError::Degenerate`] for a similarity that cannot be undone.
pub fn resize_whole_moved(
    picture: &RgbImage,
    size: u32,
    moved: &Similarity,
) -> Result<(RgbImage, Similarity), CropError> {
    let spec = CropSpec {
        size,
        ..CropSpec::default()
    };
    spec.check()?;
    let transform = Window::of_whole(picture)?.to_square(size).then(moved);
    Ok((warp(picture, &transform, &spec)?, transform))
}

/// A window brought to the crop's size, without rotation.
fn cut(
    picture: &RgbImage,
    window: &Window,
    spec: &CropSpec,
) -> Result<(RgbImage, Similarity), CropError> {
    let pixels = resize(window.copy(picture, spec.border)?, spec.size)?;
    Ok((to_rgb(pixels, spec.size), window.to_square(spec.size)))
}

/// A picture carried through any similarity: shrunk first, so that the bilinear warp that follows
/// neither aliases nor blurs.
fn warp(
    picture: &RgbImage,
    transform: &Similarity,
    spec: &CropSpec,
) -> Result<RgbImage, CropError> {
    let window = Window::behind(transform, spec.size, picture)?;
    let mut pixels = window.copy(picture, spec.border)?;
    let mut shrunk = window.side;
    if transform.scale() < 1.0 {
        shrunk = (window.side as f32 * transform.scale()).ceil() as u32;
        pixels = resize(pixels, shrunk)?;
    }
    let rest = window
        .to_square(shrunk)
        .inverse()
        .ok_or(CropError::Degenerate)?
        .then(transform);
    let mut upright = Image::from_size_val(square(spec.size), 0)?;
    let matrix = [rest.a, -rest.b, rest.tx, rest.b, rest.a, rest.ty];
    warp_affine_u8(&pixels, &mut upright, &matrix)?;
    Ok(to_rgb(upright, spec.size))
}

/// Antialiased bicubic when it shrinks, plain bicubic when it enlarges.
fn resize(pixels: Image<u8, 3>, side: u32) -> Result<Image<u8, 3>, ImageError> {
    if pixels.width() == side as usize {
        return Ok(pixels);
    }
    let mut resized = Image::from_size_val(square(side), 0)?;
    resize_fast_u8(&pixels, &mut resized, InterpolationMode::Bicubic)?;
    Ok(resized)
}

fn to_rgb(pixels: Image<u8, 3>, side: u32) -> RgbImage {
    RgbImage::from_raw(side, side, pixels.into_vec()).expect("a square of that side was asked for")
}
