//! What can go wrong while a forgery is made.

use std::fmt;

use forgery_masks::SsimError;

/// The face of a pair that an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The face whose picture is kept outside the mask.
    Target,
    /// The face whose pixels go inside the mask.
    Source,
    /// The face of a forged picture.
    Fake,
    /// The face of the real picture that a forged one was made from.
    Real,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "target",
            Self::Source => "source",
            Self::Fake => "fake",
            Self::Real => "real picture",
        })
    }
}

/// Why no forgery could be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A landmark is NaN or infinite.
    #[error("landmark {index} of the {role} is not a finite point")]
    NonFinite {
        /// The face it belongs to.
        role: Role,
        /// Its place in dlib's order, 0 ..= 67.
        index: usize,
    },
    /// The landmarks lie on one line or in one point, so that they enclose nothing.
    #[error("the landmarks of the {0} enclose no area")]
    Degenerate(Role),
    /// More than half of the landmarks lie outside the picture.
    #[error("{outside} of 68 landmarks of the {role} lie outside its picture")]
    OutsidePicture {
        /// The face they belong to.
        role: Role,
        /// How many of them.
        outside: usize,
    },
    /// Two pictures, or a picture and its mask, differ in size.
    #[error("expected a size of {expected:?} pixels, found {found:?}")]
    SizeMismatch {
        /// Width and height of the target.
        expected: (u32, u32),
        /// Width and height of the other one.
        found: (u32, u32),
    },
    /// A region reaches beyond the picture it is cut from.
    #[error("a region reaches beyond its picture of {0:?} pixels")]
    RegionOutside((u32, u32)),
    /// A picture has no pixels.
    #[error("the picture of the {0} has no pixels")]
    EmptyPicture(Role),
    /// The mask is zero everywhere, so that nothing would be forged.
    #[error("the mask is empty: the hull has no area inside the picture")]
    EmptyMask,
    /// A number of the configuration is out of its range.
    #[error("configuration: `{field}` must be {expected}")]
    Config {
        /// The field's name.
        field: &'static str,
        /// The values it may take.
        expected: &'static str,
    },
    /// A probability or a range of an augmentation is out of its limits.
    #[error(
        "configuration: `{field}` needs a probability from 0 to 1 and a range, the smaller number first, of {unit}"
    )]
    Chance {
        /// The augmentation's name.
        field: &'static str,
        /// The unit and limits of its range.
        unit: &'static str,
    },
    /// The landmark index was given nothing, or lists of different lengths.
    #[error(
        "a landmark index needs one identity for each of at least one face, got {faces} faces and {identities} identities"
    )]
    IndexInput {
        /// Number of landmark sets.
        faces: usize,
        /// Number of identities.
        identities: usize,
    },
    /// No face of the index has another identity than the query.
    #[error("the landmark index holds no face of another identity than {0}")]
    NoOtherIdentity(u32),
    /// Two pictures cannot be compared.
    #[error("similarity: {0}")]
    Ssim(#[from] SsimError),
    /// The JPEG codec refused a picture.
    #[error("JPEG: {0}")]
    Jpeg(String),
    /// A picture could not be written or read as H.264.
    #[error("H.264: {0}")]
    H264(String),
}
