//! FakeAVCeleb, version 1.2 (Khalid et al., 2021), by its list `meta_data.csv` and the folders it names.
//!
//! Below the root lie `RealVideo-RealAudio`, `RealVideo-FakeAudio`, `FakeVideo-RealAudio` and
//! `FakeVideo-FakeAudio`, each with `RACE/GENDER/PERSON/CLIP.mp4`. The list has a line for each clip:
//! `source` (the person seen), `target1` and `target2` (who else it was made from, `-` for nobody), `method`,
//! `type` (the folder), `path` (the file's name) and, in a last column without a name, its folder below
//! `FakeAVCeleb`. Clips whose voice alone is forged are real here: nothing in their pictures is. Some
//! clips have two lines, of which the first counts. A forgery's name begins with that of the real clip of
//! the same person.

use std::collections::BTreeMap;

use face_preproc::manifest::{Label, relative_path};

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};
use crate::table::Table;
use crate::tree::Tree;

const DATASET: &str = "FakeAVCeleb";
const LIST: &str = "meta_data.csv";
const REALS: &str = "RealVideo-RealAudio";
const FOLDERS: [(&str, Label); 4] = [
    (REALS, Label::Real),
    ("RealVideo-FakeAudio", Label::Real),
    ("FakeVideo-RealAudio", Label::Forged),
    ("FakeVideo-FakeAudio", Label::Forged),
];

/// What the list says of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Whether its pictures are real or forged.
    pub label: Label,
    /// What made it, as the list calls it; `real` where nothing did.
    pub method: String,
    /// The person seen.
    pub person: String,
    /// Who else it was made from.
    pub other: Option<String>,
}

/// `meta_data.csv`, by path below the root.
///
/// # Errors
///
/// [`ListError`]: no such table, a path out of the folder, or a type that is not the clip's folder.
pub fn parse(text: &str) -> Result<BTreeMap<String, Listed>, ListError> {
    let table = Table::parse(text)?;
    let columns = ["source", "target1", "method", "type", "path"];
    let mut at = [0; 5];
    for (at, name) in at.iter_mut().zip(columns) {
        *at = table.column(name)?;
    }
    let mut listed = BTreeMap::new();
    for row in &table.rows {
        let [person, other, method, kind, file] = at.map(|column| &row[column]);
        let folder = &row[row.len() - 1];
        let folder = folder.strip_prefix("FakeAVCeleb/").unwrap_or(folder);
        let path = relative_path(&format!("{folder}/{file}"))?;
        let known = FOLDERS.into_iter().find(|(name, _)| *name == kind);
        let Some((_, label)) = known.filter(|_| path.split('/').next() == Some(kind)) else {
            return Err(ListError::entry(&path, "its type is not its folder"));
        };
        listed.entry(path).or_insert_with(|| Listed {
            label,
            method: method.to_owned(),
            person: person.to_owned(),
            other: (other != "-").then(|| other.to_owned()),
        });
    }
    Ok(listed)
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has(LIST) && FOLDERS.iter().any(|(folder, _)| tree.has_folder(folder))
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let Some(text) = tree.text(LIST)? else {
        tree.missing(LIST, "the labels");
        return Ok(());
    };
    let listed = parse(&text).map_err(tree.in_list(LIST))?;
    for (path, entry) in &listed {
        let Some(found) = tree.need_video(path.clone(), "named by meta_data.csv")? else {
            continue;
        };
        let name = path
            .rsplit_once('.')
            .map_or(path.as_str(), |(name, _)| name);
        let mut clip = Clip::new(DATASET, found, name);
        let known = |id: &str| format!("{DATASET}/{id}");
        clip.identity = Some(known(&entry.person));
        if entry.label.is_forged() {
            clip = clip.forged(&entry.method);
            clip.source_identity = entry.other.as_deref().map(known);
            if let Some(real) = original(path).filter(|real| listed.contains_key(real)) {
                clip.original = tree.need_video(real, "the real clip of a forgery")?;
            }
        }
        tree.push(clip);
    }
    Ok(())
}

/// Where the real clip of a forgery would be.
fn original(path: &str) -> Option<String> {
    let (_, below) = path.split_once('/')?;
    let (folder, file) = below.rsplit_once('/')?;
    let number = stem(file).split('_').next()?;
    Some(format!("{REALS}/{folder}/{number}.mp4"))
}
