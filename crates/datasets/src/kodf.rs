//! KoDF (Kwon et al., 2021), as AI Hub publishes it: archives of videos, and tables that name them.
//!
//! `원본영상_training_메타데이터.csv` lists the real videos of the training part, `변조영상_...` the forged ones;
//! the same with `validation`. `영상ID` is the video's name, of forgeries `타겟영상` that of the real video and
//! `변조모델` the model; `UUID`, `타겟UUID` and `소스UUID`, where they are there, are the people. The tables lie
//! in folders called by 라벨링 or `meta`; a video may lie in any folder. Parts are downloaded one by one: a
//! model of which no video is there is not missed.

use std::collections::{BTreeMap, BTreeSet};

use face_preproc::manifest::{Split, relative_path};

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};
use crate::table::Table;
use crate::tree::{Tree, VIDEOS, within};
use crate::walk::{Walk, collect};

const DATASET: &str = "KoDF";
const REAL: &str = "원본영상_";
const FORGED: &str = "변조영상_";
const PARTS: [(&str, Split); 3] = [
    ("training", Split::Train),
    ("validation", Split::Val),
    ("test", Split::Test),
];
/// How deep the tables lie, and the videos.
const DEEPEST: [usize; 2] = [4, 8];

/// A row of a table; what is not told is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The video's name.
    pub video: String,
    /// The person seen.
    pub person: Option<String>,
    /// Of a forgery, the model.
    pub model: Option<String>,
    /// Of a forgery, the name of the real video.
    pub target: Option<String>,
    /// Of a forgery, who was put in.
    pub source: Option<String>,
}

/// A table of real videos, or of forgeries.
///
/// # Errors
///
/// [`ListError`]: no such table, or a name that is a path out of the folder.
pub fn parse(text: &str, forged: bool) -> Result<Vec<Listed>, ListError> {
    let table = Table::parse(text)?;
    let video = table.column("영상ID")?;
    let [target, model, source] = match forged {
        true => [
            Some(table.column("타겟영상")?),
            Some(table.column("변조모델")?),
            table.find("소스UUID"),
        ],
        false => [None; 3],
    };
    let person = table.find(if forged { "타겟UUID" } else { "UUID" });
    let read = |row: &csv::StringRecord| {
        let told = |column: Option<usize>| {
            let text = row[column?].trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        Ok(Listed {
            video: relative_path(row[video].trim())?,
            person: told(person),
            model: told(model),
            target: told(target),
            source: told(source),
        })
    };
    table.rows.iter().map(read).collect()
}

/// The tables below a folder, in folders that may hold them.
fn tables(tree: &Tree, folder: &str, depth: usize) -> Result<Vec<String>, DatasetError> {
    let mut found = Vec::new();
    for file in tree.files(folder, &["csv"])? {
        if file.starts_with(REAL) || file.starts_with(FORGED) {
            found.push(within(folder, &file));
        }
    }
    let may = |name: &str| {
        let name = name.to_lowercase();
        ["라벨링", "meta", "training", "validation"]
            .iter()
            .any(|word| name.contains(word))
    };
    if depth > 0 {
        for name in tree.folders(folder)?.into_iter().filter(|name| may(name)) {
            found.extend(tables(tree, &within(folder, &name), depth - 1)?);
        }
    }
    Ok(found)
}

pub(crate) fn is_here(tree: &Tree) -> Result<bool, DatasetError> {
    Ok(!tables(tree, "", DEEPEST[0])?.is_empty())
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let mut files = Vec::new();
    let mut walk = Walk::new(tree, &[String::new()]);
    collect(tree, &mut walk, 0, "", &VIDEOS, DEEPEST[1], &mut files)?;
    let mut there: BTreeMap<String, String> = BTreeMap::new();
    for path in files {
        if let Some(other) = there.insert(stem(&path).to_owned(), path) {
            tree.unlisted(other);
        }
    }
    let mut taken = BTreeSet::new();
    for name in tables(tree, "", DEEPEST[0])? {
        let part = PARTS
            .into_iter()
            .find(|(part, _)| name.contains(&format!("영상_{part}")));
        let forged = stem(&name).starts_with(FORGED);
        let text = tree.text(&name)?.unwrap_or_default();
        let rows = parse(&text, forged).map_err(tree.in_list(&name))?;
        let has = |row: &&Listed| there.contains_key(stem(&row.video));
        let begun: BTreeSet<_> = rows
            .iter()
            .filter(has)
            .map(|row| row.model.clone())
            .collect();
        for row in rows {
            let Some(path) = there.get(stem(&row.video)) else {
                if begun.contains(&row.model) {
                    tree.missing(row.video, "named by its part's table");
                }
                continue;
            };
            if !taken.insert(path.clone()) {
                continue;
            }
            let known = |id: String| format!("{DATASET}/{id}");
            let mut clip = Clip::new(DATASET, path.clone(), stem(path));
            clip.identity = row.person.map(known);
            clip.split = part.map(|(_, split)| split);
            if forged {
                clip = clip.forged(row.model.as_deref().unwrap_or("unknown"));
                clip.source_identity = row.source.map(known);
                let target = row.target.as_deref().map(stem);
                clip.original = target.and_then(|target| there.get(target).cloned());
            }
            tree.push(clip);
        }
    }
    for path in there.into_values().filter(|path| !taken.contains(path)) {
        tree.unlisted(path);
    }
    Ok(())
}
