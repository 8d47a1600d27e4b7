//! The detector that comes with this crate: `tiny_face_detector` of face-api.
//!
//! Its receptive field suits faces of a tenth to a half of its input. Every picture is therefore
//! looked at in two sizes, and in two more where nothing was found.

mod network;

use burn::tensor::Device;
use face_preproc::geometry::FaceBox;
use face_preproc::normalize::Normalization;
use fast_image_resize::{FilterType, ResizeAlg};
use image::RgbImage;

use crate::detection::{Detection, FaceDetector, Overlap, suppress};
use crate::error::FaceDetectError;
use crate::sampling::{sample, to_batch, values};
use crate::shipped::Shipped;
pub(crate) use network::TinyFaceNetwork;

pub(crate) const WEIGHTS: Shipped = Shipped {
    name: "tiny_face_detector",
    manifest: include_str!("../../weights/tiny_face_detector.json"),
    bytes: include_bytes!("../../weights/tiny_face_detector.bin"),
    sha256: "b904a79965e543aa19afb143ed0d2cc4925b66a4e9428a8a4d774205a6c51cea",
};

/// What the network was trained with: a mean of each channel, in bytes, and division by 255.
const NORMALIZATION: Normalization = Normalization {
    mean: [117.001 / 255.0, 114.697 / 255.0, 97.404 / 255.0],
    std: [1.0; 3],
};

/// Widths and heights of the five anchors, in cells.
const ANCHORS: [[f32; 2]; 5] = [
    [1.603_231, 2.094_468],
    [6.041_143, 7.080_126],
    [2.882_459, 3.518_061],
    [4.266_906, 5.178_857],
    [9.041_765, 10.663_08],
];

/// Pixels of the input for each cell.
const STRIDE: u32 = 32;

/// Fewest columns and rows of cells, so that every layer has something to see.
const LEAST_CELLS: u32 = 3;

/// Boxes of one view that overlap more, as [`Overlap::Union`], are one face (face-api's value).
const SAME_FACE: f32 = 0.4;

/// Boxes of different views that overlap more, as [`Overlap::Minimum`], are one face. A box that
/// is too small in one view lies within the right one of another.
const SAME_FACE_ACROSS_VIEWS: f32 = 0.6;

/// One size at which a picture is shown to the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Longer side of the input in pixels, a multiple of 32, 96 ..= 1024.
    pub input: u32,
    /// The part of that side that the picture's longer side takes, 0.25 ..= 1. The rest is black.
    /// Less than 1 sets a picture that a face fills apart from its edge.
    pub fill: f32,
}

/// How [`TinyFaceDetector`] looks at pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct TinyFaceConfig {
    /// Views that every picture is shown in; their faces are merged. At least one.
    pub views: Vec<View>,
    /// Views that follow, one after the other, while nothing was found.
    pub retries: Vec<View>,
    /// Least score of a face, `0..=1`.
    pub least_score: f32,
    /// Where no view gave a face: the surest box of all views is the face if it scores this much.
    pub least_score_alone: f32,
}

impl Default for TinyFaceConfig {
    /// 416 pixels, retried at 608, score 0.5 (face-api); the views with a margin, and the lower
    /// score for a box alone, are choices.
    fn default() -> Self {
        let view = |input, fill| View { input, fill };
        Self {
            views: vec![view(416, 1.0), view(160, 0.7)],
            retries: vec![view(224, 0.7), view(608, 1.0)],
            least_score: 0.5,
            least_score_alone: 0.3,
        }
    }
}

impl TinyFaceConfig {
    fn check(&self) -> Result<(), FaceDetectError> {
        let check = FaceDetectError::check;
        check(
            !self.views.is_empty(),
            "number of views",
            0.0,
            "at least one",
        )?;
        for View { input, fill } in self.views.iter().chain(&self.retries) {
            check(
                input.is_multiple_of(STRIDE) && (96..=1024).contains(input),
                "a view's input",
                f64::from(*input),
                "a multiple of 32 from 96 to 1024",
            )?;
            check(
                (0.25..=1.0).contains(fill),
                "a view's fill",
                f64::from(*fill),
                "0.25 to 1",
            )?;
        }
        for (name, score) in [
            ("least_score", self.least_score),
            ("least_score_alone", self.least_score_alone),
        ] {
            check(
                (0.0..=1.0).contains(&score),
                name,
                f64::from(score),
                "0 to 1",
            )?;
        }
        Ok(())
    }
}

/// `tiny_face_detector` with its weights, on a device.
#[derive(Debug)]
pub struct TinyFaceDetector {
    network: TinyFaceNetwork,
    config: TinyFaceConfig,
    device: Device,
}

impl TinyFaceDetector {
    /// The detector with the weights that come with this crate.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range, [`FaceDetectError::Shipped`] if
    /// the weights were tampered with.
    pub fn new(config: TinyFaceConfig, device: &Device) -> Result<Self, FaceDetectError> {
        config.check()?;
        Ok(Self {
            network: WEIGHTS.load(TinyFaceNetwork::new(device))?,
            config,
            device: device.clone(),
        })
    }

    /// Boxes of at least the lower score in one view of each picture, thinned out.
    fn look(
        &self,
        pictures: &[&RgbImage],
        view: View,
    ) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        // The smallest grid that shows every picture whole.
        let grids = pictures.iter().map(|picture| view.grid(picture));
        let grid = grids.fold([0; 2], |most, grid| {
            [most[0].max(grid[0]), most[1].max(grid[1])]
        });
        let windows: Vec<FaceBox> = pictures
            .iter()
            .map(|picture| view.window(picture, grid))
            .collect();
        let inputs = pictures
            .iter()
            .zip(&windows)
            .map(|(picture, window)| {
                let filter = ResizeAlg::Convolution(FilterType::Bilinear);
                sample(picture, window, grid.map(|cells| cells * STRIDE), filter)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let batch = to_batch(&inputs, &NORMALIZATION, &self.device);
        let output = values(self.network.forward(batch))?;
        let [columns, rows] = grid.map(|cells| cells as usize);
        let least = self.config.least_score.min(self.config.least_score_alone);
        Ok(output
            .chunks(ANCHORS.len() * 5 * columns * rows)
            .zip(&windows)
            .map(|(output, window)| {
                let boxes = decode(output, [columns, rows], window, least);
                suppress(boxes, Overlap::Union, SAME_FACE)
            })
            .collect())
    }
}

impl FaceDetector for TinyFaceDetector {
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        let mut seen: Vec<Vec<Detection>> = vec![Vec::new(); pictures.len()];
        let sure = |boxes: &[Detection]| {
            boxes
                .iter()
                .any(|found| found.score >= self.config.least_score)
        };
        let views = self.config.views.iter().map(|view| (view, false));
        let retries = self.config.retries.iter().map(|view| (view, true));
        for (view, only_missed) in views.chain(retries) {
            let wanted: Vec<usize> = (0..pictures.len())
                .filter(|&index| !(only_missed && sure(&seen[index])))
                .collect();
            if wanted.is_empty() {
                continue;
            }
            let shown: Vec<&RgbImage> = wanted.iter().map(|&index| pictures[index]).collect();
            for (index, found) in wanted.into_iter().zip(self.look(&shown, *view)?) {
                seen[index].extend(found);
            }
        }
        Ok(seen
            .into_iter()
            .map(|boxes| {
                let mut faces = suppress(boxes, Overlap::Minimum, SAME_FACE_ACROSS_VIEWS);
                if sure(&faces) {
                    faces.retain(|face| face.score >= self.config.least_score);
                } else {
                    faces.truncate(1);
                }
                faces
            })
            .collect())
    }
}

impl View {
    /// Columns and rows of cells that show a picture and its margin. Cells that would be black
    /// alone are left out: a wide picture has fewer rows than columns.
    fn grid(&self, picture: &RgbImage) -> [u32; 2] {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let margin = 1.0 - self.fill;
        [width, height].map(|side| {
            let pixels = (side / width.max(height) * self.fill + margin) * self.input as f32;
            // Rounding errors are not to add a cell.
            ((pixels / STRIDE as f32 - 1e-3).ceil() as u32).max(LEAST_CELLS)
        })
    }

    /// What the network sees, in pixels of the picture. The picture lies at its top left, as
    /// face-api has it, with the margin that `fill` leaves to its longer side.
    fn window(&self, picture: &RgbImage, [columns, rows]: [u32; 2]) -> FaceBox {
        let longer = picture.width().max(picture.height()) as f32;
        let side = longer / self.fill;
        let margin = (side - longer) / 2.0;
        let cell = side / (self.input / STRIDE) as f32;
        FaceBox {
            x: -0.5 - margin,
            y: -0.5 - margin,
            width: cell * columns as f32,
            height: cell * rows as f32,
        }
    }
}

/// The boxes of one picture's output, `[25, rows, columns]`, that score at least `least`.
///
/// A cell's box is centred at the cell's corner plus the sigmoid of x and y; its sides are the
/// anchor's times the exponential of width and height (Redmon and Farhadi, section 2).
fn decode(
    output: &[f32],
    [columns, rows]: [usize; 2],
    window: &FaceBox,
    least: f32,
) -> Vec<Detection> {
    let area = columns * rows;
    let unit = window.width / columns as f32;
    let mut found = Vec::new();
    for ([anchor_width, anchor_height], output) in ANCHORS.into_iter().zip(output.chunks(5 * area))
    {
        for cell in 0..area {
            let score = sigmoid(output[4 * area + cell]);
            if score < least {
                continue;
            }
            let [x, y, width, height] = [0, 1, 2, 3].map(|value| output[value * area + cell]);
            let width = anchor_width * width.exp() * unit;
            let height = anchor_height * height.exp() * unit;
            let bounds = FaceBox {
                x: window.x + ((cell % columns) as f32 + sigmoid(x)) * unit - width / 2.0,
                y: window.y + ((cell / columns) as f32 + sigmoid(y)) * unit - height / 2.0,
                width,
                height,
            };
            if [bounds.x, bounds.y, width, height]
                .iter()
                .all(|v| v.is_finite())
            {
                found.push(Detection {
                    bounds,
                    score,
                    points: None,
                });
            }
        }
    }
    found
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_made_output_decodes_to_its_box() {
        // Two by two cells of 50 pixels; the second anchor's box in the cell at the top right.
        let mut output = vec![-9.0; 100];
        let base = 5 * 4;
        for (value, at) in [(0.0, 0), (0.0, 1), (0.0, 2), (2f32.ln(), 3), (3f32.ln(), 4)] {
            output[base + at * 4 + 1] = value;
        }
        let window = FaceBox {
            x: 10.0,
            y: 20.0,
            width: 100.0,
            height: 100.0,
        };
        let found = decode(&output, [2, 2], &window, 0.5);
        assert_eq!(found.len(), 1);
        assert!((found[0].score - 0.75).abs() < 1e-6);
        let FaceBox { width, height, .. } = found[0].bounds;
        assert!((width - 6.041_143 * 50.0).abs() < 1e-3);
        assert!((height - 2.0 * 7.080_126 * 50.0).abs() < 1e-3);
        let [x, y] = found[0].bounds.center();
        assert!((x - 85.0).abs() < 1e-3 && (y - 45.0).abs() < 1e-3);
    }

    #[test]
    fn views_out_of_range_are_refused() {
        for view in [
            (400, 1.0),
            (0, 1.0),
            (2048, 1.0),
            (416, 0.0),
            (416, f32::NAN),
        ] {
            let config = TinyFaceConfig {
                retries: vec![View {
                    input: view.0,
                    fill: view.1,
                }],
                ..TinyFaceConfig::default()
            };
            assert!(matches!(
                config.check(),
                Err(FaceDetectError::Config { .. })
            ));
        }
    }
}
