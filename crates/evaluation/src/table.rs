//! Tables for a terminal.

use std::fmt::Write;

use metrics::Estimate;

/// A measure in a sentence: `0.860 (95 % interval 0.823 to 0.891)`.
#[must_use]
pub fn in_words(estimate: &Estimate) -> String {
    let Estimate {
        value, low, high, ..
    } = estimate;
    match estimate.no_interval {
        None => format!("{value:.3} (95 % interval {low:.3} to {high:.3})"),
        Some(why) => format!("{value:.3} (no interval: {why})"),
    }
}

/// Lines of cells as text, numbers to the right.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<_> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in lines {
        let cells = line
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| match cell.parse::<f64>() {
                Ok(_) => format!("{cell:>width$}"),
                Err(_) => format!("{cell:<width$}"),
            });
        let cells: Vec<_> = cells.collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}
