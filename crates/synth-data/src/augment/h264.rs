//! H.264: what the compression of a video does to a picture.

use image::{RgbImage, imageops};
use video::{Quality, recompress as coded};

use crate::error::Error;

/// The picture after it was coded as the first of an H.264 clip, 4:2:0, at a quantisation parameter of
/// 0 (finest) to 51, and decoded again. Odd sides are coded with their last row or column repeated.
///
/// # Errors
/// [`Error::H264`] for a parameter above 51, or a picture without pixels or too large for the codec.
pub fn recompress(image: &RgbImage, quantizer: u8) -> Result<RgbImage, Error> {
    let (width, height) = image.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::H264("the picture has no pixels".to_owned()));
    }
    let quality = Quality::new(quantizer).ok_or_else(|| {
        Error::H264(format!(
            "the quantisation parameter {quantizer} is above 51"
        ))
    })?;
    let even = RgbImage::from_fn(
        width.next_multiple_of(2),
        height.next_multiple_of(2),
        |x, y| *image.get_pixel(x.min(width - 1), y.min(height - 1)),
    );
    let pictures = coded(&[even], quality).map_err(|e| Error::H264(e.to_string()))?;
    let [picture] = pictures.as_slice() else {
        return Err(Error::H264("the picture was lost".to_owned()));
    };
    Ok(imageops::crop_imm(picture, 0, 0, width, height).to_image())
}
