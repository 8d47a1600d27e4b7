//! Pictures inside the page.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, ImageResult, RgbImage};

/// `data:image/png` URI of a picture with at least one pixel; lossless.
///
/// # Errors
///
/// The picture has no pixels.
pub fn png_data_uri(picture: &DynamicImage) -> ImageResult<String> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(data_uri("png", bytes.get_ref()))
}

/// `data:image/jpeg` URI of a picture with at least one pixel; small.
///
/// # Errors
///
/// The picture has no pixels.
pub fn jpeg_data_uri(picture: &RgbImage) -> ImageResult<String> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90))?;
    Ok(data_uri("jpeg", &bytes))
}

fn data_uri(format: &str, bytes: &[u8]) -> String {
    format!("data:image/{format};base64,{}", STANDARD.encode(bytes))
}
