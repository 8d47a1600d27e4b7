//! From windows of pictures to a network's input, and from its output to numbers.

use burn::tensor::{Device, Tensor, TensorData};
use face_preproc::geometry::FaceBox;
use face_preproc::normalize::Normalization;
use fast_image_resize::images::{TypedCroppedImageMut, TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use crate::FaceDetectError;

/// Slack for "a whole pixel lies inside", so that rounding errors do not blacken a picture's edge.
const SLACK: f64 = 1e-4;

/// What lies in `window` of a picture, brought to `width` x `height` pixels.
///
/// The window may reach beyond the picture; pixels of the result that are not wholly inside are
/// black, and the rest lie exactly where the window says.
pub(crate) fn sample(
    picture: &RgbImage,
    window: &FaceBox,
    [width, height]: [u32; 2],
    algorithm: ResizeAlg,
) -> Result<RgbImage, FaceDetectError> {
    if picture.is_empty() {
        return Err(FaceDetectError::EmptyPicture);
    }
    let horizontal = Span::new(window.x, window.width, picture.width(), width)?;
    let vertical = Span::new(window.y, window.height, picture.height(), height)?;
    let mut sampled = RgbImage::new(width, height);
    if horizontal.length == 0 || vertical.length == 0 {
        return Ok(sampled);
    }
    let bytes = "an RGB picture has three bytes a pixel";
    let source = TypedImageRef::<U8x3>::from_buffer(picture.width(), picture.height(), picture)
        .expect(bytes);
    let options = ResizeOptions::new().resize_alg(algorithm).crop(
        horizontal.crop_start,
        vertical.crop_start,
        horizontal.crop_length,
        vertical.crop_length,
    );
    let mut canvas = TypedImage::<U8x3>::from_buffer(width, height, &mut sampled).expect(bytes);
    let mut inside = TypedCroppedImageMut::from_ref(
        &mut canvas,
        horizontal.start,
        vertical.start,
        horizontal.length,
        vertical.length,
    )
    .expect("a span ends within the canvas");
    Resizer::new().resize_typed(&source, &mut inside, &options)?;
    Ok(sampled)
}

/// One axis: which pixels of the result show the picture, and what of the picture they show.
struct Span {
    start: u32,
    length: u32,
    crop_start: f64,
    crop_length: f64,
}

impl Span {
    /// `origin` and `extent` of the window, in coordinates of pixel centres; `source` and `target`
    /// pixels of the picture and of the result.
    fn new(origin: f32, extent: f32, source: u32, target: u32) -> Result<Self, FaceDetectError> {
        if !origin.is_finite() || !extent.is_finite() || extent <= 0.0 {
            return Err(FaceDetectError::Degenerate);
        }
        // From here on the picture spans 0 .. source: pixel edges are whole numbers.
        let origin = f64::from(origin) + 0.5;
        let step = f64::from(extent) / f64::from(target);
        let first = ((-origin / step) - SLACK).ceil().max(0.0);
        let end = (((f64::from(source) - origin) / step) + SLACK)
            .floor()
            .min(f64::from(target));
        let crop_start = (origin + first * step).max(0.0);
        let crop_end = (origin + end * step).min(f64::from(source));
        let length = if crop_end > crop_start {
            (end - first).max(0.0) as u32
        } else {
            0
        };
        Ok(Self {
            start: first as u32,
            length,
            crop_start,
            crop_length: crop_end - crop_start,
        })
    }
}

/// Normalised pictures of one size as a batch.
///
/// # Shapes
///
/// - returns `[batch, 3, height, width]`
pub(crate) fn to_batch(
    pictures: &[RgbImage],
    normalization: &Normalization,
    device: &Device,
) -> Tensor<4> {
    let (width, height) = pictures.first().map_or((0, 0), RgbImage::dimensions);
    let area = width as usize * height as usize;
    let mut planes = vec![0.0; pictures.len() * 3 * area];
    if area > 0 {
        for (picture, planes) in pictures.iter().zip(planes.chunks_mut(3 * area)) {
            normalization.write_planes(picture, planes);
        }
    }
    let shape = [pictures.len(), 3, height as usize, width as usize];
    Tensor::from_data(TensorData::new(planes, shape), device)
}

/// A tensor's values, row by row.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, FaceDetectError> {
    tensor
        .into_data()
        .convert::<f32>()
        .try_to_vec()
        .map_err(|error| FaceDetectError::Device(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use fast_image_resize::FilterType;
    use image::Rgb;

    use super::*;

    const LINEAR: ResizeAlg = ResizeAlg::Convolution(FilterType::Bilinear);

    fn gradient() -> RgbImage {
        RgbImage::from_fn(40, 20, |x, y| Rgb([(x * 5) as u8, (y * 10) as u8, 0]))
    }

    #[test]
    fn the_whole_picture_is_itself() {
        let picture = gradient();
        let window = FaceBox::of_picture(40, 20);
        assert_eq!(
            sample(&picture, &window, [40, 20], LINEAR).unwrap(),
            picture
        );
    }

    #[test]
    fn beyond_the_picture_is_black_and_the_rest_does_not_move() {
        let picture = gradient();
        let window = FaceBox {
            x: -10.5,
            y: -0.5,
            width: 40.0,
            height: 40.0,
        };
        let sampled = sample(&picture, &window, [40, 40], LINEAR).unwrap();
        for (x, y, pixel) in sampled.enumerate_pixels() {
            let expected = match x.checked_sub(10) {
                Some(x) if y < 20 => *picture.get_pixel(x, y),
                _ => Rgb([0, 0, 0]),
            };
            assert_eq!(*pixel, expected, "{x}, {y}");
        }
    }

    #[test]
    fn a_gradient_lies_where_the_window_says() {
        // Half the size: the result's pixel i is centred on 2 i + 4.5 - 0.5 + 1 - 0.5 of the source.
        let window = FaceBox {
            x: 3.5,
            y: 1.5,
            width: 32.0,
            height: 16.0,
        };
        let sampled = sample(&gradient(), &window, [16, 8], LINEAR).unwrap();
        for (x, y, pixel) in sampled.enumerate_pixels() {
            let [red, green, _] = pixel.0.map(f32::from);
            assert!((red - 5.0 * (2.0 * x as f32 + 4.5)).abs() <= 1.0);
            assert!((green - 10.0 * (2.0 * y as f32 + 2.5)).abs() <= 1.0);
        }
    }

    #[test]
    fn windows_beside_the_picture_are_black_and_senseless_ones_errors() {
        let beside = FaceBox {
            x: 100.0,
            y: 0.0,
            width: 10.0,
            height: 10.0,
        };
        let sampled = sample(&gradient(), &beside, [8, 8], LINEAR).unwrap();
        assert!(sampled.as_raw().iter().all(|&byte| byte == 0));
        for width in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let window = FaceBox { width, ..beside };
            assert!(matches!(
                sample(&gradient(), &window, [8, 8], LINEAR),
                Err(FaceDetectError::Degenerate)
            ));
        }
        let none = RgbImage::new(0, 5);
        assert!(matches!(
            sample(&none, &beside, [8, 8], LINEAR),
            Err(FaceDetectError::EmptyPicture)
        ));
    }
}
