//! Which forgeries of a data set were made from which of its real frames.

use std::collections::HashMap;

use face_preproc::{
    manifest::{Row, known::WINDOW},
    split::Split,
};

use crate::faces::Faces;

/// Real frames and the forgeries made from them, frame by frame the same scene.
///
/// A forged row names its original by `original` (the video's name, or the file's where it is a
/// single picture), which `prep` writes for every data set that tells. Both rows then
/// are of one data set, one compression (which is in the video's name) and one frame. Where both say
/// by `box` which part of the frame they show, it is the same part: else what is swapped between them
/// would not meet.
pub struct Pairs {
    /// Of each real row that has any, its forgeries' rows, by the real row.
    forgeries: HashMap<usize, Vec<usize>>,
}

impl Pairs {
    /// The pairs of a split, or of all rows.
    pub fn new(faces: &Faces, split: Option<Split>) -> Self {
        let rows = faces.rows(split);
        let manifest = &faces.manifest.rows;
        let mut real = HashMap::new();
        for &row in rows.iter().filter(|row| !faces.forged(**row)) {
            let facts = &manifest[row];
            let (dataset, frame) = (facts.dataset.as_str(), facts.frame);
            real.insert((dataset, facts.video.as_str(), frame), row);
            real.insert((dataset, facts.file.as_str(), frame), row);
        }
        let mut forgeries: HashMap<usize, Vec<usize>> = HashMap::new();
        for &row in rows.iter().filter(|row| faces.forged(**row)) {
            let facts = &manifest[row];
            let key = facts
                .original()
                .map(|name| (facts.dataset.as_str(), name, facts.frame));
            if let Some(&of) = key.and_then(|key| real.get(&key))
                && cut_alike(facts, &manifest[of])
            {
                forgeries.entry(of).or_default().push(row);
            }
        }
        Self { forgeries }
    }

    /// The forgeries made from a real row.
    pub fn of(&self, real: usize) -> &[usize] {
        self.forgeries.get(&real).map_or(&[], Vec::as_slice)
    }
}

fn cut_alike(forged: &Row, real: &Row) -> bool {
    match (forged.extra.get(WINDOW), real.extra.get(WINDOW)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}
