//! JPEG compression.

use image::RgbImage;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use crate::error::Error;

/// Compressed as a baseline JPEG of the given quality (1 ..= 100) with 4:2:0 chroma (means of 2
/// x 2 pixels, as libjpeg does), and decoded again.
///
/// # Errors
/// [`Error::Jpeg`] for a picture that JPEG cannot hold: no pixels, or a side above 65,535.
pub fn recompress(image: &RgbImage, quality: u8) -> Result<RgbImage, Error> {
    let refuse = |e: &dyn std::fmt::Display| Error::Jpeg(e.to_string());
    let (width, height) = image.dimensions();
    let sides = (u16::try_from(width), u16::try_from(height));
    let (Ok(w), Ok(h)) = sides else {
        return Err(Error::Jpeg(format!("{width} x {height} is too large")));
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality.clamp(1, 100));
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder
        .encode(image.as_raw(), w, h, ColorType::Rgb)
        .map_err(|e| refuse(&e))?;
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let pixels = JpegDecoder::new_with_options(ZCursor::new(&bytes), options)
        .decode()
        .map_err(|e| refuse(&e))?;
    RgbImage::from_raw(width, height, pixels).ok_or_else(|| Error::Jpeg("wrong size".into()))
}
