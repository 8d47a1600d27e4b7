#![doc = include_str!("../README.md")]

mod bootstrap;
mod confusion;
mod error;
mod measure;
mod probability;
mod ranking;
mod roc;
mod summary;
mod video;

pub use bootstrap::{Estimate, bootstrap_interval, bootstrap_intervals};
pub use confusion::{Confusion, accuracy};
pub use error::MetricError;
pub use measure::{Measure, auc, average_precision, equal_error_rate};
pub use probability::{brier_score, log_loss};
pub use ranking::Ranking;
pub use roc::{RocCurve, roc_curve, threshold_at_equal_error_rate, threshold_at_fpr};
pub use summary::{PixelSummary, Summary};
pub use video::{FrameScore, VideoKey, VideoScore, aggregate_videos, video_indices};
