//! What a training sees, and what it is kept from.

use std::collections::BTreeSet;

use experiment::{Forgery, Seen};
use face_preproc::{manifest::Row, split::Split};

use crate::{Error, Faces};

/// The video that a row shows, or that its forgery was made from, as `data set/video` whatever compressed
/// it; [`None`] of a forgery whose original is not named.
#[must_use]
pub fn source(row: &Row) -> Option<String> {
    let video = match row.label.is_forged() {
        true => row.original()?,
        false => &row.video,
    };
    let compression = row.compression().map(|name| format!("{name}/"));
    let plain = compression.and_then(|prefix| video.strip_prefix(&prefix));
    Some(format!("{}/{}", row.dataset, plain.unwrap_or(video)))
}

impl Faces {
    /// Leaves out the forgeries by some methods, but for those of the test split: they are neither trained
    /// nor tuned on.
    ///
    /// # Errors
    /// Where no forgery is by one of the methods.
    pub fn hold_out(&mut self, methods: &[String]) -> Result<(), Error> {
        let forged = self
            .manifest
            .rows
            .iter()
            .filter(|row| row.label.is_forged());
        let known: BTreeSet<&str> = forged.map(|row| row.method.as_str()).collect();
        if let Some(unknown) = methods.iter().find(|name| !known.contains(name.as_str())) {
            let known: Vec<_> = known.into_iter().collect();
            let why = format!(
                "no forgery is by `{unknown}`, which forgery.held_out names; there are {}",
                known.join(", ")
            );
            return Err(Error::data(self.path(), why));
        }
        let kept: Vec<bool> = (self.manifest.rows.iter().zip(&self.splits))
            .map(|(row, split)| {
                *split == Split::Test || !row.label.is_forged() || !methods.contains(&row.method)
            })
            .collect();
        self.keep(|row| kept[row]);
        Ok(())
    }

    /// What a training by these forgeries sees of the usable rows of the training and validation splits.
    #[must_use]
    pub fn seen(&self, forgery: &Forgery) -> Seen {
        let learns = forgery.learns_from_data();
        let mut seen = Seen::default();
        seen.methods.insert(forgery.generator.as_str().to_owned());
        for row in self.rows(None) {
            let facts = &self.manifest.rows[row];
            let forged = facts.label.is_forged();
            if self.splits[row] == Split::Test || forged && !learns {
                continue;
            }
            if forged {
                seen.methods.insert(facts.method.clone());
            }
            seen.people.insert(facts.identity.clone());
            seen.people.extend(facts.source_identity());
            seen.sources.extend(source(facts));
        }
        seen
    }
}
