//! The page: everything of a report as text and pictures, in the order of the template.

use askama::Template;

use crate::data::Report;
use crate::error::ReportError;
use crate::figures::{self, Figure};
use crate::gallery::{self, Group};
use crate::table::{self, Places, Table, Tile};

#[derive(Template)]
#[template(path = "report.html")]
pub(crate) struct Page<'a> {
    report: &'a Report,
    answer: String,
    tiles: Vec<Tile>,
    tables: Vec<Table>,
    places: Places,
    roc: Figure,
    histogram: Figure,
    reliability: Figure,
    training: [Figure; 3],
    gallery: Vec<Group>,
    heat_gradient: String,
    /// Whether any example has a heat map.
    shows_heat: bool,
    /// Where the threshold stands on a score's bar.
    threshold_percent: Option<f64>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(report: &'a Report) -> Result<Self, ReportError> {
        let headline = report.headline.as_ref();
        let threshold = report
            .scores
            .threshold
            .filter(|at| (0.0..=1.0).contains(at));
        let unanswered = || "Nothing was evaluated, so there is no result yet.".to_owned();
        Ok(Self {
            report,
            answer: headline.map_or_else(unanswered, table::answer),
            tiles: headline.map(table::tiles).unwrap_or_default(),
            tables: report.tables.iter().map(Table::new).collect(),
            places: Places::new(&report.places),
            roc: figures::roc(&report.roc),
            histogram: figures::histogram(&report.scores),
            reliability: figures::reliability(&report.scores),
            training: figures::training(&report.training),
            gallery: gallery::groups(&report.gallery)?,
            heat_gradient: gallery::heat_gradient(),
            shows_heat: report.gallery.iter().any(|item| item.heat_map.is_some()),
            threshold_percent: threshold.map(|threshold| 100.0 * threshold),
        })
    }
}
