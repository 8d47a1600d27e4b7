//! ImageNet normalisation: bytes, channels last, to `f32` planes, and back.

use image::RgbImage;

/// ImageNet's mean of R, G, B, for values in `0 ..= 1` (PCL, section 4.1).
pub const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];

/// ImageNet's standard deviation of R, G, B, for values in `0 ..= 1` (PCL, section 4.1).
pub const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// A mean and a standard deviation for each of R, G, B, of values in `0 ..= 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalization {
    /// What is subtracted.
    pub mean: [f32; 3],
    /// What is divided by; not zero.
    pub std: [f32; 3],
}

impl Normalization {
    /// ImageNet's.
    pub const IMAGENET: Self = Self {
        mean: IMAGENET_MEAN,
        std: IMAGENET_STD,
    };

    /// `(value / 255 - mean) / std` as planes.
    ///
    /// # Shapes
    ///
    /// In: H x W x 3, `u8`, sRGB. Out: 3 x H x W, R then G then B.
    pub fn to_planes(&self, picture: &RgbImage) -> Vec<f32> {
        let mut planes = vec![0.0; picture.as_raw().len()];
        self.write_planes(picture, &mut planes);
        planes
    }

    /// Like [`Self::to_planes`], into a slice of a batch. Pixels for which `planes` has no room are
    /// left out.
    pub fn write_planes(&self, picture: &RgbImage, planes: &mut [f32]) {
        let area = picture.width() as usize * picture.height() as usize;
        if area == 0 {
            return;
        }
        for (channel, plane) in planes.chunks_mut(area).take(3).enumerate() {
            let table = self.table(channel);
            let pixels = picture.as_raw().as_chunks::<3>().0;
            for (out, pixel) in plane.iter_mut().zip(pixels) {
                *out = table[usize::from(pixel[channel])];
            }
        }
    }

    /// The picture behind some planes: the inverse of [`Self::to_planes`], rounded and clamped to
    /// bytes. `None` unless `planes` holds 3 x `height` x `width` values. NaN comes out black.
    pub fn to_picture(&self, planes: &[f32], width: u32, height: u32) -> Option<RgbImage> {
        let area = width as usize * height as usize;
        if planes.len() != area.checked_mul(3)? {
            return None;
        }
        let mut bytes = vec![0; planes.len()];
        for (i, pixel) in bytes.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            for (channel, byte) in pixel.iter_mut().enumerate() {
                let value = planes[channel * area + i] * self.std[channel] + self.mean[channel];
                *byte = (value * 255.0).round() as u8;
            }
        }
        RgbImage::from_raw(width, height, bytes)
    }

    /// The normalised value of each byte.
    fn table(&self, channel: usize) -> [f32; 256] {
        std::array::from_fn(|byte| (byte as f32 / 255.0 - self.mean[channel]) / self.std[channel])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_hold_the_defined_values() {
        let picture = RgbImage::from_raw(2, 1, vec![0, 128, 255, 10, 20, 30]).unwrap();
        let planes = Normalization::IMAGENET.to_planes(&picture);
        // By hand: R of both pixels, then G, then B.
        let expected = [
            -0.485 / 0.229,
            (10.0 / 255.0 - 0.485) / 0.229,
            (128.0 / 255.0 - 0.456) / 0.224,
            (20.0 / 255.0 - 0.456) / 0.224,
            (1.0 - 0.406) / 0.225,
            (30.0 / 255.0 - 0.406) / 0.225,
        ];
        for (value, expected) in planes.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn every_byte_survives_the_round_trip() {
        let bytes: Vec<u8> = (0..=255).flat_map(|b| [b, 255 - b, b ^ 85]).collect();
        let picture = RgbImage::from_raw(16, 16, bytes).unwrap();
        let planes = Normalization::IMAGENET.to_planes(&picture);
        let back = Normalization::IMAGENET.to_picture(&planes, 16, 16);
        assert_eq!(back, Some(picture));
    }

    #[test]
    fn wrong_lengths_are_refused() {
        assert_eq!(Normalization::IMAGENET.to_picture(&[0.0; 5], 1, 1), None);
        let empty = RgbImage::new(0, 4);
        assert!(Normalization::IMAGENET.to_planes(&empty).is_empty());
    }
}
