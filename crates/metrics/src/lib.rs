#![doc = include_str!("../README.md")]

mod bootstrap;
mod calibration;
mod confusion;
mod decision;
mod error;
mod measure;
mod probability;
mod ranking;
mod reliability;
mod roc;
mod summary;
mod video;
mod video_key;

pub use bootstrap::{Estimate, bootstrap_interval, bootstrap_intervals, paired_difference};
pub use calibration::{Calibration, fit_platt, fit_temperature};
pub use confusion::{Confusion, accuracy};
pub use decision::Decision;
pub use error::MetricError;
pub use measure::{Measure, auc, average_precision, equal_error_rate};
pub use probability::log_loss;
pub use ranking::Ranking;
pub use reliability::{Prior, ReliabilityBin, expected_calibration_error, reliability};
pub use roc::{
    RocCurve, roc_curve, threshold_at_equal_error_rate, threshold_at_fpr, true_positive_rate_at,
};
pub use summary::{PixelSummary, Summary};
pub use video::{FrameScore, VideoScore, aggregate_videos, video_indices};
pub use video_key::VideoKey;
