//! From 8-bit pixels to a network's input.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

/// Order of the colour channels in a network's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelOrder {
    /// Red, green, blue: PyTorch's and this workspace's default.
    #[default]
    Rgb,
    /// Blue, green, red: what networks trained through OpenCV expect.
    Bgr,
}

/// How 8-bit sRGB pixels become a network's input: `(pixel / range - mean) / std`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Height and width in pixels.
    pub size: usize,
    /// Mean of each channel, in the network's channel order, on the scale of `pixel / range`.
    pub mean: [f32; 3],
    /// Standard deviation of each channel, in the network's channel order; never 0.
    pub std: [f32; 3],
    /// Order of the channels.
    pub order: ChannelOrder,
    /// What an 8-bit pixel is divided by: 255 gives `0..=1`, 1 keeps `0..=255`.
    pub range: f32,
}

impl InputSpec {
    /// Square RGB images of `size` pixels, normalised with ImageNet's mean and standard deviation
    /// (PCL, section 4.1; torchvision's weights).
    pub fn imagenet(size: usize) -> Self {
        Self {
            size,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
            order: ChannelOrder::Rgb,
            range: 255.0,
        }
    }

    /// Normalises images of `size` x `size` pixels, each a row-major HxWx3 RGB buffer.
    ///
    /// # Shapes
    ///
    /// - returns `[batch, 3, size, size]`
    ///
    /// # Panics
    ///
    /// Panics if a buffer does not hold `size * size * 3` bytes, as any tensor operation does when
    /// shapes disagree.
    pub fn to_tensor(&self, images: &[&[u8]], device: &Device) -> Tensor<4> {
        let pixels = self.size * self.size;
        // 256 possible values a channel: a table is exact and saves the division for each pixel.
        let tables: [[f32; 256]; 3] = std::array::from_fn(|channel| {
            std::array::from_fn(|value| {
                (value as f32 / self.range - self.mean[channel]) / self.std[channel]
            })
        });
        let mut planes = Vec::with_capacity(images.len() * 3 * pixels);
        for (index, image) in images.iter().enumerate() {
            assert_eq!(
                image.len(),
                3 * pixels,
                "image {index}: {} bytes are not {size} x {size} x 3",
                image.len(),
                size = self.size
            );
            for (channel, table) in tables.iter().enumerate() {
                let offset = match self.order {
                    ChannelOrder::Rgb => channel,
                    ChannelOrder::Bgr => 2 - channel,
                };
                planes.extend(
                    image[offset..]
                        .iter()
                        .step_by(3)
                        .map(|&value| table[value as usize]),
                );
            }
        }
        let shape = [images.len(), 3, self.size, self.size];
        Tensor::from_data(TensorData::new(planes, shape), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two by two pixels; red, green and blue differ everywhere.
    const IMAGE: [u8; 12] = [0, 51, 255, 10, 20, 30, 255, 0, 0, 1, 2, 3];

    fn values(spec: &InputSpec) -> Vec<f32> {
        let tensor = spec.to_tensor(&[&IMAGE, &IMAGE], &Device::flex());
        assert_eq!(tensor.dims(), [2, 3, 2, 2]);
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn imagenet_values_are_planar_and_normalised() {
        let values = values(&InputSpec::imagenet(2));
        assert!((values[0] - (0.0 - 0.485) / 0.229).abs() < 1e-6);
        assert!((values[4] - (0.2 - 0.456) / 0.224).abs() < 1e-6);
        assert!((values[8] - (1.0 - 0.406) / 0.225).abs() < 1e-6);
        assert_eq!(values[..12], values[12..]);
    }

    #[test]
    fn bgr_swaps_channels_and_range_one_keeps_pixel_values() {
        let spec = InputSpec {
            size: 2,
            mean: [0.0; 3],
            std: [1.0; 3],
            order: ChannelOrder::Bgr,
            range: 1.0,
        };
        let expected = [
            255.0, 30.0, 0.0, 3.0, 51.0, 20.0, 0.0, 2.0, 0.0, 10.0, 255.0, 1.0,
        ];
        assert_eq!(values(&spec)[..12], expected);
    }

    #[test]
    #[should_panic(expected = "image 1: 3 bytes")]
    fn a_buffer_of_another_size_is_refused() {
        InputSpec::imagenet(2).to_tensor(&[&IMAGE, &[0, 0, 0]], &Device::flex());
    }
}
