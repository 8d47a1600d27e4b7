//! How much a detector looks at who it is: the identity audit of CADDM, section 3.

use std::path::PathBuf;

use evaluation::{Run, ScoringSet};
use experiment::{RunDir, write_json};
use face_data::Faces;
use face_preproc::split::Split;
use inference::Network;
use model_adm::ScalarScore;
use runtime::{DeviceName, Event, Observer, Purpose, generator};

use crate::{Error, features, interaction, layout, outcome::IdentityAudit, page, probe};

/// Real faces whose features are looked at, and again as many forged ones; spread over the split.
const FACES: usize = 800;

/// What `audit_identity` is to do.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// A manifest, a folder or a store; absent: the data of the run.
    pub data: Option<PathBuf>,
    /// Faces whose interaction is computed, half of them forged; 258 forward passes each.
    pub frames: usize,
    /// The scalar that the interaction is of.
    pub score: ScalarScore,
    /// Where the page goes; absent: `audit-identity/` in the run.
    pub out: Option<PathBuf>,
    /// Where the network runs.
    pub device: DeviceName,
    /// The command line, for the page.
    pub command: Vec<String>,
}

/// Audits a run and writes `index.html` and `audit.json`.
///
/// # Errors
/// Where the run judges clips, the data do not allow an audit, or a file cannot be read or written.
pub fn audit_identity(
    run: &RunDir,
    options: &AuditOptions,
    observer: &mut dyn Observer,
) -> Result<(IdentityAudit, PathBuf), Error> {
    let run = Run::load(run, options.device)?;
    let (Network::Faces(network), Network::Faces(untrained)) = (&run.network, run.untrained()?)
    else {
        return Err(Error::JudgesClips {
            path: run.dir.path().to_owned(),
        });
    };
    let path = &run.data(options.data.as_deref())?;
    let part = Some(Split::Test);
    let mut faces = Faces::list(path, &run.recipe.crop, &run.recipe.split, part, observer)?;
    let own = run.owns(&faces);
    let split = run.unseen_split(&faces);
    faces.keep_part(split);
    let name = split.map_or("all", Split::as_str);
    let forge = own || !faces.rows(split).iter().any(|&row| faces.forged(row));
    let set = ScoringSet::new(&faces, split, forge, &run.recipe)?;
    let items = features::spread(&set, FACES);
    let networks = [&**network, &*untrained];
    let seen = features::extract(&set, &faces, &items, networks, &run, observer)?;
    observer.event(Event::Said(
        "reading identities from the features by a linear layer",
    ));
    let mut rng = generator(run.recipe.seed, Purpose::Audit, 0, 0);
    let probe = probe::probe(&seen, &faces, path, &mut rng)?;
    let interaction = interaction::measure(
        &**network,
        &set,
        &faces,
        options.frames,
        options.score,
        &run,
        observer,
    );
    observer.event(Event::Said("laying out the features by t-SNE"));
    let mut rng = generator(run.recipe.seed, Purpose::Audit, 2, 0);
    let audit = IdentityAudit {
        data: path.clone(),
        split: name.into(),
        synthetic: own && run.info.data.synthetic,
        probe,
        interaction,
        layout: layout::of_classes(&seen, &set, &mut rng)?,
        people: layout::of_people(&seen, &set, &mut rng)?,
    };
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| run.dir.path().join("audit-identity"));
    std::fs::create_dir_all(&out).map_err(experiment::Error::io(&out))?;
    write_json(&out.join("audit.json"), &audit.to_json())?;
    page::write(
        &run,
        &audit,
        &options.command.join(" "),
        &out.join("index.html"),
    )?;
    Ok((audit, out))
}
