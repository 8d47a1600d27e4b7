//! A page about what perturbations leave of detectors' AUC: curves by level, and tables with
//! intervals.

use std::path::Path;

use askama::Template;

use crate::chart::{Axis, Chart, drawable};
use crate::data::Measured;
use crate::figures::{Entry, Figure, class, legend};
use crate::table::{Cell, cell};
use crate::{ReportError, format, write_page};

/// Width and height of a perturbation's chart.
const CHART: (f64, f64) = (330.0, 250.0);

/// What perturbations leave of some runs' AUC. All text is plain text: the page escapes it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What was done, in a few words.
    pub title: String,
    /// To which data.
    pub subtitle: String,
    /// What a reader must know before believing the numbers.
    pub notes: Vec<String>,
    /// The levels measured, each 1 to 5, ascending.
    pub levels: Vec<u8>,
    /// What was found, run by run; all with the same perturbations.
    pub runs: Vec<RunRows>,
    /// The command that repeats it.
    pub command: String,
}

/// What is left of one run's AUC.
#[derive(Clone, Debug)]
pub struct RunRows {
    /// The run.
    pub name: String,
    /// Real and forged frames.
    pub counts: [u64; 2],
    /// AUC of untouched pictures, by frame.
    pub untouched_frame: Measured,
    /// AUC of untouched pictures, by video.
    pub untouched_video: Measured,
    /// One row for each perturbation.
    pub rows: Vec<Row>,
    /// Mean video AUC over perturbations of pictures and levels.
    pub mean: Option<f64>,
    /// Whether that mean is the average of CADDM's Table 4: six perturbations, five levels.
    pub is_of_table_4: bool,
}

/// What one perturbation leaves, by level.
#[derive(Clone, Debug)]
pub struct Row {
    /// The perturbation.
    pub name: String,
    /// AUC by frame, a value for each level.
    pub frame: Vec<Measured>,
    /// AUC by video, a value for each level.
    pub video: Vec<Measured>,
    /// Mean of the video AUC over the levels.
    pub mean: Option<f64>,
}

#[derive(Template)]
#[template(path = "robustness.html")]
struct Shown<'a> {
    page: &'a Page,
    answer: String,
    figures: Vec<Figure>,
    tables: Vec<Table>,
}

/// One unit of one run.
struct Table {
    title: String,
    rows: Vec<Line>,
    footnote: String,
}

struct Line {
    name: String,
    cells: Vec<Cell>,
    mean: String,
}

/// Writes the page to `path`, replacing what is there. It needs no script and no network.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(page: &Page, path: &Path) -> Result<(), ReportError> {
    write_page(&render(page)?, path)
}

/// The page as HTML.
///
/// # Errors
///
/// None at present: the template is checked when it is compiled.
pub fn render(page: &Page) -> Result<String, ReportError> {
    let tables = page.runs.iter().flat_map(tables);
    let template = Shown {
        page,
        answer: answer(page),
        figures: figures(page),
        tables: tables.collect(),
    };
    Ok(template.render()?)
}

/// Each run's loss in words.
fn answer(page: &Page) -> String {
    let sentences = page.runs.iter().map(|run| {
        let Ok(untouched) = &run.untouched_video else {
            return format!("{} has no AUC on these data.", run.name);
        };
        let worst = run
            .rows
            .iter()
            .filter_map(|row| Some((row.mean?, &row.name)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let untouched = format::share(untouched.value);
        match (run.mean, worst) {
            (Some(mean), Some((least, name))) => format!(
                "{}: a video AUC of {untouched} becomes {} on average; {name} takes most and leaves {}.",
                run.name,
                format::share(mean),
                format::share(least),
            ),
            (None, Some((least, name))) => format!(
                "{}: {name} leaves {} of a video AUC of {untouched}.",
                run.name,
                format::share(least),
            ),
            _ => format!("{}: a video AUC of {untouched}.", run.name),
        }
    });
    sentences.collect::<Vec<_>>().join(" ")
}

/// A chart for each perturbation, with a line for each run.
fn figures(page: &Page) -> Vec<Figure> {
    let names: Vec<&str> = page.runs.iter().map(|run| run.name.as_str()).collect();
    let value = |measured: &Measured| measured.as_ref().map_or(f64::NAN, |m| m.value);
    let of_run = |run: &RunRows| {
        let levels = run.rows.iter().flat_map(|row| &row.video);
        let all = levels.chain([&run.untouched_video]);
        all.map(value).collect::<Vec<_>>()
    };
    let lowest = page.runs.iter().flat_map(of_run);
    let lowest = lowest.filter(|v| drawable(*v)).fold(0.5, f64::min);
    let kinds = page.runs.first().map_or(0, |run| run.rows.len());
    let last = page.levels.last().copied().unwrap_or(1);
    (0..kinds)
        .map(|kind| {
            let title = page.runs[0].rows[kind].name.clone();
            let mut chart = Chart::new(
                format!("Video AUC by level of {title}: {}", names.join(", ")),
                Axis::fixed("Level (0 = untouched)", 0.0, f64::from(last)),
                Axis::around("Video AUC", [lowest, 1.0].into_iter()),
                CHART,
            );
            chart.line("guess", [(0.0, 0.5), (f64::from(last), 0.5)]);
            for (i, run) in page.runs.iter().enumerate() {
                let levels = page.levels.iter().map(|level| f64::from(*level));
                let Some(row) = run.rows.get(kind) else {
                    continue;
                };
                let points = levels.zip(row.video.iter().map(value));
                let first = (0.0, value(&run.untouched_video));
                let points: Vec<_> = [first].into_iter().chain(points).collect();
                chart.line(&class(i), points.iter().copied());
                chart.dots(&class(i), points);
            }
            let legend: Vec<Entry> = match names.len() {
                ..2 => Vec::new(),
                _ => legend(&names),
            };
            Figure {
                title: title.into(),
                chart: Ok(chart),
                legend,
                caption: String::new(),
            }
        })
        .collect()
}

/// A run's tables: by video, then by frame.
fn tables(run: &RunRows) -> [Table; 2] {
    let lines = |untouched: &Measured, levels: fn(&Row) -> &[Measured], with_mean: bool| {
        let line = |row: &Row| Line {
            name: row.name.clone(),
            cells: [untouched]
                .into_iter()
                .chain(levels(row))
                .map(|measured| cell(measured, format::share, ""))
                .collect(),
            mean: match row.mean {
                Some(mean) if with_mean => format::share(mean),
                _ => "\u{2013}".into(),
            },
        };
        run.rows.iter().map(line).collect()
    };
    let what = match run.is_of_table_4 {
        true => "Mean of the six perturbations of pictures, as CADDM's Table 4 has it",
        false => "Mean of the perturbations of pictures",
    };
    let [real, forged] = run.counts.map(format::count);
    [
        Table {
            title: format!("{}: AUC by video", run.name),
            rows: lines(&run.untouched_video, |row| &row.video, true),
            footnote: run
                .mean
                .map(|mean| format!("{what}: {}.", format::share(mean)))
                .unwrap_or_default(),
        },
        Table {
            title: format!(
                "{}: AUC by frame, {real} real and {forged} forged",
                run.name
            ),
            rows: lines(&run.untouched_frame, |row| &row.frame, false),
            footnote: String::new(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use metrics::{Estimate, MetricError};

    use super::*;

    fn measured(value: f64) -> Measured {
        Ok(Estimate {
            value,
            low: value - 0.05,
            high: value + 0.05,
            no_interval: None,
            redrawn: 0,
        })
    }

    #[test]
    fn a_page_has_a_chart_for_each_perturbation_and_says_what_is_undefined() {
        let run = |name: &str| RunRows {
            name: name.into(),
            counts: [1200, 400],
            untouched_frame: measured(0.9),
            untouched_video: measured(0.95),
            rows: vec![
                Row {
                    name: "noise".into(),
                    frame: vec![measured(0.8), measured(0.7)],
                    video: vec![measured(0.85), Err(MetricError::Empty)],
                    mean: None,
                },
                Row {
                    name: "blur".into(),
                    frame: vec![measured(0.8), measured(0.75)],
                    video: vec![measured(0.86), measured(0.77)],
                    mean: Some(0.815),
                },
            ],
            mean: None,
            is_of_table_4: false,
        };
        let page = Page {
            levels: vec![1, 4],
            runs: vec![run("a<b"), run("c")],
            ..Page::default()
        };
        let text = render(&page).unwrap();
        assert_eq!(text.matches("<svg").count(), 2);
        assert_eq!(text.matches("<table").count(), 4);
        assert!(text.contains("undefined") && text.contains("0.815"));
        assert!(
            text.contains("blur leaves 0.815") && !text.contains("a<b"),
            "{text}"
        );
    }
}
