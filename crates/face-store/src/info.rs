//! `store.json` and `plan.txt`: what a store is of.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{StoreError, damaged, io};
use crate::files;

const FORMAT: u32 = 1;
const INFO: &str = "store.json";
const PLAN: &str = "plan.txt";
/// The longest `store.json` and `plan.txt` that are read, in bytes: some million clips.
const LONGEST: u64 = 256 << 20;

/// What a store is made with.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Clips in a shard, 1 or more. Smaller shards divide better among machines, larger ones are
    /// read faster from slow disks.
    pub clips_per_shard: u32,
    /// Whatever decided what the crops look like, as JSON. Kept in `store.json`; a store is only
    /// resumed with the same.
    pub made_with: Value,
}

impl Settings {
    /// 64 clips in a shard: about 60 MB at 32 crops of 256 pixels a clip.
    pub fn new(made_with: Value) -> Self {
        Self {
            clips_per_shard: 64,
            made_with,
        }
    }
}

/// `store.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Info {
    /// Version of the format: 1.
    pub format: u32,
    /// How many clips the store is of.
    pub clips: usize,
    /// Clips in a shard; the last may have fewer.
    pub clips_per_shard: u32,
    /// What the crops were made with.
    pub made_with: Value,
    /// SHA-256 of the settings and the clips' names, 64 hexadecimal digits.
    pub digest: String,
}

impl Info {
    fn new(plan: &[String], settings: &Settings) -> Result<Self, StoreError> {
        if settings.clips_per_shard == 0 {
            return Err(StoreError::EmptyShards);
        }
        let mut digest = Sha256::new()
            .chain_update(settings.clips_per_shard.to_le_bytes())
            .chain_update(settings.made_with.to_string());
        for name in plan {
            digest.update(b"\n");
            digest.update(name);
        }
        let mut hex = String::with_capacity(64);
        for byte in digest.finalize() {
            write!(hex, "{byte:02x}").expect("a string takes every character");
        }
        Ok(Self {
            format: FORMAT,
            clips: plan.len(),
            clips_per_shard: settings.clips_per_shard,
            made_with: settings.made_with.clone(),
            digest: hex,
        })
    }

    /// How many shards the store has when it is complete.
    pub fn shards(&self) -> u32 {
        self.clips.div_ceil(self.clips_per_shard as usize) as u32
    }

    /// The clips of a shard.
    pub(crate) fn clips_of(&self, shard: u32) -> std::ops::Range<usize> {
        let first = shard as usize * self.clips_per_shard as usize;
        first..(first + self.clips_per_shard as usize).min(self.clips)
    }

    /// The shard of a clip.
    pub(crate) fn shard_of(&self, clip: usize) -> u32 {
        (clip / self.clips_per_shard as usize) as u32
    }

    /// Makes the folder a store of this plan, or finds that it is one already.
    pub(crate) fn create(
        dir: &Path,
        plan: &[String],
        settings: &Settings,
    ) -> Result<Self, StoreError> {
        check_plan(plan)?;
        let info = Self::new(plan, settings)?;
        if exists(dir) {
            let found = read(dir)?;
            return if found == info {
                Ok(info)
            } else {
                Err(StoreError::OtherStore { path: dir.into() })
            };
        }
        // The plan first: where there is a store.json, there is a plan.
        let lines: String = plan.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
        files::write(dir, PLAN, lines.as_bytes())?;
        let mut json =
            serde_json::to_vec_pretty(&info).map_err(|error| damaged(&dir.join(INFO), error))?;
        json.push(b'\n');
        files::write(dir, INFO, &json)?;
        Ok(info)
    }
}

/// Whether the folder has a `store.json`.
pub(crate) fn exists(dir: &Path) -> bool {
    dir.join(INFO).is_file()
}

/// `store.json`, checked.
pub(crate) fn read(dir: &Path) -> Result<Info, StoreError> {
    let path = dir.join(INFO);
    if !exists(dir) {
        return Err(StoreError::NoStore { path: dir.into() });
    }
    let info = parse(&text(&path)?).map_err(|error| damaged(&path, error))?;
    if info.format != FORMAT {
        return Err(StoreError::Format {
            path,
            found: info.format,
            known: FORMAT,
        });
    }
    if info.clips_per_shard == 0 || info.clips.div_ceil(info.clips_per_shard as usize) > 999_999 {
        return Err(damaged(&path, "impossible numbers of clips"));
    }
    Ok(info)
}

fn parse(text: &str) -> serde_json::Result<Info> {
    serde_json::from_str(text)
}

/// The clips' names.
pub(crate) fn read_plan(dir: &Path, info: &Info) -> Result<Vec<String>, StoreError> {
    let path = dir.join(PLAN);
    let plan: Vec<String> = text(&path)?.lines().map(str::to_owned).collect();
    if plan.len() != info.clips {
        let reason = format!("{} clips, and store.json has {}", plan.len(), info.clips);
        return Err(damaged(&path, reason));
    }
    Ok(plan)
}

fn check_plan(plan: &[String]) -> Result<(), StoreError> {
    let bad = |i: usize| {
        plan[i].is_empty() || plan[i].contains(['\n', '\r']) || (i > 0 && plan[i] <= plan[i - 1])
    };
    match (0..plan.len()).find(|&i| bad(i)) {
        Some(index) => Err(StoreError::Plan {
            index,
            name: plan[index].clone(),
        }),
        None => Ok(()),
    }
}

fn text(path: &Path) -> Result<String, StoreError> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        .map_err(io(path))?;
    Ok(text)
}
