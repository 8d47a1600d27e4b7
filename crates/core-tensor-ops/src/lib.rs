//! The bottom of the house: contracts that detectors and backbones keep, and the tensor operations
//! that two models or more share. No file system, no image codecs, no back end of its own: whoever
//! calls hands in a [`Device`](burn::tensor::Device).

mod backbone;
mod convolve;
mod detector;
mod dropout;
mod init;
mod input;
mod normalise;
mod pool;
mod precision;
mod prelu;
mod residual;
mod resize;

pub use backbone::{Backbone, MapSpec, Tap};
pub use convolve::{convolve, convolve_by};
pub use detector::{
    ClipDetection, ClipDetector, Detection, Detector, ForgedBox, forged_log_odds, judging,
};
pub use dropout::dropout;
pub use init::{conv2d_kaiming_normal, conv2d_kaiming_uniform, linear_kaiming_uniform};
pub use input::{ChannelOrder, InputSpec};
pub use normalise::{normalise, normalise_relu, normalise_relu6};
pub use pool::{global_average_pool, max_pool2d};
pub use precision::in_single_precision;
pub use prelu::prelu;
pub use residual::add_relu;
pub use resize::resize_bilinear;
