//! WildDeepfake (Zi et al., 2020): sequences of face crops.
//!
//! `{real,fake}_{train,test}/N.tar.gz`, each with folders of crops, one folder a sequence, a file's
//! name the frame's index. Unpacked archives (`real_train/N/...`) are read as well, and preferred
//! where both are there: an archive has to be unpacked in memory to be listed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};

use face_preproc::manifest::{Split, relative_path};
use flate2::read::GzDecoder;

use crate::clip::{Clip, Kind};
use crate::error::{DatasetError, ListError};
use crate::order::in_order_of_time;
use crate::tree::{PICTURES, Tree};
use crate::walk::{Walk, collect};

const DATASET: &str = "WildDeepfake";
const FOLDERS: [(&str, bool, Split); 4] = [
    ("fake_test", true, Split::Test),
    ("fake_train", true, Split::Train),
    ("real_test", false, Split::Test),
    ("real_train", false, Split::Train),
];
/// The deepest nesting of folders in an unpacked archive.
const DEEPEST: usize = 6;
/// The most pictures in an archive; the published ones have some thousands.
const MOST: usize = 1_000_000;

/// The pictures of an archive (a gzipped tar) by their folder, each in the order of time.
///
/// # Errors
///
/// [`ListError`]: no such archive, a path out of it, or too many pictures.
pub fn sequences(archive: impl Read) -> Result<BTreeMap<String, Vec<String>>, ListError> {
    let mut tar = tar::Archive::new(GzDecoder::new(archive));
    let mut pictures = Vec::new();
    for entry in tar.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        // Links and paths that lead out are refused, not passed over.
        let path = relative_path(&path)?;
        if is_picture(&path) {
            pictures.push(path);
        }
        if pictures.len() > MOST {
            return Err(ListError::entry(
                DATASET,
                "more pictures than any archive has",
            ));
        }
    }
    Ok(by_folder(pictures))
}

/// Some of an archive's pictures, as files, in the order in which they are `wanted`; `None` for what
/// is not there. The archive is read once and as far as the last of them, nothing is written.
///
/// # Errors
///
/// [`ListError`]: no such archive, or pictures that have more than `most` bytes together.
pub fn pictures(
    archive: impl Read,
    wanted: &[&str],
    most: u64,
) -> Result<Vec<Option<Vec<u8>>>, ListError> {
    let places: BTreeMap<&str, usize> =
        wanted.iter().zip(0..).map(|(&path, i)| (path, i)).collect();
    let mut found = vec![None; wanted.len()];
    let (mut left, mut bytes_left) = (places.len(), most);
    let mut tar = tar::Archive::new(GzDecoder::new(archive));
    for entry in tar.entries().map_err(broken)? {
        if left == 0 {
            break;
        }
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let place = relative_path(&path)
            .ok()
            .and_then(|path| places.get(path.as_str()));
        let Some(place) = place.filter(|&&place| found[place].is_none()) else {
            continue;
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let size = entry.size();
        bytes_left = bytes_left
            .checked_sub(size)
            .ok_or_else(|| ListError::entry(&path, "larger than a picture may be"))?;
        let mut picture = Vec::new();
        entry.read_to_end(&mut picture).map_err(broken)?;
        found[*place] = Some(picture);
        left -= 1;
    }
    Ok(found)
}

fn broken(error: std::io::Error) -> ListError {
    ListError::entry(&error.to_string(), "a broken archive")
}

fn is_picture(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, ending)| PICTURES.contains(&ending.to_ascii_lowercase().as_str()))
}

fn by_folder(pictures: Vec<String>) -> BTreeMap<String, Vec<String>> {
    let mut folders = BTreeMap::<String, Vec<String>>::new();
    for picture in pictures {
        let folder = picture.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder.into()).or_default().push(picture);
    }
    for pictures in folders.values_mut() {
        in_order_of_time(pictures);
        // An archive may hold a file twice.
        pictures.dedup();
    }
    folders
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    FOLDERS.iter().any(|(folder, ..)| tree.has_folder(folder))
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let mut walk = Walk::new(tree, &FOLDERS.map(|(folder, ..)| folder.to_owned()));
    for (home, (folder, forged, split)) in FOLDERS.into_iter().enumerate() {
        if !tree.has_folder(folder) {
            tree.missing(folder, "one of the data set's four folders");
            continue;
        }
        // `archive` is what all its sequences were cut from, so that they show the same people.
        let clip = |path: String, archive: &str, sequence: &str, kind| {
            let video = format!("{folder}/{sequence}");
            let clip = Clip::new(DATASET, path, &video);
            let clip = if forged { clip.forged("unknown") } else { clip };
            Clip {
                kind,
                split: Some(split),
                identity: Some(format!("{DATASET}/{folder}/{archive}")),
                ..clip
            }
        };
        let unpacked = tree.folders(folder)?;
        for name in &unpacked {
            let path = format!("{folder}/{name}");
            let mut pictures = Vec::new();
            collect(
                tree,
                &mut walk,
                home,
                &path,
                &PICTURES,
                DEEPEST,
                &mut pictures,
            )?;
            for (at, frames) in by_folder(pictures) {
                let sequence = at[folder.len() + 1..].to_owned();
                tree.push(clip(at, name, &sequence, Kind::Frames(frames)));
            }
        }
        for file in tree.files(folder, &["gz"])? {
            let name = file.trim_end_matches(".gz").trim_end_matches(".tar");
            if unpacked.iter().any(|folder| folder == name) {
                continue;
            }
            let path = format!("{folder}/{file}");
            let file = tree.root().join(&path);
            let file =
                File::open(&file).map_err(|source| DatasetError::Io { path: file, source })?;
            let found = sequences(BufReader::new(file)).map_err(tree.in_list(&path))?;
            for (at, frames) in found {
                let sequence = format!("{name}/{at}");
                let kind = Kind::Archived { folder: at, frames };
                tree.push(clip(path.clone(), name, &sequence, kind));
            }
        }
    }
    Ok(())
}
