//! A case as its page and its report show it.

use std::path::Path;

use answers::{Answer, in_words, meaning};
use provenance::Fact;

use super::{
    film::Film,
    picture::{Face, Whole},
    pictures::{Pictures, Shown},
    score::{Score, class},
};
use crate::{app::App, protocol::About, store::Case, time::rfc3339};

/// A case as it is shown.
pub(super) struct View {
    pub id: i64,
    pub name: String,
    pub state: &'static str,
    pub ended: bool,
    /// Why it failed.
    pub why: Option<String>,
    pub verdict: Option<Verdict>,
    pub whole: Option<Whole>,
    pub faces: Vec<Face>,
    pub film: Option<Film>,
    pub facts: Vec<Fact>,
    pub history: Vec<Fact>,
    pub notes: String,
    /// Commands that repeat the answer.
    pub repeat: Vec<String>,
    /// The original is a film that may be played.
    pub player: bool,
}

/// What is said of all of a file.
pub(super) struct Verdict {
    pub words: String,
    pub class: &'static str,
    pub meaning: &'static str,
    pub reason: Option<String>,
    pub score: Option<Score>,
    /// What a reader must know before believing it.
    pub notes: Vec<String>,
}

impl View {
    pub(super) fn new(app: &App, case: &Case, folder: &Path, shown: Shown) -> Self {
        let row = &case.row;
        let pictures = Pictures {
            folder,
            id: row.id,
            shown,
        };
        let about = case.detector.clone().unwrap_or_else(|| app.about.clone());
        let answer = case.answer.as_ref();
        let film = answer.and_then(|answer| Film::new(answer, &pictures));
        Self {
            id: row.id,
            name: row.name.clone(),
            state: row.state.word(),
            ended: row.state.is_end(),
            why: row.why.clone(),
            verdict: answer.map(|answer| verdict(answer, &about)),
            whole: answer.and_then(|answer| Whole::new(answer, &pictures)),
            faces: answer
                .map(|answer| Face::all(answer, &pictures))
                .unwrap_or_default(),
            player: film.is_some() && shown == Shown::Linked,
            film,
            facts: facts(case),
            history: history(app, case, &about),
            notes: row.notes.clone(),
            repeat: vec![
                "sha256sum FILE".into(),
                (app.options.repeat)(&case.settings),
            ],
        }
    }

    /// Whether it waits or is looked at.
    pub(super) fn is_open(&self) -> bool {
        !self.ended
    }
}

fn verdict(answer: &Answer, about: &About) -> Verdict {
    let score = answer
        .score
        .map(|score| Score::new(score, answer.threshold, answer.uncertain_from));
    let mut notes = Vec::new();
    if answer.trained_on_synthetic_faces {
        notes.push(
            "This detector was trained on synthetic faces: its verdict on photographs means little."
                .into(),
        );
    }
    notes.extend(answer.origin.iter().map(|origin| format!("{origin}.")));
    notes.extend(answer.partial.iter().map(|partial| format!("{partial}.")));
    notes.extend(
        answer
            .coverage
            .iter()
            .map(|coverage| format!("{coverage}; of what happens in the others nothing is known.")),
    );
    notes.extend(answer.turned.iter().map(|by| {
        format!("No face stood upright; the picture was turned by {by} degrees to judge it.")
    }));
    notes.extend(
        answer
            .unwritten
            .iter()
            .map(|why| format!("A picture could not be written: {why}.")),
    );
    if score.is_some() {
        notes.extend(about.measured.iter().map(|measured| {
            let of_hundred = about.false_alarms.map(|share| {
                format!(
                    "Of 100 real faces about {:.0} are called forged by it",
                    100.0 * share
                )
            });
            let so = of_hundred.unwrap_or_else(|| "How often it is wrong about real faces".into());
            format!("{so}: {measured}.")
        }));
    }
    Verdict {
        words: in_words(&answer.verdict),
        class: class(&answer.verdict),
        meaning: meaning(&answer.verdict),
        reason: answer.reason.clone(),
        score,
        notes,
    }
}

/// What the file says of itself.
fn facts(case: &Case) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("SHA-256", &case.row.sha256),
        Fact::new("Size", size(case.row.bytes)),
    ];
    if let Some([width, height]) = case.answer.as_ref().and_then(|answer| answer.size) {
        facts.push(Fact::new("Picture", format!("{width} x {height} pixels")));
    }
    facts.extend(case.facts.iter().cloned());
    facts
}

/// How the answer came about.
fn history(app: &App, case: &Case, about: &About) -> Vec<Fact> {
    let row = &case.row;
    let mut history = vec![Fact::new("Arrived", rfc3339(row.added))];
    history.extend(row.begun.map(|at| Fact::new("Begun", rfc3339(at))));
    history.extend(row.ended.map(|at| Fact::new("Ended", rfc3339(at))));
    history.push(Fact::new("Detector", &about.name));
    let weights = about.weights.iter();
    history.extend(weights.map(|weights| Fact::new("Weights (SHA-256)", weights)));
    history.extend(
        about
            .origin
            .iter()
            .map(|origin| Fact::new("Origin", origin)),
    );
    history.push(Fact::new(
        "Program",
        format!("version {}", app.about.version),
    ));
    history.push(Fact::new("Settings", settings(case)));
    history
}

fn settings(case: &Case) -> String {
    let settings = &case.settings;
    let mut said = vec![format!("{} frames of a film", settings.frames)];
    if settings.whole {
        said.push("the picture is a face's crop".into());
    }
    if settings.any_compression {
        said.push("however compressed".into());
    }
    said.join(", ")
}

/// Bytes for a person.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
