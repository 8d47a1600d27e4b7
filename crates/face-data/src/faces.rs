//! A manifest's faces: cropped, and divided by identity.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use experiment::DataInfo;
use face_preproc::{
    crop::{CropSpec, Face, crop_landmarks, crop_mask},
    geometry::{Landmarks68, Similarity},
    manifest::{Manifest, Row},
    pictures::{Limits, Mask, read_mask, read_rgb},
    split::{Split, SplitConfig, assign_splits, carves_validation},
};
use face_store::Store;
use image::RgbImage;
use metrics::VideoKey;
use rayon::prelude::*;
use runtime::{Event, Observer};
use serde_json::Value;
use sysinfo::System;

use crate::{Error, listing::list, windows::ToFrame};

/// Crops are kept in memory up to this many bytes, and up to half of the memory that is free; those beyond are
/// read again when drawn.
const KEPT_BYTES: u64 = 4 << 30;

/// A manifest's faces, or a store's.
pub struct Faces {
    /// Where it was opened.
    path: PathBuf,
    /// The manifest.
    pub manifest: Manifest,
    /// Where the pictures are, if not in files of their own.
    store: Option<Store>,
    /// The part that each row belongs to.
    pub splits: Vec<Split>,
    /// A number for each row's identity. As for the splits, one name in two data sets is one
    /// person.
    pub identities: Vec<u32>,
    crop: CropSpec,
    /// By row; absent beyond the memory kept for it.
    kept: Vec<Option<Face>>,
    usable: Vec<bool>,
    skipped: Vec<String>,
}

impl Faces {
    /// Reads a manifest, a folder or a store, and every picture once: [`Faces::list`], then
    /// [`Faces::read`] of all.
    ///
    /// # Errors
    /// Where the manifest is wrong, or no picture can be used.
    pub fn open(
        path: &Path,
        crop: &CropSpec,
        split: &SplitConfig,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let mut faces = Self::list(path, crop, split, None, observer)?;
        faces.read(observer)?;
        Ok(faces)
    }

    /// What a manifest, a folder or a store holds, before any picture is read: its rows and their
    /// parts, each row taken to be usable. Of `part` alone where every row names its part.
    ///
    /// # Errors
    /// Where the manifest is wrong.
    pub fn list(
        path: &Path,
        crop: &CropSpec,
        split: &SplitConfig,
        part: Option<Split>,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let (manifest, store) = list(path, part, observer)?;
        let splits = assign_splits(&manifest.rows, split);
        if carves_validation(&manifest.rows) && splits.contains(&Split::Val) {
            observer.event(Event::Said(&format!(
                "{} names no validation part: {:.0} % of its training people are taken for it (split.val)",
                path.display(),
                100.0 * split.val
            )));
        }
        let identities = number_identities(&manifest.rows);
        let rows = manifest.rows.len();
        Ok(Self {
            path: path.to_owned(),
            splits,
            identities,
            crop: *crop,
            kept: vec![None; rows],
            usable: vec![true; rows],
            skipped: Vec::new(),
            manifest,
            store,
        })
    }

    /// Leaves the rows of a part, or all; those of other parts are not usable then. No picture is read: what
    /// looks at each once, as an evaluation does, finds the damaged ones when it comes to them.
    pub fn keep_part(&mut self, part: Option<Split>) {
        for (usable, split) in self.usable.iter_mut().zip(&self.splits) {
            *usable &= part.is_none_or(|part| *split == part);
        }
    }

    /// Where it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the usable rows that are `wanted`.
    pub fn keep(&mut self, wanted: impl Fn(usize) -> bool) {
        for (row, usable) in self.usable.iter_mut().enumerate() {
            *usable &= wanted(row);
        }
    }

    /// Reads every picture once. Those that cannot be used are skipped and named: better now than in the midst
    /// of a training. What is trained on is kept in memory first, as it is asked for most.
    ///
    /// # Errors
    /// Where no picture can be used.
    pub fn read(&mut self, observer: &mut dyn Observer) -> Result<(), Error> {
        let mut rows = self.rows(None);
        self.usable.fill(false);
        rows.sort_by_key(|&row| self.splits[row]);
        let bytes = (self.crop.size as usize).pow(2) * 3;
        let mut system = System::new();
        system.refresh_memory();
        let free = system
            .cgroup_limits()
            .map_or(system.available_memory(), |limits| {
                limits.free_memory.min(system.available_memory())
            });
        let keep = KEPT_BYTES.min(free / 2) as usize / bytes.max(1);
        observer.event(Event::Began {
            what: "reading faces",
            total: rows.len(),
            done: 0,
        });
        let chunk = 64 * rayon::current_num_threads();
        let mut done = 0;
        for rows in rows.chunks(chunk) {
            let read: Vec<_> = rows.par_iter().map(|&row| self.cut_anew(row)).collect();
            for (&row, face) in rows.iter().zip(read) {
                match face {
                    Ok(face) => {
                        self.usable[row] = true;
                        self.kept[row] = (done < keep).then_some(face);
                    }
                    Err(error) => {
                        let (what, why) = (self.manifest.rows[row].file.clone(), error.to_string());
                        observer.event(Event::Skipped {
                            what: &what,
                            why: &why,
                        });
                        self.skipped.push(format!("{what}: {why}"));
                    }
                }
                done += 1;
            }
            observer.event(Event::Advanced { done, note: "" });
        }
        observer.event(Event::Ended);
        if self.usable.contains(&true) || done == 0 {
            return Ok(());
        }
        let first = self.skipped.first().cloned().unwrap_or_default();
        Err(Error::data(
            &self.path,
            format!("no picture can be used; the first: {first}"),
        ))
    }

    /// Reads and cuts the face of a row.
    fn cut_anew(&self, row: usize) -> Result<Face, Error> {
        self.cut(row, &self.picture(row)?)
    }

    /// The whole picture of a row; of a store, the crop with its margin.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn picture(&self, row: usize) -> Result<RgbImage, Error> {
        let facts = &self.manifest.rows[row];
        Ok(match &self.store {
            Some(store) => store.picture(row, &Limits::default())?,
            None => read_rgb(self.manifest.picture_path(facts), &Limits::default())?,
        })
    }

    /// The face of a row, cut out of a picture of the size of its own.
    ///
    /// # Errors
    /// Where the landmarks do not allow a crop.
    pub fn cut(&self, row: usize, picture: &RgbImage) -> Result<Face, Error> {
        let landmarks = self.manifest.rows[row].landmarks68.as_ref();
        Ok(Face::cut(picture, landmarks, &self.crop)?)
    }

    /// Whether the pictures are the crops of a store.
    #[must_use]
    pub fn in_store(&self) -> bool {
        self.store.is_some()
    }

    /// The face of a row.
    ///
    /// # Errors
    /// Where its picture cannot be read any more.
    pub fn face(&self, row: usize) -> Result<Face, Error> {
        match &self.kept[row] {
            Some(face) => Ok(face.clone()),
            None => self.cut_anew(row),
        }
    }

    /// The face of a row, moved within the crop before it is cut: one warp of the whole picture, whose
    /// own pixels stand wherever the moved crop reaches beyond the plain one.
    ///
    /// # Errors
    /// Where its picture cannot be read any more.
    pub fn face_moved(&self, row: usize, moved: Option<&Similarity>) -> Result<Face, Error> {
        let Some(moved) = moved else {
            return self.face(row);
        };
        let landmarks = self.manifest.rows[row].landmarks68.as_ref();
        let picture = self.picture(row)?;
        Ok(Face::cut_moved(&picture, landmarks, &self.crop, moved)?)
    }

    /// The face of a row, cut where that of another row of its clip is: the same pixels of both frames.
    ///
    /// # Errors
    /// Where a picture cannot be read any more.
    pub fn face_within(&self, row: usize, other: usize) -> Result<Face, Error> {
        let place = self.manifest.rows[other].landmarks68.as_ref();
        let Some(place) = place.filter(|_| row != other) else {
            return self.face(row);
        };
        let picture = self.picture(row)?;
        let boxes = [row, other].map(|row| self.manifest.rows[row].window());
        let around = match boxes {
            [Some(own), Some(theirs)] if own != theirs => {
                let size = self.picture(other)?.dimensions();
                let to_frame = ToFrame::new(theirs, size);
                let from_frame = ToFrame::new(own, picture.dimensions());
                place.map(|point| from_frame.back(to_frame.there(point)))
            }
            _ => *place,
        };
        Ok(Face::cut(&picture, Some(&around), &self.crop)?)
    }

    /// What to do where the validation part lacks a class.
    #[must_use]
    pub fn validation_advice(&self, split: &SplitConfig) -> &'static str {
        let rows = &self.manifest.rows;
        let named = rows.iter().any(|row| row.split == Some(Split::Val));
        match (named, carves_validation(rows), split.val > 0.0) {
            (true, ..) => "name more of the rows `val`",
            (_, true, true) => {
                "two people or more of each class are needed among the training rows, to carve a validation part out of them"
            }
            (_, true, false) => {
                "set split.val to the share of the training people to be carved out for it"
            }
            (_, false, true) => "add people, or raise split.val",
            (_, false, false) => "set split.val above 0",
        }
    }

    /// The mask of a row's forgery, on its crop; [`None`] where the manifest has none.
    ///
    /// # Errors
    /// Where the mask cannot be read.
    pub fn mask(&self, row: usize, transform: &Similarity) -> Result<Option<Mask>, Error> {
        let mask = match &self.store {
            Some(store) => store.mask(row, &Limits::default())?,
            None => match self.manifest.mask_path(&self.manifest.rows[row])? {
                Some(path) => Some(read_mask(path, &Limits::default())?),
                None => None,
            },
        };
        let crop = |mask| crop_mask(&mask, transform, self.crop.size);
        Ok(mask.map(crop).transpose()?)
    }

    /// Which row of all the data a row is, whatever part was listed: what is drawn for a row is drawn by this.
    #[must_use]
    pub fn number(&self, row: usize) -> u64 {
        self.manifest.numbers[row] as u64
    }

    /// Landmarks of a row in pixels of its crop.
    #[must_use]
    pub fn landmarks(&self, row: usize) -> Option<Landmarks68> {
        let landmarks = self.manifest.rows[row].landmarks68.as_ref()?;
        crop_landmarks(landmarks, &self.crop).ok()
    }

    /// Rows that can be used, of one part, or of all.
    #[must_use]
    pub fn rows(&self, split: Option<Split>) -> Vec<usize> {
        let wanted = |row: &usize| split.is_none_or(|split| self.splits[*row] == split);
        (0..self.usable.len())
            .filter(|row| self.usable[*row])
            .filter(wanted)
            .collect()
    }

    /// The video of a row.
    #[must_use]
    pub fn video(&self, row: usize) -> VideoKey {
        let row = &self.manifest.rows[row];
        VideoKey {
            dataset: row.dataset.clone(),
            method: row.method.clone(),
            compression: row.extra.get("compression").map(|named| match named {
                Value::String(name) => name.clone(),
                other => other.to_string(),
            }),
            video: row.video.clone(),
        }
    }

    /// Whether a row's face is forged.
    #[must_use]
    pub fn forged(&self, row: usize) -> bool {
        self.manifest.rows[row].label.is_forged()
    }

    /// Side of the crops in pixels.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.crop.size
    }

    /// The identities of the training and validation splits, by name.
    #[must_use]
    pub fn seen_identities(&self) -> BTreeSet<&str> {
        let rows = self.rows(None).into_iter();
        let seen = rows.filter(|&row| self.splits[row] != Split::Test);
        seen.map(|row| self.manifest.rows[row].identity.as_str())
            .collect()
    }

    /// What was read, for the run's records.
    #[must_use]
    pub fn info(&self, path: &Path, synthetic: bool) -> DataInfo {
        let parts = [Split::Train, Split::Val, Split::Test].map(|split| self.rows(Some(split)));
        let identities = |rows: &Vec<usize>| {
            rows.iter()
                .map(|&row| self.identities[row])
                .collect::<BTreeSet<_>>()
                .len()
        };
        DataInfo {
            path: path.to_owned(),
            digest: self.manifest.digest.clone(),
            synthetic,
            frames: [parts[0].len(), parts[1].len(), parts[2].len()],
            identities: [
                identities(&parts[0]),
                identities(&parts[1]),
                identities(&parts[2]),
            ],
            skipped: self.skipped.clone(),
        }
    }
}

fn number_identities(rows: &[Row]) -> Vec<u32> {
    let mut numbers = HashMap::new();
    rows.iter()
        .map(|row| {
            let next = numbers.len() as u32;
            *numbers.entry(&row.identity).or_insert(next)
        })
        .collect()
}
