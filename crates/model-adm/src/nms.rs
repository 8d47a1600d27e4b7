//! Which boxes to show.

use core_tensor_ops::ForgedBox;
use serde::{Deserialize, Serialize};

use crate::boxes::intersection_over_union;

/// What a box must be to be shown. Neither the paper nor the official code shows boxes; the
/// overlap is the default of the official code's unused suppression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoxSelection {
    /// Least confidence, in `0..=1`.
    pub confidence: f32,
    /// Intersection over union, in `0..=1`, beyond which the less sure of two boxes is dropped.
    pub overlap: f32,
    /// The most boxes of a crop.
    pub most: usize,
}

impl Default for BoxSelection {
    fn default() -> Self {
        Self {
            confidence: 0.5,
            overlap: 0.5,
            most: 20,
        }
    }
}

impl BoxSelection {
    /// Greedy non-maximum suppression: of the boxes that are sure enough, the surest is kept and
    /// those that overlap it too much are dropped, until none is left or enough are kept.
    ///
    /// Returns boxes of the input, the surest first; equally sure ones in the order of the input.
    pub fn select(&self, mut boxes: Vec<ForgedBox>) -> Vec<ForgedBox> {
        boxes.retain(|candidate| candidate.confidence >= self.confidence);
        boxes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let mut kept: Vec<ForgedBox> = Vec::new();
        for candidate in boxes {
            if kept.len() == self.most {
                break;
            }
            let free = |one: &ForgedBox| {
                intersection_over_union(one.corners, candidate.corners) <= self.overlap
            };
            if kept.iter().all(free) {
                kept.push(candidate);
            }
        }
        kept
    }
}
