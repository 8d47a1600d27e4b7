//! A case as its page and its report show it.

use std::path::Path;

use answer_page::{Link, Place, Show};
use answers::in_words;
use provenance::Fact;

use crate::{app::App, protocol::About, store::Case, time::rfc3339};

/// What the names of files that show an answer begin with: workers are told so.
const ANSWER: &str = "answer";

/// A case as it is shown.
pub(super) struct View {
    pub id: i64,
    pub name: String,
    pub state: &'static str,
    pub ended: bool,
    /// Why it failed.
    pub why: Option<String>,
    /// The verdict for a person.
    pub words: Option<String>,
    /// The answer, what the file says of itself, and how the answer came about, as HTML.
    pub answer: Option<String>,
    pub facts: String,
    pub history: String,
    pub notes: String,
    /// Commands that repeat the answer.
    pub repeat: Vec<String>,
}

impl View {
    /// The case for its page, which has its pictures from the server, or for its report, which has them in
    /// itself.
    pub(super) fn new(app: &App, case: &Case, folder: &Path, still: bool) -> Self {
        let row = &case.row;
        let about = case.detector.as_ref().unwrap_or(&app.about);
        let [pictures, film] = ["answer/", "file"].map(|part| format!("/cases/{}/{part}", row.id));
        let shown = case.answer.as_ref().map(|answer| {
            let link = match still {
                true => Link::Inside,
                false => Link::At(&pictures),
            };
            let notes = match answer.score {
                Some(_) => answer_page::notes(about),
                None => Vec::new(),
            };
            let show = Show {
                place: Place {
                    folder,
                    name: ANSWER,
                    link,
                },
                name: &row.name,
                notes: &notes,
                player: Some(&film),
                anchor: "",
                still,
            };
            answer_page::shown(answer, &show)
        });
        let told = answer_page::told(
            &row.sha256,
            row.bytes,
            case.answer.as_ref(),
            case.facts.clone(),
        );
        Self {
            id: row.id,
            name: row.name.clone(),
            state: row.state.word(),
            ended: row.state.is_end(),
            why: row.why.clone(),
            words: row.verdict.as_deref().map(in_words),
            answer: shown,
            facts: answer_page::facts(&told),
            history: answer_page::facts(&history(app, case, about)),
            notes: row.notes.clone(),
            repeat: vec![
                "sha256sum FILE".into(),
                (app.options.repeat)(&case.settings),
            ],
        }
    }

    /// What facts are.
    pub(super) fn about_facts(&self) -> &'static str {
        answer_page::ABOUT_FACTS
    }

    /// What no answer says.
    pub(super) fn limits(&self) -> &'static str {
        answer_page::LIMITS
    }

    /// Whether it waits or is looked at.
    pub(super) fn is_open(&self) -> bool {
        !self.ended
    }
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
