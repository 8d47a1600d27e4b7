//! Why a snippet network cannot be built.

use thiserror::Error;

/// Why a configuration cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnippetConfigError {
    /// A number that must be positive is zero.
    #[error("{0} must be positive")]
    Zero(&'static str),
    /// A kernel without a centre.
    #[error("intra.kernel_size must be odd, not {0}")]
    EvenKernel(usize),
    /// Channels that cannot be split into halves.
    #[error("Intra-SIM splits the channels in two: {0} cannot be")]
    OddChannels(usize),
    /// The backbone's blocks have one 3x3 convolution each too many.
    #[error(
        "the modules stand before the 3x3 convolution of a bottleneck: set backbone.depth = 50"
    )]
    NoBottleneck,
    /// The backbone was given a head of its own.
    #[error("backbone.classes must be absent: the model brings its own classifier")]
    BackboneHead,
    /// The backbone's number of stages is not 1 to 4.
    #[error("backbone.stages must be 1 to 4, not {0}")]
    Stages(usize),
    /// A module was placed where there is no stage.
    #[error("placement.stages names stage {stage}; the backbone has 1 to {stages}")]
    NoSuchStage {
        /// The stage asked for.
        stage: usize,
        /// Number of stages there are.
        stages: usize,
    },
}

/// The number, unless it is zero.
pub(crate) fn positive(field: &'static str, value: usize) -> Result<(), SnippetConfigError> {
    if value == 0 {
        Err(SnippetConfigError::Zero(field))
    } else {
        Ok(())
    }
}
