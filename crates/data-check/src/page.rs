//! A check as a page.

use std::path::Path;

use report::{PlainTable, ReportError, TablesPage, write_tables};

use crate::check::Check;
use crate::fault::FaultKind;

/// Faults of a kind that the page names; JSON has all.
const NAMED: usize = 500;

impl Check {
    /// Writes a page of it to `path`, replacing what is there. It needs no script and no network.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write_page(&self, path: &Path, command: &str) -> Result<(), ReportError> {
        let mut notes = Vec::new();
        if self.looked_at < self.clips {
            notes.push(format!(
                "The check was stopped: {} of {} clips were looked at.",
                self.looked_at, self.clips
            ));
        }
        if let Some(first) = self.unchecked.first() {
            notes.push(format!(
                "{} clips could not be looked at here, the first {}: {}.",
                self.unchecked.len(),
                first.path,
                first.why
            ));
        }
        let page = TablesPage {
            kicker: "Data check".into(),
            title: self.root.clone(),
            answer: format!("{}.", self.sentence()),
            notes,
            tables: self.tables(),
            command: command.to_owned(),
        };
        write_tables(&page, path)
    }

    fn tables(&self) -> Vec<PlainTable> {
        let kinds = || {
            FaultKind::ALL
                .into_iter()
                .filter(|kind| self.of(*kind).next().is_some())
        };
        let overview = kinds().map(|kind| {
            let count = self.of(kind).count();
            vec![
                kind.as_str().into(),
                count.to_string(),
                kind.meaning().into(),
            ]
        });
        let mut tables = vec![PlainTable {
            title: "What is wrong".into(),
            head: ["kind", "faults", "what it means"].map(Into::into).into(),
            rows: overview.collect(),
            empty: "Nothing that is looked for was found.".into(),
            ..PlainTable::default()
        }];
        let (head, rows) = self.group_rows();
        tables.push(PlainTable {
            title: "Clips".into(),
            head: head.map(Into::into).into(),
            rows: rows.into_iter().map(Into::into).collect(),
            footnote:
                "Frames: the least and the most. Quantiser: mean of a clip's frames, the least \
                       and the most, 0 (nothing lost) to 51."
                    .into(),
            empty: "There are none.".into(),
        });
        let (head, rows) = self.published_rows();
        if !rows.is_empty() {
            tables.push(PlainTable {
                title: "Beside the published numbers".into(),
                head: head.map(Into::into).into(),
                rows: rows.into_iter().map(Into::into).collect(),
                ..PlainTable::default()
            });
        }
        for kind in kinds() {
            let more = self.of(kind).count().saturating_sub(NAMED);
            let rows = self.of(kind).take(NAMED).map(|fault| {
                let other = fault.other.clone().unwrap_or_default();
                vec![fault.path.clone(), other, fault.what.clone()]
            });
            tables.push(PlainTable {
                title: kind.as_str().into(),
                head: ["clip", "other", "what is wrong"].map(Into::into).into(),
                rows: rows.collect(),
                footnote: match more {
                    0 => String::new(),
                    more => format!("{more} more are in the JSON."),
                },
                empty: String::new(),
            });
        }
        tables
    }
}
