//! A page of an answer and plain tables.

use std::path::Path;

use askama::Template;

use crate::{ReportError, write_page};

/// An answer, and the tables that it rests on.
#[derive(Clone, Debug, Default)]
pub struct TablesPage {
    /// What kind of page it is, in two words.
    pub kicker: String,
    /// What it is of.
    pub title: String,
    /// What is found, in one sentence.
    pub answer: String,
    /// What a reader must know before believing it.
    pub notes: Vec<String>,
    /// The tables, in order.
    pub tables: Vec<PlainTable>,
    /// The command that made the page.
    pub command: String,
}

/// A table of text.
#[derive(Clone, Debug, Default)]
pub struct PlainTable {
    /// What it is of.
    pub title: String,
    /// Names of the columns.
    pub head: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
    /// What the cells cannot say; may be empty.
    pub footnote: String,
    /// What to say where there is no row.
    pub empty: String,
}

#[derive(Template)]
#[template(path = "tables.html")]
struct Page<'a> {
    page: &'a TablesPage,
}

impl Page<'_> {
    /// Columns of numbers, and of ranges of numbers, stand to the right.
    fn class(&self, table: &PlainTable, column: &usize) -> &'static str {
        let cells = || table.rows.iter().filter_map(|row| row.get(*column));
        let number = |cell: &String| cell.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let has_digit = |cell: &String| cell.bytes().any(|byte| byte.is_ascii_digit());
        match cells().all(number) && cells().any(has_digit) {
            true => "number",
            false => "text",
        }
    }
}

/// Writes the page to `path`, replacing what is there. It needs no other file, no script and no
/// network.
///
/// # Errors
///
/// The file cannot be written.
pub fn write_tables(page: &TablesPage, path: &Path) -> Result<(), ReportError> {
    write_page(&Page { page }.render()?, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_there_escaped_and_empty_ones_say_so() {
        let page = TablesPage {
            title: "a <b>".into(),
            tables: vec![
                PlainTable {
                    title: "Clips".into(),
                    head: vec!["name".into(), "count".into()],
                    rows: vec![
                        vec!["x & y".into(), "12".into()],
                        vec!["3".into(), "3-40".into()],
                    ],
                    footnote: "Counted by hand.".into(),
                    ..PlainTable::default()
                },
                PlainTable {
                    title: "Others".into(),
                    empty: "There are none.".into(),
                    ..PlainTable::default()
                },
            ],
            ..TablesPage::default()
        };
        let text = Page { page: &page }.render().unwrap();
        for wanted in [
            "<td class=\"text\">x &#38; y</td>",
            "<th scope=\"col\" class=\"number\">count</th>",
            "<td class=\"text\">3</td><td class=\"number\">3-40</td>",
            "Counted by hand.",
            "There are none.",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert!(!text.contains("<b>"));
    }
}
