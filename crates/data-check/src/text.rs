//! A check as text for a terminal.

use std::fmt;

use crate::check::Check;
use crate::counts::Range;
use crate::fault::FaultKind;

/// Faults of a kind that are named; the others are counted.
const NAMED: usize = 8;

impl Range {
    /// `16`, or `12-40`.
    pub(crate) fn whole(&self) -> String {
        let (least, most) = (self.least.round(), self.most.round());
        match least == most {
            true => format!("{least:.0}"),
            false => format!("{least:.0}-{most:.0}"),
        }
    }
}

impl Check {
    /// What was found, in one sentence.
    pub fn sentence(&self) -> String {
        let clips = match self.looked_at == self.clips {
            true => format!("{} clips", self.clips),
            false => format!("{} of {} clips", self.looked_at, self.clips),
        };
        let found = match (self.faults.len(), self.fault_counts.len()) {
            (0, _) => "no fault found".to_owned(),
            (1, _) => "1 fault".to_owned(),
            (faults, 1) => format!("{faults} faults of one kind"),
            (faults, kinds) => format!("{faults} faults of {kinds} kinds"),
        };
        let unchecked = match self.unchecked.len() {
            0 => String::new(),
            count => format!("; {count} could not be looked at here"),
        };
        format!("{clips} ({}): {found}{unchecked}", self.layouts.join(", "))
    }

    /// What the clips are counted by, as rows of text below a head.
    pub(crate) fn group_rows(&self) -> ([&'static str; 7], Vec<[String; 7]>) {
        let head = [
            "label",
            "method",
            "compression",
            "part",
            "clips",
            "frames",
            "quantiser",
        ];
        let none = || "-".to_owned();
        let rows = self.groups.iter().map(|group| {
            [
                group.label.to_owned(),
                group.method.clone(),
                group.compression.clone().unwrap_or_else(none),
                group.split.map_or_else(none, |split| split.to_string()),
                group.clips.to_string(),
                group.frames.as_ref().map_or_else(none, Range::whole),
                group.quantizer.as_ref().map_or_else(none, Range::whole),
            ]
        });
        (head, rows.collect())
    }

    /// The published numbers, as rows of text below a head.
    pub(crate) fn published_rows(&self) -> ([&'static str; 7], Vec<[String; 7]>) {
        let head = [
            "data set",
            "label",
            "method",
            "compression",
            "part",
            "here",
            "published",
        ];
        let rows = self.published.iter().map(|beside| {
            [
                beside.layout.clone(),
                beside.label.to_owned(),
                beside.method.clone().unwrap_or_else(|| "all".into()),
                beside.compression.clone().unwrap_or_else(|| "-".into()),
                beside
                    .split
                    .map_or_else(|| "all".into(), |split| split.to_string()),
                beside.clips.to_string(),
                beside.published.to_string(),
            ]
        });
        (head, rows.collect())
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, rows) = self.group_rows();
        write_table(f, &head, &rows)?;
        let (head, rows) = self.published_rows();
        if !rows.is_empty() {
            writeln!(f)?;
            write_table(f, &head, &rows)?;
        }
        for kind in FaultKind::ALL {
            let mut faults = self.of(kind);
            let named: Vec<_> = faults.by_ref().take(NAMED).collect();
            if named.is_empty() {
                continue;
            }
            let more = faults.count();
            writeln!(
                f,
                "\n{} ({}): {}",
                kind.as_str(),
                named.len() + more,
                kind.meaning()
            )?;
            for fault in named {
                let other = fault.other.as_deref().map(|other| format!(" | {other}"));
                writeln!(
                    f,
                    "  {}{}: {}",
                    fault.path,
                    other.unwrap_or_default(),
                    fault.what
                )?;
            }
            if more > 0 {
                writeln!(f, "  and {more} more")?;
            }
        }
        if let Some(first) = self.unchecked.first() {
            let count = self.unchecked.len();
            writeln!(
                f,
                "\nnot looked at ({count})\n  {}: {}",
                first.path, first.why
            )?;
        }
        writeln!(f, "\n{}", self.sentence())
    }
}

/// Columns as wide as their widest cell.
fn write_table<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    head: &[&str; N],
    rows: &[[String; N]],
) -> fmt::Result {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> = cells
            .zip(widths)
            .map(|(cell, w)| format!("{cell:w$}"))
            .collect();
        writeln!(f, "{}", cells.join("  ").trim_end())
    };
    line(&mut head.iter().copied())?;
    rows.iter()
        .try_for_each(|row| line(&mut row.iter().map(String::as_str)))
}
