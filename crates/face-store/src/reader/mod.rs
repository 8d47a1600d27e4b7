//! Reading a store, complete or not.

mod handles;
mod place;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use face_preproc::manifest::{Manifest, ManifestError, Row, Split};
use face_preproc::pictures::{Limits, Mask, decode_mask, decode_rgb};
use image::RgbImage;

use crate::error::{StoreError, damaged, io};
use crate::index;
use crate::info::{self, Info};
use crate::parts::{self, ClipError, shard_name};
use handles::Handles;
use place::{Place, Span};

/// What an incomplete store lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Shards that are not there, ascending.
    pub shards: Vec<u32>,
    /// Their clips' names, ascending.
    pub clips: Vec<String>,
}

/// A store opened for reading. Any number of threads may read at once.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    info: Info,
    listed: usize,
    numbers: Vec<usize>,
    rows: Vec<Row>,
    places: Vec<Place>,
    errors: Vec<ClipError>,
    missing: Missing,
    handles: Handles,
}

impl Store {
    /// Whether a folder is a store, or the beginning of one.
    pub fn is_store(dir: impl AsRef<Path>) -> bool {
        info::exists(dir.as_ref())
    }

    /// Opens a store. One that is not complete yields the crops of its full shards, and
    /// [`missing`](Self::missing) says what it lacks.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: no store, one of an unknown version, or a damaged one.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_part(dir, None)
    }

    /// Opens a complete store for the crops of one part: those of others are not among its rows, which are read in
    /// a fraction of the time and the memory. All are there where a row does not name its part, none is of
    /// this one, or the store is not complete.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_part(dir: impl AsRef<Path>, part: Option<Split>) -> Result<Self, StoreError> {
        let dir = dir.as_ref();
        let info = info::read(dir)?;
        let plan = info::read_plan(dir, &info)?;
        let mut lengths = Vec::with_capacity(info.shards() as usize);
        let mut missing = Missing::default();
        for shard in 0..info.shards() {
            let length = fs::metadata(dir.join(shard_name(shard))).map_or(0, |m| m.len());
            lengths.push(length);
            if !parts::is_sealed(dir, shard) {
                missing.shards.push(shard);
                missing.clips.extend_from_slice(&plan[info.clips_of(shard)]);
            }
        }
        let (listed, numbers, rows, errors) = if index::exists(dir) {
            let (listed, numbers, rows) = indexed(dir, part)?;
            let errors = read_errors(&dir.join(index::ERRORS))?;
            (listed, numbers, rows, errors)
        } else {
            let sealed = (0..info.shards()).filter(|&shard| parts::is_sealed(dir, shard));
            let mut rows = Vec::new();
            for shard in sealed {
                rows.append(&mut index::scan(dir, shard)?);
            }
            let errors = parts::errors(dir, &info, &plan)?;
            (rows.len(), (0..rows.len()).collect(), rows, errors)
        };
        let places = place::all(&dir.join(index::FACES), &rows, &lengths)?;
        Ok(Self {
            handles: Handles::default(),
            dir: dir.into(),
            info,
            listed,
            numbers,
            rows,
            places,
            errors,
            missing,
        })
    }

    /// What the store is of, and what it was made with.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// How many crops the store has, those of parts that were not opened among them.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// Which of all crops each is, from 0.
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// Every crop with all that is known of it, ordered by clip. `file` and `mask` name it among
    /// the unpacked shards; use [`picture`](Self::picture) and [`mask`](Self::mask) to read it.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Hands the rows over to whoever keeps them: all that is known of a million crops is not held twice.
    /// The crops stay, by number.
    pub fn take_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }

    /// The clips that could not be read, whole or in part, ordered by clip.
    pub fn errors(&self) -> &[ClipError] {
        &self.errors
    }

    /// What is not there yet.
    pub fn missing(&self) -> &Missing {
        &self.missing
    }

    /// The encoded bytes (JPEG or PNG) of a crop.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchCrop`], or [`StoreError::Io`].
    pub fn read(&self, crop: usize) -> Result<Vec<u8>, StoreError> {
        let place = self.place(crop)?;
        self.bytes(place.shard, place.picture)
    }

    /// The encoded bytes (PNG) of a crop's mask, if it has one.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_mask(&self, crop: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let place = self.place(crop)?;
        place
            .mask
            .map(|mask| self.bytes(place.shard, mask))
            .transpose()
    }

    /// A crop, decoded.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`StoreError::Picture`].
    pub fn picture(&self, crop: usize, limits: &Limits) -> Result<RgbImage, StoreError> {
        let path = self.path(crop)?;
        Ok(decode_rgb(&self.read(crop)?, &path, limits)?)
    }

    /// A crop's mask, decoded, if it has one.
    ///
    /// # Errors
    ///
    /// As [`picture`](Self::picture).
    pub fn mask(&self, crop: usize, limits: &Limits) -> Result<Option<Mask>, StoreError> {
        let path = self.path(crop)?;
        self.read_mask(crop)?
            .map(|bytes| Ok(decode_mask(&bytes, &path, limits)?))
            .transpose()
    }

    /// The crops of each shard that has any, in the order they lie on disk: read so, a disk is read
    /// from one end to the other.
    pub fn by_shard(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        self.places
            .chunk_by(|a, b| a.shard == b.shard)
            .map(|shard| {
                let range = start..start + shard.len();
                start = range.end;
                range
            })
            .collect()
    }

    /// For a person: the crop among the unpacked shards, or the shard where the rows were taken.
    fn path(&self, crop: usize) -> Result<PathBuf, StoreError> {
        let shard = self.place(crop)?.shard;
        let row = self.rows.get(crop);
        Ok(row.map_or_else(
            || self.dir.join(shard_name(shard)),
            |row| self.dir.join(&row.file),
        ))
    }

    fn place(&self, crop: usize) -> Result<Place, StoreError> {
        let place = self.places.get(crop).copied();
        place.ok_or_else(|| self.no_such(crop))
    }

    fn no_such(&self, index: usize) -> StoreError {
        StoreError::NoSuchCrop {
            index,
            crops: self.places.len(),
        }
    }

    fn bytes(&self, shard: u32, span: Span) -> Result<Vec<u8>, StoreError> {
        let path = self.dir.join(shard_name(shard));
        self.handles
            .read(shard, &path, span.offset, span.size)
            .map_err(io(&path))
    }
}

/// How many rows `faces.json` has, and those of a part with their numbers.
fn indexed(dir: &Path, part: Option<Split>) -> Result<(usize, Vec<usize>, Vec<Row>), StoreError> {
    match Manifest::read_part(dir.join(index::FACES), part) {
        Ok(manifest) => Ok((manifest.listed, manifest.numbers, manifest.rows)),
        // No face was found in any clip.
        Err(ManifestError::Empty { .. }) => Ok((0, Vec::new(), Vec::new())),
        Err(error) => Err(error.into()),
    }
}

fn read_errors(path: &Path) -> Result<Vec<ClipError>, StoreError> {
    let bad = |error: csv::Error| damaged(path, error);
    let mut table = csv::Reader::from_path(path).map_err(bad)?;
    table
        .deserialize()
        .map(|row| {
            let (clip, message) = row.map_err(bad)?;
            Ok(ClipError { clip, message })
        })
        .collect()
}
