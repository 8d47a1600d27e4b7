//! Metrics as text.

use metrics::Estimate;

use crate::data::{Headline, Level, Measured, MetricsRow, MetricsTable, PlacesRow};
use crate::format;

/// After a thin space that does not break.
const PERCENT: &str = "\u{202f}%";

/// A table of metrics, ready to print.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    /// Plural noun of what is counted.
    pub(crate) unit: &'static str,
    pub(crate) rows: Vec<Row>,
    /// Whether the rows are of several data sets.
    pub(crate) several_sets: bool,
    /// What the cells cannot say.
    pub(crate) footnotes: Vec<String>,
}

pub(crate) struct Row {
    pub(crate) dataset: String,
    pub(crate) method: String,
    pub(crate) real: String,
    pub(crate) forged: String,
    /// In the order of the template's head.
    pub(crate) cells: [Cell; 8],
}

/// A measure: its value, its interval in words of its unit, and a mark where it needs a footnote.
pub(crate) struct Cell {
    pub(crate) value: String,
    pub(crate) interval: String,
    pub(crate) mark: &'static str,
}

/// A large number of the page's head.
pub(crate) struct Tile {
    pub(crate) name: &'static str,
    pub(crate) cell: Cell,
}

impl Table {
    pub(crate) fn new(table: &MetricsTable) -> Self {
        let (title, unit) = match table.level {
            Level::Frame => ("By frame", "frames"),
            Level::Video => ("By video", "videos"),
        };
        let mut footnotes = Vec::new();
        for row in &table.rows {
            // One class missing leaves all measures undefined for one reason: say it once.
            let reason = measures(row)
                .into_iter()
                .find_map(|measure| measure.as_ref().err());
            footnotes.extend(reason.map(|why| format!("{} / {}: {why}", row.dataset, row.method)));
        }
        let alone = table.rows.iter().filter_map(|row| {
            let why = measures(row)
                .into_iter()
                .flatten()
                .find_map(|e| e.no_interval);
            why.map(|why| format!("{} / {}: no intervals: {why}", row.dataset, row.method))
        });
        footnotes.extend(alone);
        let few = |measure: &Measured| measure.as_ref().is_ok_and(|e| e.redrawn > 0);
        if table
            .rows
            .iter()
            .any(|row| measures(row).into_iter().any(few))
        {
            footnotes.push(
                "\u{2020} Some bootstrap draws held one class only and were drawn again: few \
                 independent units of that class stand behind the interval."
                    .to_owned(),
            );
        }
        Self {
            title,
            unit,
            several_sets: table
                .rows
                .windows(2)
                .any(|two| two[0].dataset != two[1].dataset),
            rows: table.rows.iter().map(Row::new).collect(),
            footnotes,
        }
    }
}

impl Row {
    fn new(row: &MetricsRow) -> Self {
        Self {
            dataset: row.dataset.clone(),
            method: row.method.clone(),
            real: format::count(row.real),
            forged: format::count(row.forged),
            cells: cells(row),
        }
    }
}

/// How well places are found, ready to print.
pub(crate) struct Places {
    /// What was measured of any method.
    pub(crate) head: Vec<&'static str>,
    /// Method, faces, and a cell for each of `head`.
    pub(crate) rows: Vec<(String, String, Vec<String>)>,
}

/// One of a row's measures.
type Share = fn(&PlacesRow) -> Option<f64>;

impl Places {
    pub(crate) fn new(rows: &[PlacesRow]) -> Self {
        let columns: [(_, Share); 4] = [
            ("IoU of pixels", |row| row.pixel_overlap),
            ("F1 of pixels", |row| row.pixel_f1),
            ("AUC of pixels", |row| row.pixel_auc),
            ("IoU of the surest box", |row| row.box_overlap),
        ];
        let known = |of: Share| rows.iter().any(|row| of(row).is_some());
        let columns: Vec<_> = columns.into_iter().filter(|(_, of)| known(*of)).collect();
        let text = |share: Option<f64>| share.map_or_else(|| "\u{2013}".into(), format::share);
        let row = |row: &PlacesRow| {
            let cells = columns.iter().map(|(_, of)| text(of(row))).collect();
            (row.method.clone(), format::count(row.faces), cells)
        };
        Self {
            head: columns.iter().map(|(name, _)| *name).collect(),
            rows: rows.iter().map(row).collect(),
        }
    }
}

/// The headline's measures, large.
pub(crate) fn tiles(headline: &Headline) -> Vec<Tile> {
    let names = ["AUC", "Average precision", "Equal error rate", "Accuracy"];
    let tiles = names.into_iter().zip(cells(&headline.result));
    tiles.map(|(name, cell)| Tile { name, cell }).collect()
}

/// The headline's AUC in words.
pub(crate) fn answer(headline: &Headline) -> String {
    let Headline { level, result } = headline;
    let unit = level.noun();
    let counts = format!(
        "{} real and {} forged {unit}s ({}, {})",
        format::count(result.real),
        format::count(result.forged),
        result.dataset,
        result.method
    );
    match &result.auc {
        Err(why) => format!("No answer on {counts}: {why}."),
        Ok(auc) => {
            let interval = match interval(auc, format::percent, PERCENT) {
                text if text.is_empty() => text,
                text => format!(" (95{PERCENT} interval {text})"),
            };
            let share = format::percent(auc.value);
            format!(
                "A forged {unit} scores higher than a real one in {share}{PERCENT} of all \
                 pairs{interval}, on {counts}."
            )
        }
    }
}

fn measures(row: &MetricsRow) -> [&Measured; 8] {
    [
        &row.auc,
        &row.average_precision,
        &row.equal_error_rate,
        &row.accuracy,
        &row.argmax_accuracy,
        &row.true_positive_rate_1,
        &row.true_positive_rate_01,
        &row.calibration_error,
    ]
}

/// AUC and AP as shares, rates of error and of success as percentages, as papers print them.
fn cells(row: &MetricsRow) -> [Cell; 8] {
    let measures = measures(row);
    std::array::from_fn(|place| match place {
        0 | 1 => cell(measures[place], format::share, ""),
        _ => cell(measures[place], format::percent, PERCENT),
    })
}

pub(crate) fn cell(measure: &Measured, text: fn(f64) -> String, unit: &str) -> Cell {
    match measure {
        Ok(estimate) if estimate.value.is_finite() => Cell {
            value: text(estimate.value) + unit,
            interval: interval(estimate, text, unit),
            mark: if estimate.redrawn > 0 { "\u{2020}" } else { "" },
        },
        _ => Cell {
            value: "\u{2013}".to_owned(),
            interval: "undefined".to_owned(),
            mark: "",
        },
    }
}

/// `low\u{2013}high`, or nothing where an end is not finite.
fn interval(estimate: &Estimate, text: fn(f64) -> String, unit: &str) -> String {
    let Estimate { low, high, .. } = *estimate;
    if low.is_finite() && high.is_finite() {
        format!("{}\u{2013}{}{unit}", text(low), text(high))
    } else {
        String::new()
    }
}
