//! Writing a store, by any number of threads, processes and machines, with any number of stops.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{StoreError, io};
use crate::face::Finished;
use crate::files::{self, PARTS};
use crate::info::{Info, Settings};
use crate::share::Share;
use crate::{index, parts};

/// Writes one machine's share of a store.
///
/// Each clip is put once, in any order and from any thread; what is put is kept even if the process
/// is killed right after. A shard is made of its clips when the last of them is there.
#[derive(Debug)]
pub struct Writer {
    dir: PathBuf,
    info: Info,
    plan: Vec<String>,
    /// The clips still to be put, of each shard of this share that is not full.
    pending: Mutex<BTreeMap<u32, BTreeSet<usize>>>,
}

/// How far a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Shards that are there, of whatever share.
    pub shards: u32,
    /// Shards there will be.
    pub of: u32,
}

impl Progress {
    /// Whether nothing is missing.
    pub fn is_complete(self) -> bool {
        self.shards == self.of
    }
}

impl Writer {
    /// Begins a store at `dir`, or goes on with one of the same plan and settings.
    ///
    /// `plan` names the clips (paths relative to the data set's folder, say), in ascending order.
    ///
    /// # Errors
    ///
    /// [`StoreError::OtherStore`] where `dir` holds a store of another plan or other settings,
    /// [`StoreError::Plan`], [`StoreError::EmptyShards`], and [`StoreError::Io`].
    pub fn open(
        dir: impl AsRef<Path>,
        plan: Vec<String>,
        settings: &Settings,
        share: Share,
    ) -> Result<Self, StoreError> {
        let dir = dir.as_ref();
        fs::create_dir_all(dir).map_err(io(dir))?;
        let info = Info::create(dir, &plan, settings)?;
        let mut pending = BTreeMap::new();
        for shard in (0..info.shards()).filter(|&shard| share.holds(shard)) {
            let mut clips: BTreeSet<usize> = info.clips_of(shard).collect();
            if !parts::is_sealed(dir, shard) {
                clips.retain(|&clip| !parts::is_finished(dir, shard, clip));
                if !clips.is_empty() {
                    pending.insert(shard, clips);
                    continue;
                }
            }
            // Killed between the last clip and the shard, or between the shard and tidying up.
            parts::seal(dir, &info, shard)?;
        }
        Ok(Self {
            dir: dir.into(),
            info,
            plan,
            pending: Mutex::new(pending),
        })
    }

    /// The numbers of the clips to be put, in ascending order.
    pub fn pending(&self) -> Vec<usize> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.values().flatten().copied().collect()
    }

    /// A clip's name in the plan.
    pub fn clip(&self, clip: usize) -> Option<&str> {
        self.plan.get(clip).map(String::as_str)
    }

    /// Keeps what came of a clip; an error is kept too, so that a broken clip is not tried again
    /// and again.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotPending`] for a clip that was put before or belongs to another share,
    /// [`StoreError::Row`] for a row that no manifest may hold, and [`StoreError::Io`]. The clip
    /// then stays pending.
    pub fn put(&self, clip: usize, finished: &Finished) -> Result<(), StoreError> {
        let shard = self.info.shard_of(clip);
        let lock = || self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let is_pending = lock()
            .get(&shard)
            .is_some_and(|clips| clips.contains(&clip));
        if !is_pending {
            return Err(StoreError::NotPending { clip });
        }
        parts::put(&self.dir, shard, clip, finished)?;
        let full = {
            let mut pending = lock();
            let full = pending.get_mut(&shard).is_some_and(|clips| {
                clips.remove(&clip);
                clips.is_empty()
            });
            if full {
                pending.remove(&shard);
            }
            full
        };
        if full {
            parts::seal(&self.dir, &self.info, shard)?;
        }
        Ok(())
    }

    /// Writes the index and removes `.parts`, if every shard of every share is there. Whichever
    /// machine is last does it; if several are, they write the same.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`], and [`StoreError::Damaged`] for a shard that is no tar of crops.
    pub fn finish(&self) -> Result<Progress, StoreError> {
        let shards = 0..self.info.shards();
        let there = shards.filter(|&shard| parts::is_sealed(&self.dir, shard));
        let progress = Progress {
            shards: there.count() as u32,
            of: self.info.shards(),
        };
        if progress.is_complete() {
            if !index::exists(&self.dir) {
                index::write(&self.dir, &self.info, &self.plan)?;
            }
            files::remove(&self.dir.join(PARTS))?;
        }
        Ok(progress)
    }
}
