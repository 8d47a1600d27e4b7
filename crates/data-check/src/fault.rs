//! What can be wrong with a data set.

use serde::Serialize;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// Of which kind.
    pub kind: FaultKind,
    /// The clip or file, relative to the data set's folder.
    pub path: String,
    /// The other clip or file, where two do not go together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// What is wrong, in words.
    pub what: String,
}

/// Kinds of faults, those that make results wrong first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A person is in two parts.
    IdentityAcrossSplits,
    /// Two clips are the same bytes.
    SameFile,
    /// Two clips look the same, and are in two parts or of two classes.
    NearDuplicate,
    /// A label contradicts the name of a folder.
    Label,
    /// A list contradicts itself or the layout, or cannot be read.
    List,
    /// A row stands twice in a list.
    DuplicateRow,
    /// A class or a part has no clips.
    EmptyPart,
    /// A list names what is not there.
    Absent,
    /// A forgery's real clip is not there.
    NoOriginal,
    /// A forgery's mask is not there.
    NoMask,
    /// A mask is not of its clip.
    Mask,
    /// A clip is there that no list names.
    Unlisted,
    /// A link leads in a circle, or into another class.
    Circle,
    /// A file without a byte.
    EmptyFile,
    /// A file ends before it should.
    Truncated,
    /// A file that is something else than its name says.
    NotAClip,
    /// A file that cannot be read.
    Unreadable,
    /// A clip is compressed otherwise than its folder says.
    Compression,
    /// A forgery has not as many frames as its original.
    FrameCount,
    /// A clip has too few frames.
    FewFrames,
    /// A forgery is not as large as its original, or pictures are too small or of several sizes.
    Size,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::IdentityAcrossSplits,
        Self::SameFile,
        Self::NearDuplicate,
        Self::Label,
        Self::List,
        Self::DuplicateRow,
        Self::EmptyPart,
        Self::Absent,
        Self::NoOriginal,
        Self::NoMask,
        Self::Mask,
        Self::Unlisted,
        Self::Circle,
        Self::EmptyFile,
        Self::Truncated,
        Self::NotAClip,
        Self::Unreadable,
        Self::Compression,
        Self::FrameCount,
        Self::FewFrames,
        Self::Size,
    ];

    /// Its name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdentityAcrossSplits => "identity-across-splits",
            Self::SameFile => "same-file",
            Self::NearDuplicate => "near-duplicate",
            Self::Label => "label",
            Self::List => "list",
            Self::DuplicateRow => "duplicate-row",
            Self::EmptyPart => "empty-part",
            Self::Absent => "absent",
            Self::NoOriginal => "no-original",
            Self::NoMask => "no-mask",
            Self::Mask => "mask",
            Self::Unlisted => "unlisted",
            Self::Circle => "circle",
            Self::EmptyFile => "empty-file",
            Self::Truncated => "truncated",
            Self::NotAClip => "not-a-clip",
            Self::Unreadable => "unreadable",
            Self::Compression => "compression",
            Self::FrameCount => "frame-count",
            Self::FewFrames => "few-frames",
            Self::Size => "size",
        }
    }

    /// What it means for whoever uses the data.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::IdentityAcrossSplits => {
                "a detector may know the person from training: test scores are too good"
            }
            Self::SameFile => "a clip counts twice, or is learnt and tested, or has two labels",
            Self::NearDuplicate => {
                "what looks the same is learnt and tested, or has two labels; look at both"
            }
            Self::Label => "either the label or the folder is wrong",
            Self::List => "nothing that the list says can be relied on",
            Self::DuplicateRow => "a picture counts twice; remove one of both",
            Self::EmptyPart => "no measure that needs it is defined",
            Self::Absent => "the copy is not whole, or the list is of another version",
            Self::NoOriginal => "pairs, masks by difference and crops by the original are missing",
            Self::NoMask => "the forgery teaches no place",
            Self::Mask => "places are taught that are not forged",
            Self::Unlisted => "nothing tells its label or its part; it is not used",
            Self::Circle => "it was not followed",
            Self::EmptyFile => "a copy or download was cut off; get it again",
            Self::Truncated => "a copy or download was cut off; get it again",
            Self::NotAClip => "often a page that says why a download failed; get it again",
            Self::Unreadable => "it is damaged or of a format that is not read here",
            Self::Compression => "results by compression are of another compression",
            Self::FrameCount => "frame by frame it does not go with its original",
            Self::FewFrames => "it is passed over where more frames are wanted",
            Self::Size => {
                "it does not go with its original pixel by pixel, or is too small to judge"
            }
        }
    }
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, path: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            kind,
            path: path.into(),
            other: None,
            what: what.into(),
        }
    }

    pub(crate) fn with(self, other: impl Into<String>) -> Self {
        Self {
            other: Some(other.into()),
            ..self
        }
    }
}
