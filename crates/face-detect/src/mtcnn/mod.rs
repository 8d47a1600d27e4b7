//! MTCNN (Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
//! Networks", IEEE Signal Processing Letters 2016), with the weights that facenet-pytorch publishes.

mod cascade;
mod network;

use std::path::Path;

use backbones::{LoadOptions, load_weights, load_weights_bytes};
use burn::module::Module;
use burn::tensor::Device;
use image::RgbImage;

use crate::detection::{Detection, FaceDetector};
use crate::error::FaceDetectError;
use crate::shipped::sha256;
pub(crate) use network::{OutputNetwork, ProposalNetwork, RefinementNetwork};

/// facenet-pytorch's weights in half precision, its names behind `pnet`, `rnet` and `onet`.
const WEIGHTS: &[u8] = include_bytes!("../../weights/mtcnn.safetensors");
const WEIGHTS_SHA256: &str = "5991be7e5f8b1f9f3a9297b058a128c570e325a3adffec0da3bdd46554bd680a";

/// How [`Mtcnn`] looks at pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct MtcnnConfig {
    /// Side of the smallest face looked for, in pixels, 12 or more.
    pub least_face: f32,
    /// From one size of the picture to the next, 0.5 ..= 0.95.
    pub pyramid_factor: f32,
    /// Least probabilities for a window to pass each of the three networks, `0..=1`.
    pub thresholds: [f32; 3],
    /// The longer side of the largest picture shown to the first network, in pixels, 12 ..= 4096.
    /// It bounds memory: in a larger picture, faces smaller than 12 pixels at this size are missed.
    pub largest_input: u32,
    /// Most windows that each network hands to the next, the surest first; at least one.
    pub most_windows: usize,
}

impl Default for MtcnnConfig {
    /// facenet-pytorch's values; the two bounds are choices.
    fn default() -> Self {
        Self {
            least_face: 20.0,
            pyramid_factor: 0.709,
            thresholds: [0.6, 0.7, 0.7],
            largest_input: 1600,
            most_windows: 2000,
        }
    }
}

impl MtcnnConfig {
    fn check(&self) -> Result<(), FaceDetectError> {
        let check = FaceDetectError::check;
        check(
            self.least_face >= 12.0 && self.least_face.is_finite(),
            "least_face",
            self.least_face.into(),
            "12 or more",
        )?;
        check(
            (0.5..=0.95).contains(&self.pyramid_factor),
            "pyramid_factor",
            self.pyramid_factor.into(),
            "0.5 to 0.95",
        )?;
        for threshold in self.thresholds {
            check(
                (0.0..=1.0).contains(&threshold),
                "a threshold",
                threshold.into(),
                "0 to 1",
            )?;
        }
        check(
            (12..=4096).contains(&self.largest_input),
            "largest_input",
            self.largest_input.into(),
            "12 to 4096",
        )?;
        check(
            self.most_windows > 0,
            "most_windows",
            self.most_windows as f64,
            "at least one",
        )
    }
}

/// The three networks, by the names of their weights.
#[derive(Module, Debug)]
struct Networks {
    pnet: ProposalNetwork,
    rnet: RefinementNetwork,
    onet: OutputNetwork,
}

/// The cascade of three networks, on a device.
#[derive(Debug)]
pub struct Mtcnn {
    proposal: ProposalNetwork,
    refinement: RefinementNetwork,
    output: OutputNetwork,
    config: MtcnnConfig,
    device: Device,
}

impl Mtcnn {
    /// The cascade with the weights that come with this crate.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range, [`FaceDetectError::Shipped`] if the
    /// weights were tampered with.
    pub fn shipped(config: MtcnnConfig, device: &Device) -> Result<Self, FaceDetectError> {
        config.check()?;
        let damaged = |reason: String| FaceDetectError::Shipped {
            name: "mtcnn",
            reason,
        };
        let found = sha256(&[WEIGHTS]);
        if found != WEIGHTS_SHA256 {
            return Err(damaged(format!(
                "SHA-256 is {found}, expected {WEIGHTS_SHA256}"
            )));
        }
        let mut networks = Networks {
            pnet: ProposalNetwork::new(device),
            rnet: RefinementNetwork::new(device),
            onet: OutputNetwork::new(device),
        };
        let options = LoadOptions::default();
        load_weights_bytes(&mut networks, "mtcnn.safetensors", WEIGHTS, &options)
            .map_err(|error| damaged(error.to_string()))?;
        let Networks { pnet, rnet, onet } = networks;
        Ok(Self {
            proposal: pnet,
            refinement: rnet,
            output: onet,
            config,
            device: device.clone(),
        })
    }

    /// Reads `pnet`, `rnet` and `onet` from three files: state dictionaries as safetensors, or as
    /// PyTorch's own files, zip or legacy.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range, [`FaceDetectError::Weights`] for a
    /// file that cannot be read or holds other names or shapes.
    pub fn load(
        [pnet, rnet, onet]: [&Path; 3],
        config: MtcnnConfig,
        device: &Device,
    ) -> Result<Self, FaceDetectError> {
        config.check()?;
        let options = LoadOptions::default();
        let mut proposal = ProposalNetwork::new(device);
        load_weights(&mut proposal, pnet, &options)?;
        let mut refinement = RefinementNetwork::new(device);
        load_weights(&mut refinement, rnet, &options)?;
        let mut output = OutputNetwork::new(device);
        load_weights(&mut output, onet, &options)?;
        Ok(Self {
            proposal,
            refinement,
            output,
            config,
            device: device.clone(),
        })
    }
}

impl FaceDetector for Mtcnn {
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        pictures
            .iter()
            .map(|picture| self.cascade(picture))
            .collect()
    }
}
