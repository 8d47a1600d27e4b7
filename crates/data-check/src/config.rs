//! What is looked at, and from where on something is a fault.

use serde::Serialize;

/// What is looked at, and from where on something is a fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckConfig {
    /// Frames of each clip that are decoded, spread from the first to the last; at least 1. A
    /// damaged place between them is not seen.
    pub frames: usize,
    /// Clips with fewer frames have too few, a choice: the snippet model's 4 runs of 4 frames need 16.
    pub least_frames: usize,
    /// Pixels of the shorter side below which a picture is too small, a choice.
    pub least_side: u32,
    /// Share of the bits of two perceptual hashes that may differ, in [0, 1], where pictures are near
    /// duplicates; a choice, measured in the README. 0 compares for equal hashes.
    pub nearness: f64,
}

impl Default for CheckConfig {
    fn default() -> Self {
        Self {
            frames: 5,
            least_frames: 16,
            least_side: 64,
            nearness: 0.12,
        }
    }
}
