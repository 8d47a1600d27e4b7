#![doc = include_str!("../README.md")]

mod config;
pub mod equations;
mod head;
mod layers;
mod model;
mod ocr;
mod official;
mod scu;
mod terms;
mod training;
mod transformer;

pub use config::{LisiamConfig, LisiamConfigError};
pub use head::MlpHead;
pub use layers::Dropout;
pub use model::{Lisiam, LisiamOutput};
pub use ocr::OcrBlock;
pub use official::official_names;
pub use scu::{ScuConvolution, SeparableConvolutionUnit};
pub use terms::{BranchBatches, FrozenStatistics, LossTerms};
pub use training::{LisiamLoss, LisiamPair};
pub use transformer::MaskGuidedTransformer;
