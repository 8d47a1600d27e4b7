//! The page of an audit.

use std::path::Path;

use evaluation::Run;
use report::{IdentityPage, InteractionFigure, PlacedFace, ProbeRow, write_identity_page};

use crate::{
    Error,
    outcome::{IdentityAudit, Placed},
};

/// Writes the page.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write(
    run: &Run,
    audit: &IdentityAudit,
    command: &str,
    path: &Path,
) -> Result<(), Error> {
    let probe = &audit.probe;
    let mut notes = Vec::new();
    if audit.synthetic {
        notes.push(
            "These data are synthetic: rendered faces, not photographs. A rendered person is easier to recognise by simple features than a photographed one.".into(),
        );
    }
    let [identity, interaction] = audit.sentences();
    let page = IdentityPage {
        title: format!("How much does {} look at who it is?", run.recipe.name),
        answer: identity,
        interaction_answer: interaction,
        notes,
        facts: vec![
            ("Run".into(), run.dir.path().display().to_string()),
            (
                "Data".into(),
                format!("{}, split '{}'", audit.data.display(), audit.split),
            ),
            ("Identities".into(), probe.identities.to_string()),
            (
                "Real faces fitted / held out".into(),
                format!("{} / {}", probe.fitted, probe.held_out),
            ),
        ],
        chance: probe.chance,
        layers: probe
            .layers
            .iter()
            .map(|layer| ProbeRow {
                layer: layer.layer.clone(),
                trained: layer.trained,
                untrained: layer.untrained,
            })
            .collect(),
        interaction: InteractionFigure {
            score: audit.interaction.score.as_str().into(),
            real: audit.interaction.real.clone(),
            forged: audit.interaction.forged.clone(),
        },
        layout: placed(&audit.layout),
        people: placed(&audit.people),
        command: command.into(),
    };
    Ok(write_identity_page(&page, path)?)
}

fn placed(faces: &[Placed]) -> Vec<PlacedFace> {
    let place = |face: &Placed| PlacedFace {
        at: face.at,
        identity: face.identity,
        class: face.forged.then(|| face.method.clone()),
    };
    faces.iter().map(place).collect()
}
