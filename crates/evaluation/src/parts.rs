//! Work divided among several processes: what each of them leaves, until all of it is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use experiment::{read_json, write_json};
use face_store::Share;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::Error;

/// What comes of a call that may do a part of the work alone.
#[derive(Debug)]
pub enum Parted<T> {
    /// All of it is done.
    Whole(T),
    /// This part is done, and others are still to be made.
    Part {
        /// Parts that are there.
        there: usize,
        /// Of how many.
        of: usize,
    },
}

/// The parts of one piece of work: a file each, in a folder beside the results to come. What differs
/// in any way from this work is no part of it, and made again.
pub struct Parts {
    folder: PathBuf,
    share: Share,
    work: Value,
}

/// A part, as its file has it.
#[derive(Serialize, Deserialize)]
struct Part<T> {
    work: Value,
    done: T,
}

impl Parts {
    /// Parts of the work that `work` describes, whose results go into the folder `out`; this process
    /// does `share` of it.
    #[must_use]
    pub fn new(out: &Path, share: Share, work: Value) -> Self {
        let folder = out.join(".parts");
        Self {
            folder,
            share,
            work,
        }
    }

    /// Adds what this process has `done`, and hands over all parts in their order once the last is there.
    ///
    /// # Errors
    /// Where a part cannot be written or read.
    pub fn add<T: Serialize + DeserializeOwned>(&self, done: T) -> Result<Parted<Vec<T>>, Error> {
        if self.share == Share::ALL {
            return Ok(Parted::Whole(vec![done]));
        }
        fs::create_dir_all(&self.folder).map_err(experiment::Error::io(&self.folder))?;
        let work = self.work.clone();
        write_json(&self.file(self.share), &Part { work, done })?;
        let mut parts = Vec::new();
        for share in self.share.all() {
            let file = self.file(share);
            if file.is_file() {
                let part: Part<T> = read_json(&file)?;
                parts.extend((part.work == self.work).then_some(part.done));
            }
        }
        let (there, of) = (parts.len(), self.share.all().count());
        Ok(match there == of {
            true => Parted::Whole(parts),
            false => Parted::Part { there, of },
        })
    }

    /// Removes the parts, once their results are written.
    pub fn clear(&self) {
        // What is left is overwritten by the next call.
        let _ = fs::remove_dir_all(&self.folder);
    }

    fn file(&self, share: Share) -> PathBuf {
        let name = share.to_string().replace('/', "-of-");
        self.folder.join(format!("{name}.json"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Parts are whole with the last of them, numbers come back bit for bit, and what other work left does
    /// not count.
    #[test]
    fn the_last_part_has_them_all() {
        let folder = tempfile::tempdir().unwrap();
        let add = |share: &str, work: u32, done: Vec<f64>| {
            let parts = Parts::new(
                folder.path(),
                share.parse().unwrap(),
                json!({ "work": work }),
            );
            parts.add(done).unwrap()
        };
        let there = |parted: &Parted<_>| matches!(parted, Parted::Part { there: 1, of: 2 });
        assert!(there(&add("1/2", 1, vec![0.1 + 0.2, 1e-310])));
        assert!(there(&add("0/2", 2, vec![9.0])));
        let Parted::Whole(all) = add("0/2", 1, vec![1.0 / 3.0]) else {
            panic!("both are there");
        };
        assert_eq!(all, [vec![1.0 / 3.0], vec![0.1 + 0.2, 1e-310]]);
        Parts::new(folder.path(), Share::ALL, json!(null)).clear();
        assert!(there(&add("0/2", 1, vec![1.0 / 3.0])));
    }
}
