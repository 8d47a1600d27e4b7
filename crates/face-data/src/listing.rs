//! What a manifest, a folder or a store holds, before any picture is read.

use std::path::Path;

use face_preproc::manifest::{Manifest, ManifestError, Split};
use face_store::Store;
use runtime::{Event, Observer};

use crate::{Error, videos::holds_videos};

/// The digest of data, as [`experiment::DataInfo::digest`] has it: of a manifest, a folder or a store. No picture
/// is read.
///
/// # Errors
/// Where the manifest or the store cannot be read.
pub fn data_digest(path: &Path) -> Result<String, Error> {
    list(path, None, &mut ()).map(|(manifest, _)| manifest.digest)
}

/// What a manifest, a folder or a store holds: of a part alone where every row names its part.
pub(crate) fn list(
    path: &Path,
    part: Option<Split>,
    observer: &mut dyn Observer,
) -> Result<(Manifest, Option<Store>), Error> {
    if Store::is_store(path) {
        let mut store = open_store(path, part, observer)?;
        let rows = store.take_rows();
        let listed = store.listed();
        let manifest = Manifest {
            root: path.to_owned(),
            // A store that grew is other data.
            digest: format!("{}+{listed}", store.info().digest),
            numbers: store.numbers().to_vec(),
            listed,
            rows,
        };
        return Ok((manifest, Some(store)));
    }
    let manifest = match path.is_dir() {
        true => Manifest::from_folder(path),
        false => Manifest::read_part(path, part),
    };
    match manifest {
        Err(ManifestError::Empty { .. }) if holds_videos(path) => Err(Error::Videos {
            path: path.to_owned(),
        }),
        manifest => Ok((manifest?, None)),
    }
}

/// Opens a store and says what it lacks.
fn open_store(
    path: &Path,
    part: Option<Split>,
    observer: &mut dyn Observer,
) -> Result<Store, Error> {
    let store = Store::open_part(path, part)?;
    let missing = store.missing();
    if !missing.shards.is_empty() {
        observer.event(Event::Incomplete {
            store: path,
            shards: missing.shards.len(),
            clips: missing.clips.len(),
        });
    }
    Ok(store)
}
