//! How alike two pictures, or two faces, look.

use face_preproc::geometry::FaceBox;
use fast_image_resize::{FilterType, ResizeAlg};
use image::RgbImage;

use crate::error::FaceDetectError;
use crate::sampling::sample;

/// Side of the thumbnail, in pixels.
const SIDE: u32 = 16;

/// A thumbnail of 16 x 16 RGB pixels without its mean brightness and contrast, so that the product
/// of two is Pearson's correlation.
#[derive(Clone, Debug, PartialEq)]
pub struct Appearance {
    values: Vec<f32>,
}

impl Appearance {
    /// What lies in a box of a picture.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Degenerate`] for a box that spans no finite area,
    /// [`FaceDetectError::EmptyPicture`].
    pub fn of(picture: &RgbImage, bounds: &FaceBox) -> Result<Self, FaceDetectError> {
        let thumbnail = sample(
            picture,
            bounds,
            [SIDE; 2],
            ResizeAlg::Convolution(FilterType::Box),
        )?;
        Ok(Self::of_thumbnail(&thumbnail))
    }

    /// A whole picture, of which only some pixels are read: fast enough for every frame.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::EmptyPicture`].
    pub fn of_whole(picture: &RgbImage) -> Result<Self, FaceDetectError> {
        let whole = FaceBox::of_picture(picture.width(), picture.height());
        let filter = ResizeAlg::Interpolation(FilterType::Bilinear);
        Ok(Self::of_thumbnail(&sample(
            picture, &whole, [SIDE; 2], filter,
        )?))
    }

    fn of_thumbnail(thumbnail: &RgbImage) -> Self {
        let bytes = thumbnail.as_raw();
        let mean = bytes.iter().map(|&byte| f32::from(byte)).sum::<f32>() / bytes.len() as f32;
        let mut values: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) - mean).collect();
        let norm = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        if norm > 0.0 {
            for value in &mut values {
                *value /= norm;
            }
        }
        Self { values }
    }

    /// Pearson's correlation of two thumbnails, `-1..=1`. Two of one plain colour each are alike:
    /// 1; one such and another picture: 0.
    pub fn similarity(&self, other: &Self) -> f32 {
        let plain = |one: &Self| one.values.iter().all(|&value| value == 0.0);
        if plain(self) && plain(other) {
            return 1.0;
        }
        let product: f32 = self
            .values
            .iter()
            .zip(&other.values)
            .map(|(one, other)| one * other)
            .sum();
        product.clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn brightness_and_contrast_do_not_matter() {
        let picture = RgbImage::from_fn(64, 48, |x, y| Rgb([x as u8, y as u8, (x + y) as u8]));
        let brighter = RgbImage::from_fn(64, 48, |x, y| {
            Rgb([x, y, x + y].map(|value| (value * 2 + 20) as u8))
        });
        let negative = RgbImage::from_fn(64, 48, |x, y| {
            Rgb([x, y, x + y].map(|value| 200 - value as u8))
        });
        let appearance = |picture| Appearance::of_whole(picture).unwrap();
        let one = appearance(&picture);
        assert!(one.similarity(&appearance(&brighter)) > 0.999);
        assert!(one.similarity(&appearance(&negative)) < -0.999);
        let whole = FaceBox::of_picture(64, 48);
        assert!(one.similarity(&Appearance::of(&picture, &whole).unwrap()) > 0.99);
    }

    #[test]
    fn plain_pictures_are_alike_and_like_nothing_else() {
        let plain =
            |value| Appearance::of_whole(&RgbImage::from_pixel(20, 20, Rgb([value; 3]))).unwrap();
        assert_eq!(plain(0).similarity(&plain(255)), 1.0);
        let stripes = RgbImage::from_fn(20, 20, |x, _| Rgb([(x * 10) as u8; 3]));
        let stripes = Appearance::of_whole(&stripes).unwrap();
        assert_eq!(plain(7).similarity(&stripes), 0.0);
    }
}
