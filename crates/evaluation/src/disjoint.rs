//! Tests that share nothing of a kind with what a run was trained or tuned on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use experiment::{Seen, read_json};
use face_data::{Faces, source};
use face_preproc::manifest::Row;
use runtime::{Event, Observer};
use serde::Serialize;

use crate::{Error, run::Run};

/// Names of what is left out that a sentence lists.
const LISTED: usize = 5;

/// A kind of thing that a test shares with no training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Disjoint {
    /// Forgeries are by methods that were not learnt from.
    #[serde(rename = "generator-disjoint")]
    Generator,
    /// Nobody was seen: neither the person in the picture nor the one whose face a forgery has.
    #[serde(rename = "identity-disjoint")]
    Identity,
    /// No video was seen, in any compression, nor a forgery of it.
    #[serde(rename = "source-disjoint")]
    Source,
}

impl Disjoint {
    const ALL: [Self; 3] = [Self::Generator, Self::Identity, Self::Source];

    fn as_str(self) -> &'static str {
        match self {
            Self::Generator => "generator-disjoint",
            Self::Identity => "identity-disjoint",
            Self::Source => "source-disjoint",
        }
    }

    /// What a row shares with the training.
    fn shared(self, row: &Row, seen: &Seen) -> Option<String> {
        let among =
            |name: &str, names: &BTreeSet<String>| names.contains(name).then(|| name.into());
        match self {
            Self::Generator if !row.label.is_forged() => None,
            // It may be any of those that were learnt from.
            Self::Generator if row.method == "unknown" => Some("unknown".into()),
            Self::Generator => among(&row.method, &seen.methods),
            Self::Identity => among(&row.identity, &seen.people)
                .or_else(|| among(&row.source_identity()?, &seen.people)),
            Self::Source => match source(row) {
                Some(video) => among(&video, &seen.sources),
                None => {
                    let dataset = format!("{}/", row.dataset);
                    let met = seen.sources.iter().any(|video| video.starts_with(&dataset));
                    met.then(|| format!("{dataset}..., not told which"))
                }
            },
        }
    }
}

impl fmt::Display for Disjoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Disjoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| format!("expected one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// What a test shares with no training, and what was left out for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Protocol {
    /// The kinds.
    pub kinds: Vec<Disjoint>,
    /// Real and forged frames that are left.
    pub frames: [usize; 2],
    /// Methods of the forgeries that are left.
    pub methods: BTreeSet<String>,
    /// By kind: what rows share with the training, and how many frames were left out for each.
    pub left_out: BTreeMap<Disjoint, BTreeMap<String, usize>>,
}

impl Protocol {
    /// What is tested, and what was left out: a line each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let kinds: Vec<_> = self.kinds.iter().map(ToString::to_string).collect();
        let methods: Vec<_> = self.methods.iter().map(String::as_str).collect();
        let [real, forged] = self.frames;
        let mut lines = vec![format!(
            "{}: {real} real and {forged} forged frames, by {}",
            kinds.join(", "),
            methods.join(", ")
        )];
        for (kind, shared) in &self.left_out {
            let frames: usize = shared.values().sum();
            let what = match kind {
                Disjoint::Generator => "methods",
                Disjoint::Identity => "people",
                Disjoint::Source => "videos",
            };
            let names: Vec<_> = shared.keys().take(LISTED).map(String::as_str).collect();
            let more = if shared.len() > LISTED { ", ..." } else { "" };
            lines.push(format!(
                "left out: {frames} frames of {} {what} that the run has seen ({}{more})",
                shared.len(),
                names.join(", ")
            ));
        }
        lines
    }
}

/// Leaves the usable rows that share nothing of these kinds with what the run was trained or tuned on.
///
/// # Errors
/// Where nobody knows what the run has seen, or no real or no forged row is left.
pub(crate) fn keep_unseen(
    run: &Run,
    faces: &mut Faces,
    kinds: &[Disjoint],
    observer: &mut dyn Observer,
) -> Result<Protocol, Error> {
    let seen = seen(run, observer)?;
    let mut protocol = Protocol {
        kinds: kinds.to_vec(),
        frames: [0; 2],
        methods: BTreeSet::new(),
        left_out: BTreeMap::new(),
    };
    let mut kept = vec![false; faces.manifest.rows.len()];
    for row in faces.rows(None) {
        let facts = &faces.manifest.rows[row];
        let shares = |kind: &Disjoint| Some((*kind, kind.shared(facts, &seen)?));
        match kinds.iter().find_map(shares) {
            Some((kind, name)) => {
                let names = protocol.left_out.entry(kind).or_default();
                *names.entry(name).or_default() += 1;
            }
            None => {
                kept[row] = true;
                let forged = facts.label.is_forged();
                protocol.frames[usize::from(forged)] += 1;
                if forged {
                    protocol.methods.insert(facts.method.clone());
                }
            }
        }
    }
    if protocol.frames.contains(&0) {
        return Err(Error::NothingUnseen {
            path: run.dir.path().to_owned(),
            left: protocol.sentences().join("; "),
        });
    }
    faces.keep(|row| kept[row]);
    for sentence in protocol.sentences() {
        observer.event(Event::Said(&sentence));
    }
    Ok(protocol)
}

/// What a run has seen: by its records, or, of runs without them, by the data that it was trained on.
fn seen(run: &Run, observer: &mut dyn Observer) -> Result<Seen, Error> {
    let record = run.dir.seen();
    if record.is_file() {
        return Ok(read_json(&record)?);
    }
    let data = run.info.trained_on(&run.dir)?;
    let recipe = &run.recipe;
    let faces = Faces::list(data, &recipe.crop, &recipe.split, None, observer).ok();
    match faces.filter(|faces| run.owns(faces)) {
        Some(mut faces) => {
            faces.hold_out(&recipe.forgery.held_out)?;
            Ok(faces.seen(&recipe.forgery))
        }
        None => Err(Error::Forgotten {
            path: run.dir.path().to_owned(),
            data: data.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use face_preproc::manifest::Label;
    use serde_json::json;

    use super::*;

    fn row(dataset: &str, method: &str, video: &str, identity: &str) -> Row {
        let mut row = Row::new("a.png");
        row.dataset = dataset.into();
        row.method = method.into();
        row.video = video.into();
        row.identity = identity.into();
        if method != "real" {
            row.label = Label::Forged;
        }
        row
    }

    #[test]
    fn rows_share_methods_people_and_videos() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let seen = Seen {
            methods: names(&["FaceSwap"]),
            people: names(&["000", "003"]),
            sources: names(&["FF/000"]),
        };
        let shared = |kind: Disjoint, row: &Row| kind.shared(row, &seen);
        let mut forged = row("FF", "FaceSwap", "c23/100_200", "100");
        forged.extra.insert("compression".into(), json!("c23"));
        forged.extra.insert("original".into(), json!("c23/100"));
        assert_eq!(
            shared(Disjoint::Generator, &forged).as_deref(),
            Some("FaceSwap")
        );
        assert_eq!(shared(Disjoint::Identity, &forged), None);
        assert_eq!(shared(Disjoint::Source, &forged), None);
        // Its original was seen, in another compression; and so was whose face it has.
        forged.extra.insert("original".into(), json!("c23/000"));
        forged.extra.insert("source_identity".into(), json!("003"));
        assert_eq!(shared(Disjoint::Source, &forged).as_deref(), Some("FF/000"));
        assert_eq!(shared(Disjoint::Identity, &forged).as_deref(), Some("003"));
        // Of which video it is, nobody says.
        forged.extra.remove("original");
        assert!(shared(Disjoint::Source, &forged).is_some());
        let elsewhere = row("Wild", "unknown", "1", "Wild/1");
        assert_eq!(shared(Disjoint::Source, &elsewhere), None);
        assert_eq!(
            shared(Disjoint::Generator, &elsewhere).as_deref(),
            Some("unknown")
        );
        let real = row("FF", "real", "000", "000");
        assert_eq!(shared(Disjoint::Generator, &real), None);
        assert_eq!(shared(Disjoint::Source, &real).as_deref(), Some("FF/000"));
    }

    #[test]
    fn protocols_are_known_by_their_names() {
        for kind in Disjoint::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        let error = "people-disjoint".parse::<Disjoint>().unwrap_err();
        assert!(error.contains("identity-disjoint"), "{error}");
    }
}
