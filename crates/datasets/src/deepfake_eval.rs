//! Deepfake-Eval-2024 (Chandra et al., 2025): what was passed around in 2024, by the lists that come with it.
//!
//! `video-metadata-publish.csv` and `image-metadata-publish.csv` (or the same with `-with-links`) name the
//! files of `video-data` and `image-data` in the column `Filename`; `Video Ground Truth`, of pictures
//! `Ground Truth`, is `Real` or `Fake`, `Finetuning Set` the part. What the list calls neither real nor
//! forged is unlisted. Its sounds are left alone. Who is seen and what forged it is not said.

use face_preproc::manifest::{Label, Split, relative_path};

use crate::clip::{Clip, Kind};
use crate::error::{DatasetError, ListError};
use crate::table::Table;
use crate::tree::Tree;

const DATASET: &str = "Deepfake-Eval-2024";
/// What its two parts are called, and the column of their labels.
const MEDIA: [(&str, &str, Kind); 2] = [
    ("video", "Video Ground Truth", Kind::Video),
    ("image", "Ground Truth", Kind::Picture),
];

/// What a list says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The file's name.
    pub file: String,
    /// Real or forged, where it is told.
    pub label: Option<Label>,
    /// Its part, where it is told.
    pub split: Option<Split>,
}

/// A list, with the labels in the column `truth`.
///
/// # Errors
///
/// [`ListError`]: no such table, or a path out of the folder.
pub fn parse(text: &str, truth: &str) -> Result<Vec<Listed>, ListError> {
    let table = Table::parse(text)?;
    let [file, truth] = [table.column("Filename")?, table.column(truth)?];
    let part = table.find("Finetuning Set");
    let word = |text: &str| text.trim().to_ascii_lowercase();
    let read = |row: &csv::StringRecord| {
        Ok(Listed {
            file: relative_path(&row[file])?,
            label: match word(&row[truth]).as_str() {
                "real" => Some(Label::Real),
                "fake" => Some(Label::Forged),
                _ => None,
            },
            split: part.and_then(|part| match word(&row[part]).as_str() {
                "train" => Some(Split::Train),
                "val" => Some(Split::Val),
                "test" => Some(Split::Test),
                _ => None,
            }),
        })
    };
    table.rows.iter().map(read).collect()
}

/// The list of one of the two parts, where it is there.
fn list_of(tree: &Tree, media: &str) -> Option<String> {
    let names = ["", "-with-links"].map(|end| format!("{media}-metadata-publish{end}.csv"));
    names.into_iter().find(|name| tree.has(name))
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    MEDIA
        .iter()
        .any(|(media, ..)| list_of(tree, media).is_some())
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    for (media, truth, kind) in MEDIA {
        let folder = format!("{media}-data");
        // One of the two parts is enough.
        let name = list_of(tree, media).filter(|_| tree.has_folder(&folder));
        let Some(name) = name else {
            continue;
        };
        let text = tree.text(&name)?.unwrap_or_default();
        for entry in parse(&text, truth).map_err(tree.in_list(&name))? {
            let path = format!("{folder}/{}", entry.file);
            let Some(path) = tree.need(path, "named by the list of its kind") else {
                continue;
            };
            let Some(label) = entry.label else {
                tree.unlisted(path);
                continue;
            };
            let mut clip = Clip::new(DATASET, path.clone(), &path);
            if label.is_forged() {
                clip = clip.forged("unknown");
            }
            clip.kind = kind.clone();
            clip.split = entry.split;
            tree.push(clip);
        }
    }
    Ok(())
}
