//! An answer as HTML.

use answers::{Answer, in_words, meaning};
use askama::Template;

use crate::{
    film::Film,
    picture::{Face, Whole},
    place::Place,
    score::{Score, class},
    template::written,
};

/// How an answer is shown.
#[derive(Debug, Clone, Copy)]
pub struct Show<'a> {
    /// Where its pictures are.
    pub place: Place<'a>,
    /// What the file is called.
    pub name: &'a str,
    /// What is to be known first, besides what the answer says itself.
    pub notes: &'a [String],
    /// The address of the film, where it may be played.
    pub player: Option<&'a str>,
    /// What the names of its parts begin with, where a page shows several answers.
    pub anchor: &'a str,
    /// Nothing moves: it is for paper.
    pub still: bool,
}

#[derive(Template)]
#[template(path = "answer.html")]
struct Shown<'a> {
    answer: &'a Answer,
    name: &'a str,
    words: String,
    class: &'static str,
    meaning: &'static str,
    score: Option<Score>,
    notes: Vec<String>,
    whole: Option<Whole>,
    faces: Vec<Face>,
    film: Option<Film>,
    player: Option<&'a str>,
    anchor: &'a str,
    still: bool,
}

/// An answer as HTML, for a page that has [`style`](crate::style) and, unless it is still, ends with
/// [`SCRIPT`](crate::SCRIPT).
#[must_use]
pub fn shown(answer: &Answer, show: &Show<'_>) -> String {
    let Show {
        place,
        name,
        notes,
        player,
        anchor,
        still,
    } = *show;
    let mut notes = notes.to_vec();
    notes.extend(own_notes(answer));
    written(&Shown {
        answer,
        name,
        words: in_words(&answer.verdict),
        class: class(&answer.verdict),
        meaning: meaning(&answer.verdict),
        score: answer
            .score
            .map(|score| Score::new(score, answer.threshold, answer.uncertain_from)),
        notes,
        whole: Whole::new(answer, &place),
        faces: Face::all(answer, &place),
        film: Film::new(answer, &place),
        player,
        anchor,
        still,
    })
}

/// What an answer says that is to be known before believing it.
fn own_notes(answer: &Answer) -> impl Iterator<Item = String> {
    let partial = answer.partial.iter().map(|partial| format!("{partial}."));
    let coverage = answer
        .coverage
        .iter()
        .filter(|coverage| !coverage.is_whole())
        .map(|coverage| format!("{coverage}; of what happens in the others nothing is known."));
    let turned = answer.turned.iter().map(|by| {
        format!("No face stood upright; the picture was turned by {by} degrees to judge it.")
    });
    let unwritten = answer
        .unwritten
        .iter()
        .map(|why| format!("A picture could not be written: {why}."));
    partial.chain(coverage).chain(turned).chain(unwritten)
}
