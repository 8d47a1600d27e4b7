//! What a folder holds, by its layout and lists, and what is wrong with these.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use datasets::{Clip, DatasetError, Layout, Listing, What, class_of_folder};
use face_preproc::manifest::{Label, ManifestError, Split};
use face_store::Store;

use crate::error::CheckError;
use crate::fault::{Fault, FaultKind};
use crate::item::Item;

/// What is to be looked at.
pub(crate) struct Listed {
    /// Names of the layouts; `store` for a store.
    pub(crate) layouts: Vec<String>,
    pub(crate) known: Vec<Layout>,
    pub(crate) items: Vec<Item>,
    pub(crate) store: Option<Store>,
    pub(crate) faults: Vec<Fault>,
}

pub(crate) fn list(root: &Path, layout: Option<Layout>) -> Result<Listed, CheckError> {
    let mut listed = match layout {
        None if Store::is_store(root) => of_store(root)?,
        _ => of_layouts(root, layout)?,
    };
    let clips: Vec<&Clip> = listed.items.iter().map(|item| &item.clip).collect();
    let mut faults = Vec::new();
    labels(&clips, &mut faults);
    // Of a list that cannot be used nothing else is known.
    if !clips.is_empty() || listed.faults.is_empty() {
        parts(&clips, &mut faults);
    }
    if listed.store.is_none() {
        rows(&clips, &mut faults);
    }
    listed.faults.append(&mut faults);
    Ok(listed)
}

fn of_layouts(root: &Path, layout: Option<Layout>) -> Result<Listed, CheckError> {
    let known = match layout {
        Some(layout) => vec![layout],
        None => Layout::detect(root)?,
    };
    let (mut items, mut faults) = (Vec::new(), Vec::new());
    for &layout in &known {
        match datasets::read(root, layout) {
            Ok(listing) => {
                of_listing(&listing, &mut faults);
                let clips = listing.clips.into_iter();
                items.extend(clips.map(|clip| Item::of_clip(root, clip)));
            }
            Err(error) => faults.push(of_error(root, error)?),
        }
    }
    Ok(Listed {
        layouts: known.iter().map(ToString::to_string).collect(),
        known,
        items,
        store: None,
        faults,
    })
}

fn of_store(root: &Path) -> Result<Listed, CheckError> {
    let store = Store::open(root)?;
    let absent = |clip: &String| Fault::new(FaultKind::Absent, clip, "its shard is not there");
    let mut faults: Vec<Fault> = store.missing().clips.iter().map(absent).collect();
    let errors = store.errors().iter();
    faults.extend(errors.map(|e| Fault::new(FaultKind::Unreadable, &e.clip, &e.message)));
    Ok(Listed {
        layouts: vec!["store".into()],
        known: Vec::new(),
        items: Item::of_store(&store),
        store: Some(store),
        faults,
    })
}

fn of_listing(listing: &Listing, faults: &mut Vec<Fault>) {
    for missing in &listing.missing {
        let kind = match missing.what() {
            What::Mask => FaultKind::NoMask,
            What::Original => FaultKind::NoOriginal,
            // `parts` says so of a class.
            What::Class => continue,
            What::List | What::Clip => FaultKind::Absent,
        };
        faults.push(Fault::new(kind, &missing.path, missing.why));
    }
    let unlisted = listing.unlisted.iter();
    faults.extend(unlisted.map(|path| {
        Fault::new(
            FaultKind::Unlisted,
            path,
            "no list names it, or its name is of another form",
        )
    }));
    let circles = listing.circles.iter();
    faults.extend(circles.map(|path| {
        let what = "a link back, to another class, or to what was read already";
        Fault::new(FaultKind::Circle, path, what)
    }));
}

/// A list that cannot be used, as a fault; what is wrong with the folder itself stays an error.
fn of_error(root: &Path, error: DatasetError) -> Result<Fault, CheckError> {
    let below = |path: &Path| {
        let path = path.strip_prefix(root).unwrap_or(path);
        path.to_string_lossy().into_owned()
    };
    Ok(match &error {
        DatasetError::List { path, source } => {
            Fault::new(FaultKind::List, below(path), source.to_string())
        }
        DatasetError::Manifest(ManifestError::Duplicate { path, file, .. }) => {
            Fault::new(FaultKind::DuplicateRow, file, error.to_string()).with(below(path))
        }
        DatasetError::Manifest(
            ManifestError::Json { path, .. }
            | ManifestError::Row { path, .. }
            | ManifestError::Empty { path }
            | ManifestError::TooLarge { path, .. },
        )
        | DatasetError::TooLarge { path, .. }
        | DatasetError::Name { path } => {
            Fault::new(FaultKind::List, below(path), error.to_string())
        }
        _ => return Err(error.into()),
    })
}

/// Labels that the outermost folder with a class's name contradicts.
fn labels(clips: &[&Clip], faults: &mut Vec<Fault>) {
    for clip in clips {
        let folders = clip
            .path
            .rsplit_once('/')
            .map_or("", |(folders, _)| folders);
        let told = folders
            .split('/')
            .find_map(|f| Some((f, class_of_folder(f)?)));
        if let Some((folder, class)) = told.filter(|(_, class)| *class != clip.label) {
            let what = format!(
                "it is labelled {}, and its folder `{folder}` is of {} clips",
                word(clip.label),
                word(class)
            );
            faults.push(Fault::new(FaultKind::Label, clip.place(), what));
        }
    }
}

pub(crate) fn word(label: Label) -> &'static str {
    match label {
        Label::Real => "real",
        Label::Forged => "forged",
    }
}

/// No real clip at all, or parts that lack one of the classes. Real clips alone are enough for training
/// that makes its own forgeries.
fn parts(clips: &[&Clip], faults: &mut Vec<Fault>) {
    let of = |part: Option<Split>, label| {
        let mut all = clips.iter();
        all.any(|clip| clip.label == label && (part.is_none() || clip.split == part))
    };
    let mut lacks = |part: Option<Split>, label| {
        let place = part.map_or("all", Split::as_str);
        let what = format!("no {} clip", word(label));
        faults.push(Fault::new(FaultKind::EmptyPart, place, what));
    };
    if !of(None, Label::Real) {
        return lacks(None, Label::Real);
    }
    if !of(None, Label::Forged) {
        return;
    }
    let parts: BTreeSet<Split> = clips.iter().filter_map(|clip| clip.split).collect();
    for part in parts {
        for label in [Label::Real, Label::Forged] {
            if !of(Some(part), label) {
                lacks(Some(part), label);
            }
        }
    }
}

/// Clips that are listed twice.
fn rows(clips: &[&Clip], faults: &mut Vec<Fault>) {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for clip in clips {
        *places.entry(clip.place()).or_default() += 1;
    }
    for (place, count) in places.into_iter().filter(|(_, count)| *count > 1) {
        let what = format!("it is listed {count} times");
        faults.push(Fault::new(FaultKind::DuplicateRow, place, what));
    }
}
