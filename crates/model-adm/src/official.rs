//! The published checkpoints of CADDM.

use backbones::{Aliases, AnyBackbone, LoadOptions};

use crate::model::Adm;
use crate::module::ArtifactDetection;

/// What the published training script puts before the network's names; the optimiser's state
/// stands beside it.
const NETWORK: &str = "network.";
const OPTIMISER: &str = "opt_state.";

/// Names in an official file that stand for others here.
fn aliases(adm: &Adm<AnyBackbone>) -> Aliases {
    let mut aliases = Aliases::new();
    for (theirs, ours) in adm.base_model.aliases() {
        let ours = format!("base_model.{ours}");
        aliases.push((format!("{NETWORK}base_model.{theirs}"), ours.clone()));
        aliases.push((format!("base_model.{theirs}"), ours));
    }
    aliases.push((NETWORK.to_owned(), String::new()));
    aliases
}

/// Names of an official network that this one has no use for.
fn unused(adm: &Adm<AnyBackbone>) -> Vec<String> {
    // The backbone's own head, which the official network keeps and does not call.
    let heads = ["base_model.fc.", "base_model.classifier."].map(str::to_owned);
    let built = adm.adm.as_ref().map_or(4, ArtifactDetection::levels);
    let levels = (built..4).flat_map(|level| {
        ["ms_dets", "ms_cls"]
            .map(|heads| format!("adm.multi_scale_detection_module.{heads}.{level}."))
    });
    heads
        .into_iter()
        .chain(levels)
        .chain([OPTIMISER.to_owned()])
        .collect()
}

/// What an official checkpoint calls the parts of `adm`, for
/// [`load_weights`](backbones::load_weights): in the layout of the published training script
/// (`network`, `opt_state`, `epoch`) or as its state dictionary alone.
///
/// Fields here bear the official names; those of an EfficientNet are translated. Left out are the
/// optimiser's state, the backbone's own head, and the heads of levels that this network does not
/// have; the report of loading lists them.
pub fn official_names(adm: &Adm<AnyBackbone>) -> LoadOptions {
    LoadOptions {
        ignore: unused(adm),
        aliases: aliases(adm),
    }
}
