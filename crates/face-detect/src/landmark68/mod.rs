//! The 68 landmarks of a face: `face_landmark_68` of face-api, which comes with this crate.

mod network;

use burn::tensor::Device;
use face_preproc::geometry::{FaceBox, Landmarks68, distance, mirror};
use face_preproc::normalize::Normalization;
use fast_image_resize::{FilterType, ResizeAlg};
use image::RgbImage;
use image::imageops::flip_horizontal;

use crate::error::FaceDetectError;
use crate::sampling::{sample, to_batch, values};
use crate::shipped::Shipped;
pub(crate) use network::LandmarkNetwork68;

pub(crate) const WEIGHTS: Shipped = Shipped {
    name: "face_landmark_68",
    manifest: include_str!("../../weights/face_landmark_68.json"),
    bytes: include_bytes!("../../weights/face_landmark_68.bin"),
    sha256: "4c704c0213b9f181aa16901ff0ecb64893884a05065cb512aa4ef6b42348ca41",
};

/// What the network was trained with: a mean of each channel, in bytes, and division by 255.
const NORMALIZATION: Normalization = Normalization {
    mean: [122.782 / 255.0, 117.001 / 255.0, 104.298 / 255.0],
    std: [1.0; 3],
};

/// Side of the network's input, in pixels.
const INPUT: u32 = 112;

/// Margin around known landmarks for the next look, a choice: 0.2 to 0.4 measured alike, none and
/// 0.5 worse.
const MARGIN: f32 = 0.3;

/// Landmarks that a network found, and how well it agrees with itself.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkFit {
    /// In pixels of the picture, dlib's order.
    pub landmarks: Landmarks68,
    /// Mean distance between the landmarks found in the picture and in its mirror image, divided
    /// by the side of the square looked at. Small on faces; see the crate's README.
    pub disagreement: f32,
}

/// A network that finds 68 landmarks.
pub trait LandmarkNetwork {
    /// The landmarks of faces of which a detector gave the box.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Degenerate`] for a box that spans no finite area,
    /// [`FaceDetectError::EmptyPicture`], [`FaceDetectError::Device`].
    fn locate(&self, faces: &[(&RgbImage, FaceBox)]) -> Result<Vec<LandmarkFit>, FaceDetectError>;

    /// The landmarks of faces of which earlier ones are known: of the same picture, or of the frame
    /// before.
    ///
    /// # Errors
    ///
    /// As [`Self::locate`].
    fn refine(
        &self,
        faces: &[(&RgbImage, Landmarks68)],
    ) -> Result<Vec<LandmarkFit>, FaceDetectError>;
}

/// `face_landmark_68` with its weights, on a device.
///
/// One look at a detector's box gives landmarks; a second look at the box around those, at the
/// picture and at its mirror image, gives better ones: the mean of the two.
#[derive(Debug)]
pub struct FaceLandmark68 {
    network: LandmarkNetwork68,
    device: Device,
}

impl FaceLandmark68 {
    /// The network with the weights that come with this crate.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Shipped`] if the weights were tampered with.
    pub fn new(device: &Device) -> Result<Self, FaceDetectError> {
        Ok(Self {
            network: WEIGHTS.load(LandmarkNetwork68::new(device))?,
            device: device.clone(),
        })
    }

    /// Landmarks in pixels of the network's input, its top-left pixel's centre at `(0, 0)`.
    fn forward(&self, inputs: &[RgbImage]) -> Result<Vec<Landmarks68>, FaceDetectError> {
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let batch = to_batch(inputs, &NORMALIZATION, &self.device);
        let output = values(self.network.forward(batch))?;
        let pixel = |position: f32| position * INPUT as f32 - 0.5;
        Ok(output
            .chunks(136)
            .map(|face| std::array::from_fn(|i| [pixel(face[2 * i]), pixel(face[2 * i + 1])]))
            .collect())
    }
}

impl LandmarkNetwork for FaceLandmark68 {
    fn locate(&self, faces: &[(&RgbImage, FaceBox)]) -> Result<Vec<LandmarkFit>, FaceDetectError> {
        let squares: Vec<FaceBox> = faces.iter().map(|(_, bounds)| bounds.squared()).collect();
        let inputs = faces
            .iter()
            .zip(&squares)
            .map(|((picture, _), square)| look(picture, square))
            .collect::<Result<Vec<_>, _>>()?;
        let first: Vec<(&RgbImage, Landmarks68)> = self
            .forward(&inputs)?
            .iter()
            .zip(faces.iter().zip(&squares))
            .map(|(found, ((picture, _), square))| (*picture, to_picture(found, square)))
            .collect();
        self.refine(&first)
    }

    fn refine(
        &self,
        faces: &[(&RgbImage, Landmarks68)],
    ) -> Result<Vec<LandmarkFit>, FaceDetectError> {
        let mut squares = Vec::with_capacity(faces.len());
        let mut inputs = Vec::with_capacity(2 * faces.len());
        for (picture, landmarks) in faces {
            let around = FaceBox::around(landmarks).ok_or(FaceDetectError::Degenerate)?;
            let square = around.squared().with_margin(MARGIN);
            let input = look(picture, &square)?;
            inputs.push(flip_horizontal(&input));
            inputs.push(input);
            squares.push(square);
        }
        let found = self.forward(&inputs)?;
        Ok(found
            .as_chunks::<2>()
            .0
            .iter()
            .zip(&squares)
            .map(|([mirrored, plain], square)| agree(plain, &mirror(mirrored, INPUT), square))
            .collect())
    }
}

fn look(picture: &RgbImage, square: &FaceBox) -> Result<RgbImage, FaceDetectError> {
    let filter = ResizeAlg::Convolution(FilterType::Bilinear);
    sample(picture, square, [INPUT; 2], filter)
}

/// The mean of two findings, and how far they are apart.
fn agree(one: &Landmarks68, other: &Landmarks68, square: &FaceBox) -> LandmarkFit {
    let apart: f32 = one.iter().zip(other).map(|(p, q)| distance(*p, *q)).sum();
    let mean: Landmarks68 =
        std::array::from_fn(|i| [0, 1].map(|k| (one[i][k] + other[i][k]) / 2.0));
    LandmarkFit {
        landmarks: to_picture(&mean, square),
        disagreement: apart / 68.0 / INPUT as f32,
    }
}

/// From pixels of the input to pixels of the picture.
fn to_picture(found: &Landmarks68, square: &FaceBox) -> Landmarks68 {
    let scale = square.width / INPUT as f32;
    found.map(|[x, y]| [square.x + (x + 0.5) * scale, square.y + (y + 0.5) * scale])
}
