//! A folder with a manifest, `faces.json`: see [`face_preproc::manifest`].

use face_preproc::manifest::Manifest;
use face_preproc::manifest::known::{COMPRESSION, SOURCE_IDENTITY};

use crate::clip::{Clip, Kind};
use crate::error::DatasetError;
use crate::tree::Tree;

const MANIFEST: &str = "faces.json";

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has(MANIFEST)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let manifest = Manifest::read(tree.root().join(MANIFEST))?;
    for row in manifest.rows {
        if tree
            .need(row.file.clone(), "named by the manifest")
            .is_none()
        {
            continue;
        }
        let mut clip = Clip::new(&row.dataset, row.file, &row.video);
        if row.label.is_forged() {
            clip = clip.forged(&row.method);
        }
        clip.kind = Kind::Picture;
        clip.identity = Some(row.identity);
        clip.split = row.split;
        clip.mask = row
            .mask
            .and_then(|mask| tree.need(mask, "the mask of a picture"));
        let text = |key: &str| Some(row.extra.get(key)?.as_str()?.to_owned());
        clip.compression = text(COMPRESSION);
        clip.source_identity = text(SOURCE_IDENTITY);
        tree.push(clip);
    }
    Ok(())
}
