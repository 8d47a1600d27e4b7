//! A page that sets several detectors on several data sets side by side.

use std::path::Path;

use askama::Template;

use crate::data::{Level, Measured};
use crate::{ReportError, format, write_page};

/// Detectors on data sets. All text is plain text: the page escapes it.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// What is compared, in a few words.
    pub title: String,
    /// What a reader must know before believing the numbers.
    pub notes: Vec<String>,
    /// The columns' names.
    pub datasets: Vec<String>,
    /// AUC of each detector on each data set, over all methods, one matrix a level.
    pub matrices: Vec<Matrix>,
    /// The same of each method: one matrix a data set and level, its columns the methods.
    pub methods: Vec<Matrix>,
    /// Pairs of detectors on the same rows.
    pub differences: Vec<DifferenceRow>,
    /// The command that made the page.
    pub command: String,
}

/// A table with a row for each detector.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// What it shows.
    pub title: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Each detector's name and cells, as many as there are columns.
    pub rows: Vec<(String, Vec<MatrixCell>)>,
}

/// One cell: an AUC, or why there is none.
#[derive(Clone, Debug)]
pub struct MatrixCell {
    /// The area under the ROC curve, in [0, 1].
    pub auc: Result<Measured, String>,
    /// A page with more, relative to this one.
    pub link: Option<String>,
}

/// By how much one detector is better than another on the same rows.
#[derive(Clone, Debug)]
pub struct DifferenceRow {
    /// The data set.
    pub dataset: String,
    /// What is ranked.
    pub level: Level,
    /// The detector that is subtracted, and the other.
    pub detectors: [String; 2],
    /// AUC of the second minus that of the first.
    pub difference: Measured,
}

#[derive(Template)]
#[template(path = "comparison.html")]
struct Page<'a> {
    comparison: &'a Comparison,
}

/// A cell in words: value, and interval or reason.
struct Shown {
    value: String,
    small: String,
}

impl Page<'_> {
    fn cell(&self, cell: &MatrixCell) -> Shown {
        match &cell.auc {
            Ok(Ok(auc)) => Shown {
                value: format::share(auc.value),
                small: match auc.no_interval {
                    None => interval(auc.low, auc.high),
                    Some(why) => format!("no interval: {why}"),
                },
            },
            Ok(Err(why)) => Shown {
                value: "\u{2013}".into(),
                small: why.to_string(),
            },
            Err(why) => Shown {
                value: "\u{2013}".into(),
                small: why.clone(),
            },
        }
    }

    fn difference(&self, row: &DifferenceRow) -> Shown {
        match &row.difference {
            Ok(found) => Shown {
                value: format!("{:+.3}", found.value),
                small: match found.no_interval {
                    None => format!("{:+.3} to {:+.3}", found.low, found.high),
                    Some(why) => format!("no interval: {why}"),
                },
            },
            Err(why) => Shown {
                value: "\u{2013}".into(),
                small: why.to_string(),
            },
        }
    }

    /// Whether the interval of the difference leaves 0 out.
    fn verdict(&self, row: &DifferenceRow) -> &'static str {
        match &row.difference {
            Ok(found) if found.no_interval.is_some() => "undefined",
            Ok(found) if found.low > 0.0 => "the second is better",
            Ok(found) if found.high < 0.0 => "the first is better",
            Ok(_) => "not told apart",
            Err(_) => "undefined",
        }
    }
}

fn interval(low: f64, high: f64) -> String {
    match low.is_finite() && high.is_finite() {
        true => format!("{}\u{2013}{}", format::share(low), format::share(high)),
        false => String::new(),
    }
}

/// Writes the page to `path`, replacing what is there.
///
/// # Errors
///
/// The file cannot be written.
pub fn write_comparison(comparison: &Comparison, path: &Path) -> Result<(), ReportError> {
    write_page(&Page { comparison }.render()?, path)
}
