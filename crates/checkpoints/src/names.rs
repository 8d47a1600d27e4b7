//! What published names stand for.

use backbones::{Aliases, AnyBackbone, LoadOptions};
use model_adm::Adm;

use crate::kind::Kind;

/// What training scripts save beside the network.
const BESIDE: [&str; 3] = ["optimizer.", "opt_state.", "scheduler."];

/// How a file of a network built on [`Adm`] is read, whose names begin with `prefix`.
pub(crate) fn of_adm(kind: Kind, adm: &Adm<AnyBackbone>, prefix: &str) -> LoadOptions {
    let backbone = adm.base_model.aliases().into_iter();
    let named = |theirs: &str, ours: &str| (theirs.to_owned(), ours.to_owned());
    // The first that fits is taken.
    let (aliases, unused): (Aliases, _) = match kind {
        Kind::Sbi => {
            let aliases = backbone.map(|(theirs, ours)| (theirs, format!("base_model.{ours}")));
            let head = [named("_fc.", "fc.")];
            (head.into_iter().chain(aliases).collect(), None)
        }
        Kind::DeepfakebenchXception => (
            vec![named("last_linear.", "fc."), named("", "base_model.")],
            // Built by its code for another detector, and not called here.
            Some("base_model.adjust_channel."),
        ),
        Kind::DeepfakebenchEfficientnetB4 => {
            let aliases = backbone.map(|(theirs, ours)| {
                (
                    format!("efficientnet.{theirs}"),
                    format!("base_model.{ours}"),
                )
            });
            let head = [named("last_layer.", "fc.")];
            (head.into_iter().chain(aliases).collect(), None)
        }
        _ => {
            let official = model_adm::official_names(adm);
            let mut options = after(prefix, official.aliases);
            options.aliases.push(named(prefix, ""));
            options.ignore.extend(official.ignore);
            return options;
        }
    };
    let mut options = after(prefix, aliases);
    options.ignore.extend(unused.map(str::to_owned));
    options
}

/// How a file of LiSiam's code is read, whose names begin with `prefix`.
pub(crate) fn of_lisiam(prefix: &str) -> LoadOptions {
    after(prefix, model_lisiam::official_names())
}

/// How a file of MesoNet is read, whose names begin with `prefix`.
pub(crate) fn of_meso(prefix: &str) -> LoadOptions {
    after(prefix, model_meso::official_names())
}

/// The names with `prefix` before them, and what stands beside a network left out.
fn after(prefix: &str, aliases: Aliases) -> LoadOptions {
    let aliases = aliases.into_iter();
    LoadOptions {
        aliases: aliases
            .map(|(theirs, ours)| (format!("{prefix}{theirs}"), ours))
            .collect(),
        ignore: BESIDE.map(str::to_owned).into(),
    }
}
