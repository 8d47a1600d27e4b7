//! The check, from a folder to what is wrong in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use datasets::{Clip, Layout};
use rayon::prelude::*;
use serde::Serialize;

use crate::across::{self, Seen};
use crate::config::CheckConfig;
use crate::counts::{self, Beside, Group};
use crate::error::CheckError;
use crate::fault::{Fault, FaultKind};
use crate::item::{Item, Pictures};
use crate::listed::{self, Listed};
use crate::look::{Look, Looker};
use crate::mask;
use crate::near::Hasher;

/// What is checked, and how.
pub struct CheckOptions<'a> {
    /// The data set's folder.
    pub root: &'a Path,
    /// Its layout; `None` to find out.
    pub layout: Option<Layout>,
    /// What is looked at.
    pub config: &'a CheckConfig,
    /// Threads.
    pub workers: usize,
    /// Set to stop: clips that were not begun are then left out.
    pub stop: &'a AtomicBool,
}

/// A clip was looked at.
#[derive(Clone, Copy, Debug)]
pub struct ClipDone<'a> {
    /// Clips looked at so far, in any order.
    pub done: usize,
    /// All clips.
    pub total: usize,
    /// The clip.
    pub path: &'a str,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The folder.
    pub root: String,
    /// Its layouts, as they are called on command lines; `store` for a store.
    pub layouts: Vec<String>,
    /// What was looked at.
    pub config: CheckConfig,
    /// Clips that are there.
    pub clips: usize,
    /// Clips that were looked at; fewer where the check was stopped.
    pub looked_at: usize,
    /// The clips by label, method, compression and part.
    pub groups: Vec<Group>,
    /// Published numbers, each beside what is here.
    pub published: Vec<Beside>,
    /// What is wrong, by kind and path.
    pub faults: Vec<Fault>,
    /// How many faults there are of each kind that there is.
    pub fault_counts: BTreeMap<&'static str, usize>,
    /// Clips that could not be looked at here, and why: nothing is known to be wrong with them.
    pub unchecked: Vec<Unchecked>,
}

/// A clip that could not be looked at here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unchecked {
    /// The clip.
    pub path: String,
    /// Why not.
    pub why: String,
}

impl Check {
    /// Faults of a kind, by path.
    pub fn of(&self, kind: FaultKind) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(move |fault| fault.kind == kind)
    }
}

/// Checks a data set, or a store of crops. Nothing is written. What comes back does not depend on the
/// number of threads.
///
/// # Errors
///
/// [`CheckError`] where there is nothing to check; what is wrong with the data is a [`Fault`].
pub fn check(
    options: &CheckOptions<'_>,
    progress: &(dyn Fn(ClipDone<'_>) + Sync),
) -> Result<Check, CheckError> {
    let threads = options.workers.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let Listed {
        layouts,
        known,
        items,
        store,
        mut faults,
    } = listed::list(options.root, options.layout)?;
    let looker = Looker {
        config: options.config,
        store: store.as_ref(),
        hasher: Hasher::new(),
    };
    let twins = as_long_as_others(&items);
    let done = AtomicUsize::new(0);
    let look = |(item, &twin): (&Item, &bool)| {
        if options.stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut look = looker.look(item, twin);
        if store.is_none() {
            look.faults.extend(mask::check(options.root, item, &look));
        }
        progress(ClipDone {
            done: done.fetch_add(1, Ordering::Relaxed) + 1,
            total: items.len(),
            path: &item.clip.path,
        });
        Some(look)
    };
    let looks: Vec<Option<Look>> =
        pool.install(|| items.par_iter().zip(&twins).map(look).collect());
    let seen: Vec<Seen<'_>> = items
        .iter()
        .zip(&looks)
        .filter_map(|(item, look)| Some((item, look.as_ref()?)))
        .collect();
    let clips: Vec<&Clip> = items.iter().map(|item| &item.clip).collect();
    faults.extend(
        seen.iter()
            .flat_map(|(_, look)| look.faults.iter().cloned()),
    );
    faults.extend(across::identities(&clips));
    faults.extend(across::same_files(&seen));
    faults.extend(across::originals(&seen));
    faults.extend(pool.install(|| across::near_duplicates(&seen, options.config.nearness)));
    faults.sort_unstable();
    faults.dedup();
    let mut fault_counts = BTreeMap::new();
    for fault in &faults {
        *fault_counts.entry(fault.kind.as_str()).or_default() += 1;
    }
    let unchecked = seen.iter().filter_map(|(item, look)| {
        let why = look.unchecked.clone()?;
        let path = item.clip.place();
        Some(Unchecked { path, why })
    });
    Ok(Check {
        root: options.root.to_string_lossy().into_owned(),
        layouts,
        config: options.config.clone(),
        clips: items.len(),
        looked_at: seen.len(),
        groups: counts::groups(&seen),
        published: counts::beside(&known, &clips),
        unchecked: unchecked.collect(),
        faults,
        fault_counts,
    })
}

/// Which clips have as many bytes as another one: these alone can be the same file.
fn as_long_as_others(items: &[Item]) -> Vec<bool> {
    let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let lengths: Vec<Option<(usize, u64)>> = items
        .par_iter()
        .map(|item| match &item.pictures {
            Pictures::File(path) => Some((1, length(path))),
            Pictures::Files(paths) => {
                Some((paths.len(), paths.iter().map(|path| length(path)).sum()))
            }
            Pictures::Archive | Pictures::Crops(_) => None,
        })
        .map(|length| length.filter(|(_, bytes)| *bytes > 0))
        .collect();
    let mut counts: BTreeMap<(usize, u64), usize> = BTreeMap::new();
    for length in lengths.iter().flatten() {
        *counts.entry(*length).or_default() += 1;
    }
    let twin = |length: &Option<(usize, u64)>| length.is_some_and(|l| counts[&l] > 1);
    lengths.iter().map(twin).collect()
}
