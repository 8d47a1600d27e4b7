#![doc = include_str!("../README.md")]

mod chart;
mod comparison;
mod data;
mod error;
mod explanations;
mod figures;
mod format;
mod gallery;
mod identity;
pub mod overlay;
mod page;
mod picture;
pub mod robustness;
mod table;
mod tables;

use std::path::Path;

use askama::Template as _;
use face_preproc::pictures::write_atomically;

pub use comparison::{Comparison, DifferenceRow, Matrix, MatrixCell, write_comparison};
pub use data::{
    Curve, GalleryItem, Headline, Kind, Level, Measured, MetricsRow, MetricsTable, NextStep,
    PlacesRow, Report, RocSeries, Scores, Training,
};
pub use error::ReportError;
pub use explanations::{ExplainedFace, ExplainedFile, Explanations, write_explanations};
pub use identity::{IdentityPage, InteractionFigure, PlacedFace, ProbeRow, write_identity_page};
pub use overlay::Map;
pub use picture::{jpeg_data_uri, png_data_uri};
pub use tables::{PlainTable, TablesPage, write_tables};

/// The style of all pages, for others that are to look alike.
pub const STYLE: &str = include_str!("../templates/style.css");

/// The report as one HTML page that needs no other file, no script and no network.
///
/// # Errors
///
/// A picture cannot be encoded.
pub fn render(report: &Report) -> Result<String, ReportError> {
    Ok(page::Page::new(report)?.render()?)
}

/// Renders the report and writes it to `path`, replacing what is there in one step.
///
/// # Errors
///
/// As [`render`], and the file cannot be written.
pub fn write(report: &Report, path: &Path) -> Result<(), ReportError> {
    write_page(&render(report)?, path)
}

/// Writes a page whole or not at all: where there is one, it is finished.
fn write_page(page: &str, path: &Path) -> Result<(), ReportError> {
    write_atomically(path, page.as_bytes()).map_err(|source| ReportError::Write {
        path: path.into(),
        source,
    })
}
