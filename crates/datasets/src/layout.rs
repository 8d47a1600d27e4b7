//! Which layout a folder has.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::DatasetError;
use crate::folder::Classes;
use crate::tree::{Listing, Tree};
use crate::{
    celeb_df, celeb_df_pp, deeper_forensics, deepfake_bench, deepfake_eval, deepsafe_bench, dfd,
    dfdc, dfdc_preview, faceforensics, fakeavceleb, ffiw, folder, forgerynet, kodf, manifest,
    scaledf, wild_deepfake,
};

/// A data set's layout; see the module of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// [`faceforensics`](crate::faceforensics).
    Faceforensics,
    /// [`dfd`](crate::dfd).
    Dfd,
    /// [`celeb_df`](crate::celeb_df), version 1.
    CelebDfV1,
    /// [`celeb_df`](crate::celeb_df), version 2.
    CelebDfV2,
    /// [`celeb_df_pp`](crate::celeb_df_pp).
    CelebDfPp,
    /// [`ffiw`](crate::ffiw).
    Ffiw,
    /// [`fakeavceleb`](crate::fakeavceleb).
    Fakeavceleb,
    /// [`forgerynet`](crate::forgerynet).
    Forgerynet,
    /// [`kodf`](crate::kodf).
    Kodf,
    /// [`deepfake_eval`](crate::deepfake_eval).
    #[serde(rename = "deepfake-eval-2024")]
    DeepfakeEval2024,
    /// ScaleDF, unpacked.
    Scaledf,
    /// [`deepsafe_bench`](crate::deepsafe_bench).
    DeepsafeBench,
    /// [`dfdc`](crate::dfdc), training parts.
    DfdcTrain,
    /// [`dfdc`](crate::dfdc), test set.
    DfdcTest,
    /// [`dfdc_preview`](crate::dfdc_preview).
    DfdcPreview,
    /// [`deeper_forensics`](crate::deeper_forensics).
    DeeperForensics,
    /// [`wild_deepfake`](crate::wild_deepfake).
    WildDeepfake,
    /// [`deepfake_bench`](crate::deepfake_bench).
    DeepfakeBench,
    /// A manifest, `faces.json`.
    Manifest,
    /// Folders `real` and `fake`.
    Folder,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 20] = [
        Self::Faceforensics,
        Self::Dfd,
        Self::CelebDfV1,
        Self::CelebDfV2,
        Self::CelebDfPp,
        Self::Ffiw,
        Self::Fakeavceleb,
        Self::Forgerynet,
        Self::Kodf,
        Self::DeepfakeEval2024,
        Self::Scaledf,
        Self::DeepsafeBench,
        Self::DfdcTrain,
        Self::DfdcTest,
        Self::DfdcPreview,
        Self::DeeperForensics,
        Self::WildDeepfake,
        Self::DeepfakeBench,
        Self::Manifest,
        Self::Folder,
    ];

    /// Its name on command lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Faceforensics => "faceforensics",
            Self::Dfd => "dfd",
            Self::CelebDfV1 => "celeb-df-v1",
            Self::CelebDfV2 => "celeb-df-v2",
            Self::CelebDfPp => "celeb-df-pp",
            Self::Ffiw => "ffiw",
            Self::Fakeavceleb => "fakeavceleb",
            Self::Forgerynet => "forgerynet",
            Self::Kodf => "kodf",
            Self::DeepfakeEval2024 => "deepfake-eval-2024",
            Self::Scaledf => "scaledf",
            Self::DeepsafeBench => "deepsafe-bench",
            Self::DfdcTrain => "dfdc-train",
            Self::DfdcTest => "dfdc-test",
            Self::DfdcPreview => "dfdc-preview",
            Self::DeeperForensics => "deeper-forensics",
            Self::WildDeepfake => "wild-deepfake",
            Self::DeepfakeBench => "deepfake-bench",
            Self::Manifest => "manifest",
            Self::Folder => "folder",
        }
    }

    /// The layouts that a folder has: one as a rule, two where DFD lies beside FaceForensics++ as
    /// their download puts it. A manifest and plain folders only count where nothing else does.
    ///
    /// # Errors
    ///
    /// [`DatasetError::Unknown`] for a folder of no known layout, [`DatasetError::Io`] for one that
    /// cannot be read.
    pub fn detect(root: impl AsRef<Path>) -> Result<Vec<Self>, DatasetError> {
        let root = root.as_ref();
        let tree = Tree::new(root);
        std::fs::read_dir(root).map_err(|source| DatasetError::Io {
            path: root.into(),
            source,
        })?;
        let found = Self::within(&tree)?;
        if found.is_empty() {
            return Err(Self::unknown(&tree)?);
        }
        Ok(found)
    }

    /// The layouts of a folder; none where none is known.
    fn within(tree: &Tree) -> Result<Vec<Self>, DatasetError> {
        let mut found = Vec::new();
        if deeper_forensics::is_here(tree) {
            // What else is here of FaceForensics++ is this data set's real class.
            found.push(Self::DeeperForensics);
        } else if faceforensics::is_here(tree) {
            found.push(Self::Faceforensics);
        }
        if dfd::is_here(tree) {
            found.push(Self::Dfd);
        }
        if ffiw::is_here(tree) {
            found.push(Self::Ffiw);
        }
        if celeb_df_pp::is_here(tree) {
            found.push(Self::CelebDfPp);
        } else if celeb_df::is_here(tree) {
            found.push(match celeb_df::is_version_1(tree)? {
                true => Self::CelebDfV1,
                false => Self::CelebDfV2,
            });
        }
        if dfdc_preview::is_here(tree) {
            found.push(Self::DfdcPreview);
        }
        if wild_deepfake::is_here(tree) {
            found.push(Self::WildDeepfake);
        }
        if fakeavceleb::is_here(tree) {
            found.push(Self::Fakeavceleb);
        }
        if forgerynet::is_here(tree)? {
            found.push(Self::Forgerynet);
        }
        if deepfake_eval::is_here(tree) {
            found.push(Self::DeepfakeEval2024);
        }
        if scaledf::is_here(tree)? {
            found.push(Self::Scaledf);
        }
        if deepsafe_bench::is_here(tree) {
            found.push(Self::DeepsafeBench);
        }
        if found.is_empty() {
            found.extend(Self::weakly(tree)?);
        }
        Ok(found)
    }

    /// That a folder is of no known layout, and what is in it.
    fn unknown(tree: &Tree) -> Result<DatasetError, DatasetError> {
        /// Folders that are looked into and named.
        const MOST: usize = 16;
        let folders: Vec<String> = tree.folders("")?.into_iter().take(MOST).collect();
        let known = folders.iter().find_map(|folder| {
            let inside = tree.root().join(folder);
            let layout = *Self::within(&Tree::new(&inside)).ok()?.first()?;
            Some((inside, layout.as_str()))
        });
        Ok(DatasetError::Unknown {
            path: tree.root().into(),
            folders,
            inside: known,
        })
    }

    /// The layout of a folder by files that any data set may have.
    fn weakly(tree: &Tree) -> Result<Option<Self>, DatasetError> {
        Ok(if manifest::is_here(tree) {
            Some(Self::Manifest)
        } else if kodf::is_here(tree)? {
            Some(Self::Kodf)
        } else if dfdc::is_train(tree)? {
            Some(Self::DfdcTrain)
        } else if deepfake_bench::is_here(tree)? {
            Some(Self::DeepfakeBench)
        } else if folder::is_here(tree)? {
            Some(Self::Folder)
        } else {
            dfdc::is_test(tree)?.then_some(Self::DfdcTest)
        })
    }
}

/// Lists the clips of a data set. No video is opened.
///
/// # Errors
///
/// [`DatasetError`]: a folder or list that cannot be read, a list that is not what it should be, a
/// path in one that leads out of the folder. Files that are merely absent are
/// [`Listing::missing`].
pub fn read(root: impl AsRef<Path>, layout: Layout) -> Result<Listing, DatasetError> {
    let mut tree = Tree::new(root.as_ref());
    match layout {
        Layout::Faceforensics => faceforensics::list(&mut tree),
        Layout::Dfd => dfd::list(&mut tree),
        Layout::CelebDfV1 => celeb_df::list(&mut tree, "Celeb-DF-v1"),
        Layout::CelebDfV2 => celeb_df::list(&mut tree, "Celeb-DF-v2"),
        Layout::CelebDfPp => celeb_df_pp::list(&mut tree),
        Layout::Ffiw => ffiw::list(&mut tree),
        Layout::Fakeavceleb => fakeavceleb::list(&mut tree),
        Layout::Forgerynet => forgerynet::list(&mut tree),
        Layout::Kodf => kodf::list(&mut tree),
        Layout::DeepfakeEval2024 => deepfake_eval::list(&mut tree),
        Layout::Scaledf => scaledf::list(&mut tree),
        Layout::DeepsafeBench => deepsafe_bench::list(&mut tree),
        Layout::DfdcTrain => dfdc::list_train(&mut tree),
        Layout::DfdcTest => dfdc::list_test(&mut tree),
        Layout::DfdcPreview => dfdc_preview::list(&mut tree),
        Layout::DeeperForensics => deeper_forensics::list(&mut tree),
        Layout::WildDeepfake => wild_deepfake::list(&mut tree),
        Layout::DeepfakeBench => deepfake_bench::list(&mut tree),
        Layout::Manifest => manifest::list(&mut tree),
        Layout::Folder => folder::list(&mut tree, &Classes::default()),
    }?;
    Ok(tree.finish())
}

/// Lists a plain folder of which the classes' folders are called otherwise than [`read`] knows.
///
/// # Errors
///
/// As [`read`].
pub fn read_classes(root: impl AsRef<Path>, classes: &Classes) -> Result<Listing, DatasetError> {
    let mut tree = Tree::new(root.as_ref());
    folder::list(&mut tree, classes)?;
    Ok(tree.finish())
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no layout's; the text says which there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no layout; expected one of {}", Layout::ALL.map(Layout::as_str).join(", "))]
pub struct UnknownLayout {
    name: String,
}

impl FromStr for Layout {
    type Err = UnknownLayout;

    fn from_str(text: &str) -> Result<Self, UnknownLayout> {
        let layout = Self::ALL.into_iter().find(|layout| layout.as_str() == text);
        layout.ok_or_else(|| UnknownLayout { name: text.into() })
    }
}
