//! The ways of swapping, and how often each is taken.

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::i2g::pick;

/// A way of swapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Swap {
    /// Global: the fake's face in the source.
    FakeIntoSource,
    /// Global: the source's face in the fake.
    SourceIntoFake,
    /// Global: the fake as it is.
    Untouched,
    /// A window of the fake in the source.
    Partial,
}

impl Swap {
    /// Every way.
    pub const ALL: [Self; 4] = [
        Self::FakeIntoSource,
        Self::SourceIntoFake,
        Self::Untouched,
        Self::Partial,
    ];
}

/// How often each [`Swap`] is drawn, relative to the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each field is the weight of the swap of its name"
)]
pub struct SwapWeights {
    #[serde(default)]
    pub fake_into_source: f32,
    #[serde(default)]
    pub source_into_fake: f32,
    #[serde(default)]
    pub untouched: f32,
    #[serde(default)]
    pub partial: f32,
}

/// The official code's: one swap in five is partial; of the others half put the source's face into
/// the fake (which a comment there calls "fake to source"), a quarter the fake's into the source, and
/// a quarter leave the fake as it is.
impl Default for SwapWeights {
    fn default() -> Self {
        Self {
            fake_into_source: 0.2,
            source_into_fake: 0.4,
            untouched: 0.2,
            partial: 0.2,
        }
    }
}

impl SwapWeights {
    /// Always this swap.
    pub fn only(swap: Swap) -> Self {
        let weight = |s| f32::from(u8::from(s == swap));
        Self {
            fake_into_source: weight(Swap::FakeIntoSource),
            source_into_fake: weight(Swap::SourceIntoFake),
            untouched: weight(Swap::Untouched),
            partial: weight(Swap::Partial),
        }
    }

    pub(super) fn options(&self) -> [(Swap, f32); 4] {
        [
            (Swap::FakeIntoSource, self.fake_into_source),
            (Swap::SourceIntoFake, self.source_into_fake),
            (Swap::Untouched, self.untouched),
            (Swap::Partial, self.partial),
        ]
    }

    /// One swap at random. The weights must be valid.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> Swap {
        pick(&self.options(), rng)
    }
}
