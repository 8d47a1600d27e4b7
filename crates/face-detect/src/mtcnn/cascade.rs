//! From one picture to faces: the pyramid, three networks, and what happens to boxes between them.
//!
//! Boxes are kept in facenet-pytorch's coordinates, in which pixels count from 1 and the last one
//! belongs to the box, so that its rounding is met.

use burn::tensor::Tensor;
use face_preproc::geometry::FaceBox;
use face_preproc::normalize::Normalization;
use fast_image_resize::{FilterType, ResizeAlg};
use image::RgbImage;

use super::Mtcnn;
use crate::detection::{Candidate, Detection, Overlap, suppress};
use crate::error::FaceDetectError;
use crate::sampling::{sample, to_batch, values};

/// `(byte - 127.5) / 128`.
const NORMALIZATION: Normalization = Normalization {
    mean: [0.5; 3],
    std: [128.0 / 255.0; 3],
};

/// Side of the proposal network's window, and pixels from one window to the next.
const CELL: f32 = 12.0;
const STRIDE: f32 = 2.0;

/// Windows that go through a network at once.
const CHUNK: usize = 256;

/// A window on its way through the cascade.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// Left, top, right, bottom.
    edges: [f32; 4],
    score: f32,
    /// What a network wants the edges moved by, in sides of the window.
    offsets: [f32; 4],
    points: Option<[[f32; 2]; 5]>,
}

impl Mtcnn {
    pub(super) fn cascade(&self, picture: &RgbImage) -> Result<Vec<Detection>, FaceDetectError> {
        if picture.is_empty() {
            return Err(FaceDetectError::EmptyPicture);
        }
        let [_, pass_refinement, pass_output] = self.config.thresholds;

        let mut windows = self.propose(picture)?;
        for window in &mut windows {
            window.regress(0.0);
            window.make_square();
        }

        let mut refined = Vec::new();
        for windows in windows.chunks(CHUNK) {
            let (kept, batch) = self.cut_out(picture, windows, 24)?;
            if kept.is_empty() {
                continue;
            }
            let (offsets, probabilities) = self.refinement.forward(batch);
            let (offsets, probabilities) = (values(offsets)?, values(probabilities)?);
            for (i, window) in kept.into_iter().enumerate() {
                let score = probabilities[2 * i + 1];
                if score > pass_refinement {
                    refined.push(Window {
                        score,
                        offsets: four(&offsets, i),
                        ..window
                    });
                }
            }
        }
        let mut windows = self.thin_out(refined, 0.7);
        for window in &mut windows {
            window.regress(1.0);
            window.make_square();
        }

        let mut faces = Vec::new();
        for windows in windows.chunks(CHUNK) {
            let (kept, batch) = self.cut_out(picture, windows, 48)?;
            if kept.is_empty() {
                continue;
            }
            let (offsets, points, probabilities) = self.output.forward(batch);
            let (offsets, points) = (values(offsets)?, values(points)?);
            let probabilities = values(probabilities)?;
            for (i, mut window) in kept.into_iter().enumerate() {
                window.score = probabilities[2 * i + 1];
                if window.score > pass_output {
                    window.points = Some(window.place(&points[10 * i..10 * i + 10]));
                    window.offsets = four(&offsets, i);
                    window.regress(1.0);
                    faces.push(window);
                }
            }
        }
        let faces = faces.into_iter().map(Window::to_detection).collect();
        Ok(suppress(faces, Overlap::Minimum, 0.7))
    }

    /// Windows of all sizes that the first network takes for faces.
    fn propose(&self, picture: &RgbImage) -> Result<Vec<Window>, FaceDetectError> {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let whole = FaceBox::of_picture(picture.width(), picture.height());
        let mut scale = CELL / self.config.least_face;
        let mut proposed = Vec::new();
        while width.min(height) * scale >= CELL {
            let size = [width, height].map(|side| (side * scale + 1.0) as u32);
            if size[0].max(size[1]) <= self.config.largest_input {
                let shrunk = sample(picture, &whole, size, area())?;
                let batch = to_batch(&[shrunk], &NORMALIZATION, &self.device);
                let (offsets, probabilities) = self.proposal.forward(batch);
                let columns = probabilities.dims()[3];
                let windows =
                    self.read_map(&values(offsets)?, &values(probabilities)?, columns, scale);
                proposed.extend(self.thin_out(windows, 0.5));
            }
            scale *= self.config.pyramid_factor;
        }
        Ok(self.thin_out(proposed, 0.7))
    }

    /// The windows of one size that pass, from the proposal network's maps.
    fn read_map(
        &self,
        offsets: &[f32],
        probabilities: &[f32],
        columns: usize,
        scale: f32,
    ) -> Vec<Window> {
        let area = probabilities.len() / 2;
        let at = |position: usize, more: f32| ((STRIDE * position as f32 + more) / scale).floor();
        (0..area)
            .filter(|&cell| probabilities[area + cell] >= self.config.thresholds[0])
            .map(|cell| {
                let (column, row) = (cell % columns, cell / columns);
                Window {
                    edges: [
                        at(column, 1.0),
                        at(row, 1.0),
                        at(column, CELL),
                        at(row, CELL),
                    ],
                    score: probabilities[area + cell],
                    offsets: [0, 1, 2, 3].map(|edge| offsets[edge * area + cell]),
                    points: None,
                }
            })
            .collect()
    }

    /// Non-maximum suppression, of the surest windows only.
    fn thin_out(&self, mut windows: Vec<Window>, most: f32) -> Vec<Window> {
        windows.sort_by(|one, other| other.score.total_cmp(&one.score));
        windows.truncate(self.config.most_windows);
        suppress(windows, Overlap::Union, most)
    }

    /// The windows that show something, and what they show, at `side` x `side` pixels.
    fn cut_out(
        &self,
        picture: &RgbImage,
        windows: &[Window],
        side: u32,
    ) -> Result<(Vec<Window>, Tensor<4>), FaceDetectError> {
        let mut kept = Vec::with_capacity(windows.len());
        let mut cut = Vec::with_capacity(windows.len());
        for window in windows {
            if let Some(bounds) = window.visible(picture) {
                kept.push(*window);
                cut.push(sample(picture, &bounds, [side; 2], area())?);
            }
        }
        let batch = to_batch(&cut, &NORMALIZATION, &self.device);
        Ok((kept, batch))
    }
}

impl Window {
    /// Moves the edges as the network wants. `inclusive` is 1 where the last pixel counts.
    fn regress(&mut self, inclusive: f32) {
        let [left, top, right, bottom] = self.edges;
        let (width, height) = (right - left + inclusive, bottom - top + inclusive);
        for (edge, (offset, side)) in self
            .edges
            .iter_mut()
            .zip(self.offsets.iter().zip([width, height, width, height]))
        {
            *edge += offset * side;
        }
    }

    /// The square of the longer side about the same centre.
    fn make_square(&mut self) {
        let [left, top, right, bottom] = self.edges;
        let side = (right - left).max(bottom - top);
        let left = (left + right - side) / 2.0;
        let top = (top + bottom - side) / 2.0;
        self.edges = [left, top, left + side, top + side];
    }

    /// The whole pixels of the picture within the window, from pixel edge to pixel edge; `None`
    /// where there are none.
    fn visible(&self, picture: &RgbImage) -> Option<FaceBox> {
        let [left, top, right, bottom] = self.edges.map(f32::trunc);
        let (left, top) = (left.max(1.0), top.max(1.0));
        let right = right.min(picture.width() as f32);
        let bottom = bottom.min(picture.height() as f32);
        (right > left - 1.0 && bottom > top - 1.0).then_some(FaceBox {
            x: left - 1.5,
            y: top - 1.5,
            width: right - left + 1.0,
            height: bottom - top + 1.0,
        })
    }

    /// Five points from parts of the window to pixels.
    fn place(&self, points: &[f32]) -> [[f32; 2]; 5] {
        let [left, top, right, bottom] = self.edges;
        std::array::from_fn(|i| {
            [
                (right - left + 1.0) * points[i] + left - 1.0,
                (bottom - top + 1.0) * points[5 + i] + top - 1.0,
            ]
        })
    }

    /// Without the count from 1, and from the outer edges of the first and last pixel.
    fn to_detection(self) -> Detection {
        let [left, top, right, bottom] = self.edges;
        Detection {
            bounds: FaceBox {
                x: left - 1.5,
                y: top - 1.5,
                width: (right - left + 1.0).max(0.0),
                height: (bottom - top + 1.0).max(0.0),
            },
            score: self.score,
            points: self.points,
        }
    }
}

impl Candidate for Window {
    fn bounds(&self) -> FaceBox {
        let [left, top, right, bottom] = self.edges;
        FaceBox {
            x: left,
            y: top,
            width: (right - left).max(0.0),
            height: (bottom - top).max(0.0),
        }
    }

    fn score(&self) -> f32 {
        self.score
    }
}

fn four(values: &[f32], row: usize) -> [f32; 4] {
    std::array::from_fn(|i| values[4 * row + i])
}

/// The mean over the area of each pixel of the result.
fn area() -> ResizeAlg {
    ResizeAlg::Convolution(FilterType::Box)
}
