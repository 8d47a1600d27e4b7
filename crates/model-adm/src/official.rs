//! The published checkpoints of CADDM.

use std::path::Path;

use backbones::{LoadOptions, LoadReport, WeightsError, load_weights};
use burn::module::Module;
use core_tensor_ops::Backbone;

use crate::model::Adm;
use crate::module::ArtifactDetection;

/// What the published training script saves: the network beside the optimiser's state and the
/// epoch. Its names begin with `network.`.
#[derive(Module, Debug)]
struct Checkpoint<M> {
    network: M,
}

/// Names of an official network that this one has no use for.
fn unused<B: Backbone>(adm: &Adm<B>) -> Vec<String> {
    // The backbone's own head, which the official network keeps and does not call.
    let mut names = vec!["base_model.fc.".to_owned(), "base_model._fc.".to_owned()];
    let levels = adm.adm.as_ref().map_or(4, ArtifactDetection::levels);
    for level in levels..4 {
        for heads in ["ms_dets", "ms_cls"] {
            names.push(format!("adm.multi_scale_detection_module.{heads}.{level}."));
        }
    }
    names
}

/// Reads an official checkpoint, in the layout of the published training script (`network`,
/// `opt_state`, `epoch`) or its state dictionary alone, from PyTorch's format or safetensors.
///
/// Fields here bear the official names, so no name is translated. Left out are the optimiser's
/// state, the backbone's own head, and the heads of levels that this network does not have; the
/// report lists them.
///
/// # Errors
///
/// [`WeightsError`] if the file cannot be read or any other name or shape differs; the network is
/// then unchanged.
pub fn load_official<B: Backbone>(
    adm: &mut Adm<B>,
    path: impl AsRef<Path>,
) -> Result<LoadReport, WeightsError> {
    let path = path.as_ref();
    let unused = unused(adm);
    let mut checkpoint = Checkpoint {
        network: adm.clone(),
    };
    let nested = LoadOptions {
        ignore: unused
            .iter()
            .map(|name| format!("network.{name}"))
            .chain(["opt_state.".to_owned()])
            .collect(),
    };
    match load_weights(&mut checkpoint, path, &nested) {
        Err(WeightsError::Mismatch { mismatch, .. })
            if mismatch
                .unexpected
                .iter()
                .any(|name| !name.starts_with("network.")) =>
        {
            load_weights(adm, path, &LoadOptions { ignore: unused })
        }
        result => {
            if result.is_ok() {
                *adm = checkpoint.network;
            }
            result
        }
    }
}
