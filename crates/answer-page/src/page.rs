//! A page of many answers, beside their pictures.

use answers::{Answer, in_words};
use askama::Template;
use provenance::Fact;

use crate::{
    answer::{Show, shown},
    assets::{SCRIPT, style},
    facts::{ABOUT_FACTS, facts},
    notes::LIMITS,
    place::Place,
    score::{class, percent},
    template::written,
};

/// A page of many answers.
#[derive(Debug, Default)]
pub struct Page {
    /// What judged.
    pub title: String,
    /// One sentence in answer to "is any of it forged".
    pub answer: String,
    /// What a reader must know before believing it.
    pub notes: Vec<String>,
    /// The answers, in order.
    pub entries: Vec<Entry>,
    /// The command that made the page.
    pub command: String,
}

/// An answer, ready for its page.
#[derive(Debug)]
pub struct Entry {
    name: String,
    words: String,
    class: &'static str,
    percent: Option<String>,
    anchor: String,
    shown: String,
    facts: String,
}

impl Entry {
    /// The answer with a number of its own on the page, what its file is called, where its pictures are, the
    /// address of a film that may be played, and what is told beside it.
    #[must_use]
    pub fn new(
        number: usize,
        answer: &Answer,
        name: &str,
        place: Place<'_>,
        player: Option<&str>,
        told: &[Fact],
    ) -> Self {
        let anchor = format!("file-{number}");
        let show = Show {
            place,
            name,
            notes: &[],
            player,
            anchor: &format!("{anchor}-"),
            still: false,
        };
        Self {
            name: name.to_owned(),
            words: in_words(&answer.verdict),
            class: class(&answer.verdict),
            percent: answer.score.map(percent),
            shown: shown(answer, &show),
            facts: match told {
                [] => String::new(),
                told => facts(told),
            },
            anchor,
        }
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct Written<'a> {
    page: &'a Page,
    style: String,
    script: &'static str,
    about_facts: &'static str,
    limits: &'static str,
}

impl Page {
    /// The page as HTML. It needs nothing but the pictures beside it: no server, no network.
    #[must_use]
    pub fn written(&self) -> String {
        written(&Written {
            page: self,
            style: style(),
            script: SCRIPT,
            about_facts: ABOUT_FACTS,
            limits: LIMITS,
        })
    }
}
