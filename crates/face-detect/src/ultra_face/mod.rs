//! UltraFace RFB-320 ("Ultra-Light-Fast-Generic-Face-Detector-1MB"), whose weights the user brings.

mod network;

use std::path::Path;

use backbones::{LoadOptions, load_weights};
use burn::tensor::Device;
use face_preproc::geometry::FaceBox;
use face_preproc::normalize::Normalization;
use fast_image_resize::{FilterType, ResizeAlg};
use image::RgbImage;

use crate::detection::{Detection, FaceDetector, Overlap, suppress};
use crate::error::FaceDetectError;
use crate::sampling::{sample, to_batch, values};
pub(crate) use network::UltraFaceNetwork;

/// Width and height of the input, in pixels: every picture is stretched to them.
const INPUT: [u32; 2] = [320, 240];

/// `(byte - 127) / 128`.
const NORMALIZATION: Normalization = Normalization {
    mean: [127.0 / 255.0; 3],
    std: [128.0 / 255.0; 3],
};

/// Pixels of the input for a cell of each map, and the sides of its anchors in pixels.
const MAPS: [(usize, &[f32]); 4] = [
    (8, &[10.0, 16.0, 24.0]),
    (16, &[32.0, 48.0]),
    (32, &[64.0, 96.0]),
    (64, &[128.0, 192.0, 256.0]),
];

/// What offsets of the centre and logarithms of the size are multiplied by (SSD's variances).
const CENTER_VARIANCE: f32 = 0.1;
const SIZE_VARIANCE: f32 = 0.2;

/// How [`UltraFace`] chooses among its boxes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UltraFaceConfig {
    /// Least probability of a face, `0..=1`.
    pub least_score: f32,
    /// Boxes whose intersection over union is larger are one face, `0..=1`.
    pub same_face: f32,
}

impl Default for UltraFaceConfig {
    /// The published values.
    fn default() -> Self {
        Self {
            least_score: 0.7,
            same_face: 0.3,
        }
    }
}

/// UltraFace RFB-320, on a device.
#[derive(Debug)]
pub struct UltraFace {
    network: UltraFaceNetwork,
    config: UltraFaceConfig,
    anchors: Vec<FaceBox>,
    device: Device,
}

impl UltraFace {
    /// Reads the state dictionary: safetensors, or PyTorch's own files.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range, [`FaceDetectError::Weights`] for a
    /// file that cannot be read or holds other names or shapes.
    pub fn load(
        weights: &Path,
        config: UltraFaceConfig,
        device: &Device,
    ) -> Result<Self, FaceDetectError> {
        for (name, value) in [
            ("least_score", config.least_score),
            ("same_face", config.same_face),
        ] {
            let fits = (0.0..=1.0).contains(&value);
            FaceDetectError::check(fits, name, value.into(), "0 to 1")?;
        }
        let mut network = UltraFaceNetwork::new(device);
        load_weights(&mut network, weights, &LoadOptions::default())?;
        Ok(Self {
            network,
            config,
            anchors: anchors(),
            device: device.clone(),
        })
    }

    /// The faces among one picture's answers, `[4420, 2]` and `[4420, 4]`.
    fn decode(&self, picture: &RgbImage, probabilities: &[f32], offsets: &[f32]) -> Vec<Detection> {
        let scale_x = picture.width() as f32 / INPUT[0] as f32;
        let scale_y = picture.height() as f32 / INPUT[1] as f32;
        let answers = probabilities
            .as_chunks::<2>()
            .0
            .iter()
            .zip(offsets.as_chunks::<4>().0);
        let candidates = answers
            .zip(&self.anchors)
            .filter(|(([_, score], _), _)| *score > self.config.least_score)
            .map(|(([_, score], [x, y, width, height]), anchor)| {
                let [center_x, center_y] = anchor.center();
                let center_x = center_x + x * CENTER_VARIANCE * anchor.width;
                let center_y = center_y + y * CENTER_VARIANCE * anchor.height;
                let width = anchor.width * (width * SIZE_VARIANCE).exp();
                let height = anchor.height * (height * SIZE_VARIANCE).exp();
                Detection {
                    bounds: FaceBox {
                        x: (center_x - width / 2.0) * scale_x - 0.5,
                        y: (center_y - height / 2.0) * scale_y - 0.5,
                        width: width * scale_x,
                        height: height * scale_y,
                    },
                    score: *score,
                    points: None,
                }
            })
            .collect();
        suppress(candidates, Overlap::Union, self.config.same_face)
    }
}

impl FaceDetector for UltraFace {
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let inputs = pictures
            .iter()
            .map(|picture| {
                let whole = FaceBox::of_picture(picture.width(), picture.height());
                let filter = ResizeAlg::Convolution(FilterType::Bilinear);
                sample(picture, &whole, INPUT, filter)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let batch = to_batch(&inputs, &NORMALIZATION, &self.device);
        let (probabilities, offsets) = self.network.forward(batch);
        let (probabilities, offsets) = (values(probabilities)?, values(offsets)?);
        let count = self.anchors.len();
        Ok(pictures
            .iter()
            .zip(
                probabilities
                    .chunks(2 * count)
                    .zip(offsets.chunks(4 * count)),
            )
            .map(|(picture, (probabilities, offsets))| self.decode(picture, probabilities, offsets))
            .collect())
    }
}

/// The anchors in pixels of the input, whose top-left corner is `(0, 0)`, in the order of the
/// network's answers. An anchor larger than the picture is cut to its size.
fn anchors() -> Vec<FaceBox> {
    let [input_width, input_height] = INPUT.map(|side| side as f32);
    let mut anchors = Vec::new();
    for (stride, sides) in MAPS {
        for row in 0..(INPUT[1] as usize).div_ceil(stride) {
            for column in 0..(INPUT[0] as usize).div_ceil(stride) {
                for &side in sides {
                    let (width, height) = (side.min(input_width), side.min(input_height));
                    let center = |cell: usize, last: f32| {
                        ((cell as f32 + 0.5) * stride as f32).clamp(0.0, last)
                    };
                    anchors.push(FaceBox {
                        x: center(column, input_width) - width / 2.0,
                        y: center(row, input_height) - height / 2.0,
                        width,
                        height,
                    });
                }
            }
        }
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_cover_the_input_in_the_networks_order() {
        let anchors = anchors();
        // 3 * 40 * 30 + 2 * 20 * 15 + 2 * 10 * 8 + 3 * 5 * 4
        assert_eq!(anchors.len(), 4420);
        assert_eq!(anchors[0].center(), [4.0, 4.0]);
        assert_eq!(anchors[3].center(), [12.0, 4.0]);
        assert_eq!(anchors[4419].center(), [288.0, 224.0]);
        assert_eq!(anchors[4419].height, 240.0);
    }
}
