//! What a network cannot see, for readers of its verdicts.

use std::fmt;

use crate::model::Snippet;

/// Something that a verdict does not rest on, in words by its `Display`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlindSpot {
    /// `T` is 1: there is no motion within a snippet.
    OneFrame,
    /// `U` is 1: there is nothing across snippets.
    OneSnippet,
    /// The network has no Intra-SIM.
    NoIntra,
    /// The network has no Inter-SIM.
    NoInter,
}

impl fmt::Display for BlindSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneFrame => "snippets of one frame: motion between successive frames is not seen",
            Self::OneSnippet => "a clip of one snippet: inconsistency across the clip is not seen",
            Self::NoIntra => {
                "no Intra-SIM in the network: motion between successive frames is not seen"
            }
            Self::NoInter => {
                "no Inter-SIM in the network: snippets are judged each alone and averaged"
            }
        })
    }
}

impl Snippet {
    /// What this network cannot see in clips of so many snippets; empty for the paper's.
    pub fn blind_spots(&self, snippets: usize) -> Vec<BlindSpot> {
        let within = match (self.intra.is_empty(), self.frames) {
            (true, _) => Some(BlindSpot::NoIntra),
            (false, 1) => Some(BlindSpot::OneFrame),
            _ => None,
        };
        let across = match (self.inter.is_empty(), snippets) {
            (true, 2..) => Some(BlindSpot::NoInter),
            (_, 0 | 1) => Some(BlindSpot::OneSnippet),
            _ => None,
        };
        within.into_iter().chain(across).collect()
    }
}
