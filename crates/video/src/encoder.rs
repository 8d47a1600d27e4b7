//! Pictures to H.264.

use image::RgbImage;
use rusty_h264::{Decoder, Encoder, EncoderConfig, Preset, YuvFrame};

use crate::VideoError;
use crate::colour::Colours;

/// How strongly pictures are compressed: the quantisation parameter of H.264, 0 (finest) to 51.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quality(u8);

impl Quality {
    /// Stands for the `raw` (`c0`) videos of FaceForensics++: no loss that is visible, larger
    /// files.
    pub const RAW: Self = Self(4);
    /// Stands for `c23`, the light compression of FaceForensics++.
    pub const C23: Self = Self(23);
    /// Stands for `c40`, the heavy compression of FaceForensics++.
    pub const C40: Self = Self(40);

    /// The quality of a quantisation parameter; `None` above 51.
    pub fn new(quantisation_parameter: u8) -> Option<Self> {
        (quantisation_parameter <= 51).then_some(Self(quantisation_parameter))
    }

    /// The quantisation parameter, 0 to 51.
    pub fn quantisation_parameter(self) -> u8 {
        self.0
    }
}

/// Encodes pictures of one size, each to one access unit in decoding order, which is display order.
pub(crate) struct PictureEncoder {
    encoder: Encoder,
    planes: YuvFrame,
}

impl PictureEncoder {
    /// An encoder for pictures of even `width` and `height` with a picture that needs no other at
    /// least every `group` frames.
    pub(crate) fn new(
        (width, height): (u32, u32),
        quality: Quality,
        group: u32,
    ) -> Result<Self, VideoError> {
        if width == 0 || height == 0 || width % 2 == 1 || height % 2 == 1 {
            return Err(VideoError::Picture(format!(
                "{width}x{height} is not a positive, even size"
            )));
        }
        let mut config = EncoderConfig::new(width as usize, height as usize);
        config.qp = quality.0;
        config.gop_size = group.max(1);
        // Half as fast again as with three references and weights, for 3 % more bytes.
        config.preset = Preset::Fast;
        config.num_ref_frames = 1;
        config.weightp = false;
        // One access unit for each picture, at once: nothing that looks ahead.
        config.mbtree = false;
        config.scenecut = 0;
        config.bframes = 0;
        let encoder = Encoder::new(config).map_err(|e| VideoError::Encode(e.to_string()))?;
        Ok(Self {
            encoder,
            planes: YuvFrame::black(width as usize, height as usize),
        })
    }

    /// One access unit, its units behind start codes (Annex B).
    pub(crate) fn encode(&mut self, picture: &RgbImage) -> Result<Vec<u8>, VideoError> {
        let (width, height) = (self.planes.width as u32, self.planes.height as u32);
        if picture.dimensions() != (width, height) {
            return Err(VideoError::Picture(format!(
                "it has {}x{} pixels, the video {width}x{height}",
                picture.width(),
                picture.height()
            )));
        }
        Colours::WRITTEN.to_planes(picture, &mut self.planes)?;
        self.encoder
            .try_encode(&self.planes)
            .map_err(|e| VideoError::Encode(e.to_string()))
    }
}

/// What becomes of successive `pictures` (one size, even width and height) when they are coded at
/// `quality` and decoded again: the compression of a video as a perturbation.
///
/// # Errors
///
/// [`VideoError::Picture`] for odd or differing sizes.
pub fn recompress(pictures: &[RgbImage], quality: Quality) -> Result<Vec<RgbImage>, VideoError> {
    let Some(first) = pictures.first() else {
        return Ok(Vec::new());
    };
    let mut encoder = PictureEncoder::new(first.dimensions(), quality, u32::MAX)?;
    let mut decoder = Decoder::new();
    let decode = |picture| {
        let decoded = decoder.decode(&encoder.encode(picture)?);
        match decoded.map_err(|e| VideoError::Encode(e.to_string()))? {
            Some(frame) => Colours::WRITTEN.to_rgb(&frame),
            None => Err(VideoError::Encode("a picture was lost".to_owned())),
        }
    };
    pictures.iter().map(decode).collect()
}
