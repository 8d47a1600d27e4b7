//! Some of a data set's clips, by name.

use std::collections::BTreeSet;

use face_preproc::manifest::Split;

use crate::clip::Clip;
use crate::tree::Listing;

/// Which clips are wanted. An empty list of names wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Compressions, such as `c23`. Clips of which none is known stay.
    pub compressions: Vec<String>,
    /// Methods of forgeries. Real clips stay, whatever is named; `real` leaves them alone.
    pub methods: Vec<String>,
    /// The data set's own parts: `train`, `val`, `test`. Clips in none go.
    pub splits: Vec<String>,
}

/// A name that no clip bears; the text says which there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no clip has the {what} {name:?}; they have {}", if known.is_empty() { "none" } else { known })]
pub struct NoSuchClips {
    what: &'static str,
    name: String,
    known: String,
}

impl Selection {
    /// The clips that are wanted, and what is missing but for what lies in the folders of other
    /// compressions and methods.
    ///
    /// # Errors
    ///
    /// [`NoSuchClips`] for a name that no clip bears.
    pub fn choose(&self, mut listing: Listing) -> Result<Listing, NoSuchClips> {
        let clips = &listing.clips;
        let mut others = others("compression", &self.compressions, clips, compression)?;
        let methods = self::others("method", &self.methods, clips, method)?;
        others.extend(methods.into_iter().filter(|name| name != "real"));
        self::others("split", &self.splits, clips, split)?;
        let elsewhere = |path: &str| path.split('/').any(|folder| others.contains(folder));
        listing.missing.retain(|missing| !elsewhere(&missing.path));
        listing.clips.retain(|clip| self.wants(clip));
        Ok(listing)
    }

    fn wants(&self, clip: &Clip) -> bool {
        compression(clip).is_none_or(|name| among(&self.compressions, name))
            && (!clip.label.is_forged() || among(&self.methods, &clip.method))
            && split(clip).map_or(self.splits.is_empty(), |name| among(&self.splits, name))
    }
}

fn among(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|wanted| wanted == name)
}

fn compression(clip: &Clip) -> Option<&str> {
    clip.compression.as_deref()
}

fn method(clip: &Clip) -> Option<&str> {
    Some(&clip.method)
}

fn split(clip: &Clip) -> Option<&str> {
    clip.split.map(Split::as_str)
}

/// The names that clips bear and that are not wanted.
fn others(
    what: &'static str,
    wanted: &[String],
    clips: &[Clip],
    name: fn(&Clip) -> Option<&str>,
) -> Result<BTreeSet<String>, NoSuchClips> {
    let known: BTreeSet<&str> = clips.iter().filter_map(name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name.as_str())) {
        return Err(NoSuchClips {
            what,
            name: unknown.clone(),
            known: known.into_iter().collect::<Vec<_>>().join(", "),
        });
    }
    let left = known.into_iter().filter(|name| !among(wanted, name));
    Ok(left.map(str::to_owned).collect())
}
