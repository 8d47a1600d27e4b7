//! How many clips there are, beside how many were published.

use std::collections::BTreeMap;

use face_preproc::manifest::{Label, Split};

use crate::clip::Clip;
use crate::layout::Layout;

/// Clips of one method, compression and part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Real or forged.
    pub label: Label,
    /// What forged them.
    pub method: String,
    /// Their compression.
    pub compression: Option<String>,
    /// Their part.
    pub split: Option<Split>,
    /// How many.
    pub clips: usize,
}

/// Counts the clips of each label, method, compression and part, in this order.
pub fn count(clips: &[Clip]) -> Vec<Count> {
    let mut counts = BTreeMap::new();
    for clip in clips {
        let key = (clip.label, &clip.method, &clip.compression, clip.split);
        *counts.entry(key).or_insert(0) += 1;
    }
    let counts = counts.into_iter();
    counts
        .map(|((label, method, compression, split), clips)| Count {
            label,
            method: method.clone(),
            compression: compression.clone(),
            split,
            clips,
        })
        .collect()
}

/// How many clips were published of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Real or forged.
    pub label: Label,
    /// Each of these methods; empty for all of the label together.
    pub methods: &'static [&'static str],
    /// The part; `None` for all parts together.
    pub split: Option<Split>,
    /// How many, in each compression.
    pub clips: usize,
}

const fn published(
    label: Label,
    methods: &'static [&'static str],
    split: Option<Split>,
    clips: usize,
) -> Published {
    Published {
        label,
        methods,
        split,
        clips,
    }
}

impl Layout {
    /// The numbers of clips that the data set's publication states; none for layouts that are
    /// nobody's data set, and where it states none.
    pub fn published(self) -> &'static [Published] {
        use Label::{Forged, Real};
        use Split::{Test, Train, Val};

        use crate::celeb_df_pp::{FACE_SWAPS, REENACTMENTS, TALKING_FACES};
        use crate::deeper_forensics::VARIANTS;
        use crate::faceforensics::METHODS;
        const FACEFORENSICS: [Published; 8] = [
            published(Real, &["real"], None, 1000),
            published(Real, &["real"], Some(Train), 720),
            published(Real, &["real"], Some(Val), 140),
            published(Real, &["real"], Some(Test), 140),
            published(Forged, &METHODS, None, 1000),
            published(Forged, &METHODS, Some(Train), 720),
            published(Forged, &METHODS, Some(Val), 140),
            published(Forged, &METHODS, Some(Test), 140),
        ];
        const DEEPER_FORENSICS: [Published; 4] = [
            published(Forged, &VARIANTS, None, 1000),
            published(Forged, &VARIANTS, Some(Train), 703),
            published(Forged, &VARIANTS, Some(Val), 96),
            published(Forged, &VARIANTS, Some(Test), 201),
        ];
        // The README's section on the split.
        const CELEB_DF_PP: [Published; 4] = [
            published(Real, &[], Some(Test), 178),
            published(Forged, &FACE_SWAPS, Some(Test), 200),
            published(Forged, &REENACTMENTS, Some(Test), 200),
            published(Forged, &TALKING_FACES, Some(Test), 300),
        ];
        match self {
            Self::Faceforensics => &FACEFORENSICS,
            Self::Dfd => {
                &const {
                    [
                        published(Real, &[], None, 363),
                        published(Forged, &[], None, 3068),
                    ]
                }
            }
            Self::CelebDfV1 => {
                &const {
                    [
                        published(Real, &[], None, 408),
                        published(Forged, &[], None, 795),
                        published(Real, &[], Some(Test), 38),
                        published(Forged, &[], Some(Test), 62),
                    ]
                }
            }
            Self::CelebDfV2 => {
                &const {
                    [
                        published(Real, &[], None, 890),
                        published(Forged, &[], None, 5639),
                        published(Real, &[], Some(Test), 178),
                        published(Forged, &[], Some(Test), 340),
                    ]
                }
            }
            Self::CelebDfPp => &CELEB_DF_PP,
            // The README: 10,000 forgeries.
            Self::Ffiw => &const { [published(Forged, &[], None, 10_000)] },
            // Five groups of 100 people, each with a clip whose voice is forged.
            Self::Fakeavceleb => &const { [published(Real, &[], None, 1000)] },
            // The paper's table of data sets, test part included.
            Self::Kodf => {
                &const {
                    [
                        published(Real, &[], None, 62_166),
                        published(Forged, &[], None, 175_776),
                    ]
                }
            }
            Self::DfdcTest => {
                &const {
                    [
                        published(Real, &[], Some(Test), 2500),
                        published(Forged, &[], Some(Test), 2500),
                    ]
                }
            }
            Self::DfdcPreview => {
                &const {
                    [
                        published(Real, &[], Some(Test), 276),
                        published(Forged, &[], Some(Test), 504),
                    ]
                }
            }
            Self::DeeperForensics => &DEEPER_FORENSICS,
            Self::DfdcTrain
            | Self::WildDeepfake
            | Self::Forgerynet
            | Self::DeepfakeEval2024
            | Self::Scaledf
            | Self::DeepsafeBench
            | Self::DeepfakeBench
            | Self::Manifest
            | Self::Folder => &[],
        }
    }
}
